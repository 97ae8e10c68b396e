"""What a received file is, by what it holds: a stock file, or something for another importer."""

import zipfile
from collections.abc import Iterable
from contextlib import closing
from fnmatch import fnmatch

from stock_loader.commerceml.documents.kind import holds_offers
from stock_loader.commerceml.files.chunks import read_chunks
from stock_loader.commerceml.files.snapshot import Snapshot
from stock_loader.errors import DocumentError
from stock_loader.exchange.protocol import base_name, key_of

STOCK_NAMES = ("rests*.xml", "offers*.xml")
"""Of files that are stock files or broken ones: if such a file cannot be read, the load says why."""


def has_stock_file(path: str, *, name: str, member: str) -> bool:
    """Tell whether the file at `path`, sent as `name`, is for the loader; reads a document up to its first offers.

    `member` is the document of an archive that is asked for. What should be a stock file by its name, and an archive
    that cannot be read, are for the loader too: it says what is wrong.
    """
    key = key_of(member or name)
    if _is_stock_name(key):
        return True
    if key.endswith(".zip"):
        return _archive_has_stock_file(path)
    try:
        if member:
            with Snapshot([path]) as snapshot:
                return any(_holds_offers(file.chunks()) for file in snapshot.files())
        return _holds_offers(read_chunks(path))
    except DocumentError:
        return False


def is_rests(name: str) -> bool:
    """Tell whether a file of this name must hold quantities; an `offers.xml` beside one holds what is no stock."""
    return fnmatch(base_name(key_of(name)), STOCK_NAMES[0])


def _holds_offers(chunks: Iterable[bytes]) -> bool:
    with closing(chunks):  # type: ignore[type-var]  # a generator
        return holds_offers(chunks)


def _archive_has_stock_file(path: str) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(_is_stock_name(key_of(name)) for name in archive.namelist())
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError):
        return True


def _is_stock_name(key: str) -> bool:
    return any(fnmatch(base_name(key), pattern) for pattern in STOCK_NAMES)
