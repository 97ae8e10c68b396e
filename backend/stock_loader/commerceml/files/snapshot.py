"""What `--file` may name: files, folders, zip archives, standard input; together they are one snapshot of the stock.

1C leaves a snapshot as `rests.xml`, in segments `rests_1_1_<uuid>.xml` … `rests_1_8_<uuid>.xml`, or as a zip of them.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from stock_loader.commerceml.files.archives import Archive, is_archive, is_archive_name, is_incomplete, split_member
from stock_loader.commerceml.files.chunks import StockFile, plain_file
from stock_loader.commerceml.files.folders import Entry, Folder
from stock_loader.commerceml.files.kept_input import STANDARD_INPUT, KeptInput, standard_input
from stock_loader.commerceml.files.names import no_stock_file, of_first_pattern
from stock_loader.errors import DocumentError


class Snapshot:
    """The documents that the operator named, in order; a context manager that holds archives open, and input kept."""

    def __init__(self, paths: Sequence[str], *, standard_input: BinaryIO | None = None) -> None:
        self.unread: list[str] = []
        """Stock files in folders below those that were read."""
        self._paths = paths
        self._standard_input = standard_input
        self._resources = ExitStack()
        self._listed: list[tuple[Callable[[], list[Entry]], list[Entry]]] = []

    def __enter__(self) -> Self:
        """Return the snapshot."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close archives, and remove the copy of standard input."""
        self._resources.close()

    def files(self) -> list[StockFile]:
        """Return the documents: as named, folders and archives in the natural order of their names.

        Raises:
            DocumentError: a folder or archive without a stock file, or an archive that is not to be trusted.
        """
        return [file for path in self._paths for file in self._files_of(path)]

    def arrived(self) -> list[str]:
        """Return the names of stock files that came into a folder since `files` listed it.

        Raises:
            DocumentError: a folder cannot be read any more.
        """
        listed = {entry.name for _, entries in self._listed for entry in entries}
        now = {entry.name for list_again, _ in self._listed for entry in list_again()}
        read = {*of_first_pattern(listed | now), *filter(is_archive_name, now)}
        return sorted((now - listed) & read)

    def _files_of(self, path: str) -> list[StockFile]:
        if path == STANDARD_INPUT:
            return [self._kept_input()]
        if _is_folder(path):
            return self._in_folder(Folder(path))
        archive, member = split_member(path)
        if is_archive(archive):
            return self._in_archive(archive, member)
        if is_incomplete(path):
            raise _incomplete().in_file(path)
        return [plain_file(path)]

    def _kept_input(self) -> StockFile:
        if list(self._paths).count(STANDARD_INPUT) > 1:
            error = DocumentError("standard input can be read only once. Name it once.")
            raise error.in_file(STANDARD_INPUT)
        kept = self._resources.enter_context(KeptInput(self._standard_input or standard_input()))
        return StockFile(name=STANDARD_INPUT, size=0, chunks=kept.chunks)

    def _in_archive(self, path: str, member: str) -> list[StockFile]:
        archive = self._resources.enter_context(Archive(path))
        documents = archive.documents(member)
        if member:
            return list(documents.values())
        chosen = _chosen(documents)
        if not chosen:
            raise no_stock_file(path, archive.names)
        return chosen

    def _in_folder(self, folder: Folder) -> list[StockFile]:
        for entries in (folder.own, folder.below):
            listed = entries()
            self._listed.append((entries, listed))
            documents: dict[str, StockFile] = {}
            for entry in listed:
                documents |= self._of_entry(entry)
            if chosen := _chosen(documents):
                break
        else:
            raise folder.without_stock()
        if entries == folder.own:
            with suppress(DocumentError):  # what is not read is no reason to fail
                self.unread += [entry.name for entry in folder.below() if not entry.is_archive]
        return chosen

    def _of_entry(self, entry: Entry) -> dict[str, StockFile]:
        if not entry.is_archive:
            return {entry.name: plain_file(entry.path, name=entry.name, listed=entry.status)}
        if is_incomplete(entry.path):
            raise _incomplete().in_file(entry.name)
        with ExitStack() as unless_kept:
            archive = unless_kept.enter_context(Archive(entry.path, name=entry.name, listed=entry.status))
            if not archive.may_hold_stock:
                return {}
            documents = archive.documents()
            self._resources.push(unless_kept.pop_all())
            return documents


def _chosen(documents: Mapping[str, StockFile]) -> list[StockFile]:
    """Return the documents whose names are of the first pattern that any has, in natural order."""
    return [documents[name] for name in of_first_pattern(documents)]


def _incomplete() -> DocumentError:
    return DocumentError(
        "an incomplete zip: it begins as one and has no end. Wait until 1C has sent all of its parts, and join them."
    )


def _is_folder(path: str) -> bool:
    try:
        return Path(path).is_dir()
    except (OSError, ValueError):
        return False
