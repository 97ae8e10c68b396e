"""What `--file` may name: files, folders, zip archives, standard input; together they are one snapshot of the stock.

1C leaves a snapshot as `rests.xml`, in segments `rests_1_1_<uuid>.xml` … `rests_1_8_<uuid>.xml`, or as a zip of them.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from stock_loader.commerceml.files.archives import in_archive, is_archive, split_member
from stock_loader.commerceml.files.chunks import StockFile, plain_file
from stock_loader.commerceml.files.kept_input import STANDARD_INPUT, KeptInput, standard_input
from stock_loader.commerceml.files.names import in_file, stock_names
from stock_loader.errors import DocumentError


class Snapshot:
    """The documents that the operator named, in order; a context manager that removes what had to be kept."""

    def __init__(self, paths: Sequence[str], *, standard_input: BinaryIO | None = None) -> None:
        self._paths = paths
        self._standard_input = standard_input
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        """Return the snapshot."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Remove the copy of standard input."""
        self._resources.close()

    def files(self) -> list[StockFile]:
        """Return the documents: as named, folders and archives in the natural order of their names.

        Raises:
            DocumentError: a folder or archive without a stock file, or an archive that is not to be trusted.
        """
        return [file for path in self._paths for file in self._files_of(path)]

    def _kept_input(self) -> StockFile:
        if list(self._paths).count(STANDARD_INPUT) > 1:
            error = DocumentError("standard input can be read only once. Name it once.")
            raise in_file(STANDARD_INPUT, error)
        kept = self._resources.enter_context(KeptInput(self._standard_input or standard_input()))
        return StockFile(name=STANDARD_INPUT, size=0, chunks=kept.chunks)

    def _files_of(self, path: str) -> list[StockFile]:
        if path == STANDARD_INPUT:
            return [self._kept_input()]
        if _is_folder(path):
            return [plain_file(str(file)) for file in _in_folder(path)]
        archive, member = split_member(path)
        return in_archive(archive, member) if is_archive(archive) else [plain_file(path)]


def _is_folder(path: str) -> bool:
    try:
        return Path(path).is_dir()
    except (OSError, ValueError):
        return False


def _in_folder(path: str) -> list[Path]:
    try:
        names = [entry.name for entry in Path(path).iterdir()]
    except OSError as error:
        raise in_file(path, DocumentError("cannot be read: %(reason)s.", reason=error.strerror)) from error
    return [Path(path) / name for name in stock_names(path, names)]
