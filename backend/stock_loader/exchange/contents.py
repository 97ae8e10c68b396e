"""What a received file is, by what it holds: a stock file, or something for another importer."""

from collections.abc import Iterable
from contextlib import closing
from fnmatch import fnmatch

from stock_loader.commerceml.documents.kind import holds_offers
from stock_loader.commerceml.files.archives import Archive
from stock_loader.commerceml.files.chunks import read_chunks
from stock_loader.commerceml.files.snapshot import Snapshot
from stock_loader.errors import DocumentError
from stock_loader.exchange.protocol import base_name, key_of

STOCK_NAMES = ("rests*.xml", "offers*.xml")
"""Of files that are stock files or broken ones: if such a file cannot be read, the load says why."""


def stock_paths(path: str, *, name: str, member: str) -> list[str]:
    """Return what the loader is to read of the file at `path`, sent as `name`; empty of what is for another importer.

    `member` is the document of an archive that is asked for, and `path` ends with it then. Of a whole archive without
    names of stock files the documents are returned, `archive!member`, that hold offers. Documents are read up to their
    first offers. What should be a stock file by its name, and an archive that cannot be read, are for the loader: it
    says what is wrong.
    """
    key = key_of(member or name)
    if _is_stock_name(key):
        return [path]
    if key.endswith(".zip"):
        return _of_archive(path)
    try:
        if member:
            with Snapshot([path]) as snapshot:
                return [path] if any(_holds_offers(file.chunks()) for file in snapshot.files()) else []
        return [path] if _holds_offers(read_chunks(path)) else []
    except DocumentError:
        return []


def is_rests(name: str) -> bool:
    """Tell whether a file of this name must hold quantities; an `offers.xml` beside one holds what is no stock."""
    return fnmatch(base_name(key_of(name)), STOCK_NAMES[0])


def _holds_offers(chunks: Iterable[bytes]) -> bool:
    with closing(chunks):  # type: ignore[type-var]  # a generator
        return holds_offers(chunks)


def _of_archive(path: str) -> list[str]:
    """Return the archive itself where names tell its stock files, or where the loader has to say why it is no good."""
    try:
        with Archive(path) as archive:
            archive.documents()  # refuses what is not to be trusted
            if any(_is_stock_name(key_of(name)) for name in archive.names):
                return [path]
            return [f"{path}!{name}" for name in archive.names if _is_stock_document(archive, name)]
    except DocumentError:
        return [path]


def _is_stock_document(archive: Archive, name: str) -> bool:
    try:
        (document,) = archive.documents(name).values()
        return name.casefold().endswith(".xml") and _holds_offers(document.chunks())
    except DocumentError:
        return False


def _is_stock_name(key: str) -> bool:
    return any(fnmatch(base_name(key), pattern) for pattern in STOCK_NAMES)
