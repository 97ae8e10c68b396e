"""What `--file` may name: files, folders, zip archives, standard input; together they are one snapshot of the stock.

1C leaves a snapshot as `rests.xml`, in segments `rests_1_1_<uuid>.xml` … `rests_1_8_<uuid>.xml`, or as a zip of them.
"""

import os
import re
import stat
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import BinaryIO, Self

from stock_loader.commerceml.files.chunks import CHUNK_BYTES, file_size, read_chunks, refuse_changed
from stock_loader.errors import DocumentError

STANDARD_INPUT = "-"
PATTERNS = ("rests*.xml", "offers*.xml")
"""Names of stock files in a folder or an archive; the second only where there is none of the first."""

MAX_MEMBERS = 10_000
MAX_MEMBER_BYTES = 64 * 2**30
MAX_ARCHIVE_BYTES = 256 * 2**30
MAX_RATIO = 500
"""Unpacked by packed size. Synthetic stock files reach 20 to 40, what is made to burst memory a thousand and more."""
RATIO_FREE_BYTES = 2**20
"""A member this small may have any ratio."""


@dataclass(frozen=True, kw_only=True)
class StockFile:
    """One document of a snapshot; can be read more than once."""

    name: str
    """For messages: the path, `archive.zip!member`, or `-`."""
    size: int
    """Bytes, 0 where that is not known."""
    chunks: Callable[[], Generator[bytes]]
    """Begin to read it from the start; raises DocumentError."""


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

    def _files_of(self, path: str) -> list[StockFile]:
        if path == STANDARD_INPUT:
            kept = self._resources.enter_context(_KeptInput(self._standard_input or sys.stdin.buffer))
            return [StockFile(name=path, size=0, chunks=kept.chunks)]
        if _is_folder(path):
            return [_plain_file(str(file)) for file in _in_folder(path)]
        return _in_archive(path) if _is_archive(path) else [_plain_file(path)]


def _plain_file(path: str) -> StockFile:
    return StockFile(name=path, size=file_size(path), chunks=lambda: read_chunks(path))


def _is_folder(path: str) -> bool:
    try:
        return Path(path).is_dir()
    except (OSError, ValueError):
        return False


def _in_folder(path: str) -> list[Path]:
    try:
        names = [entry.name for entry in Path(path).iterdir()]
    except OSError as error:
        raise _in_file(path, DocumentError("cannot be read: %(reason)s.", reason=error.strerror)) from error
    return [Path(path) / name for name in _stock_names(path, names)]


def _stock_names(where: str, names: Iterable[str]) -> list[str]:
    """Return the names of stock files in natural order: segment 2 before segment 10."""
    found = list(names)
    for pattern in PATTERNS:
        chosen = [name for name in found if fnmatch(PurePosixPath(name).name.casefold(), pattern)]
        if chosen:
            return sorted(chosen, key=_natural_order)
    error = DocumentError(
        "no stock file in it: expected %(expected)s, saw %(seen)s.",
        expected=" / ".join(PATTERNS),
        seen=", ".join(sorted(found)[:5]) or "nothing",
    )
    raise _in_file(where, error)


def _natural_order(name: str) -> list[tuple[bool, int, str]]:
    return [
        (not part.isdigit(), int(part) if part.isdigit() else 0, part)
        for part in re.split(r"([0-9]+)", name.casefold())
    ]


def _is_archive(path: str) -> bool:
    try:
        return stat.S_ISREG(Path(path).stat().st_mode) and zipfile.is_zipfile(path)
    except (OSError, ValueError):
        return False


def _in_archive(path: str) -> list[StockFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = {member.filename: member for member in archive.infolist() if not member.is_dir()}
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise _in_file(path, DocumentError("not a readable zip archive: %(reason)s.", reason=error)) from error
    try:
        _refuse_hostile(list(members.values()))
    except DocumentError as error:
        raise _in_file(path, error) from None
    return [_member(path, members[name]) for name in _stock_names(path, members)]


def _refuse_hostile(members: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse what only an archive has that is made to fill memory or to hide something."""
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_ARCHIVE_BYTES:
        raise DocumentError("the archive is too large: it may hold %(limit)s files.", limit=MAX_MEMBERS)
    for member in members:
        if member.filename.casefold().endswith(".zip"):
            raise DocumentError("an archive inside the archive: %(seen)s. Unpack it first.", seen=member.filename)
        if member.flag_bits & 1:
            raise DocumentError("%(seen)s in it is encrypted. Pack it without a password.", seen=member.filename)
        ratio = member.file_size / max(member.compress_size, 1)
        if member.file_size > MAX_MEMBER_BYTES or (member.file_size > RATIO_FREE_BYTES and ratio > MAX_RATIO):
            raise DocumentError(
                "%(seen)s in it is refused: it would unpack to %(size)s bytes, %(ratio)s times its size.",
                seen=member.filename,
                size=member.file_size,
                ratio=round(ratio),
            )


def _member(path: str, member: zipfile.ZipInfo) -> StockFile:
    return StockFile(name=f"{path}!{member.filename}", size=member.file_size, chunks=lambda: _unpacked(path, member))


def _unpacked(path: str, member: zipfile.ZipInfo) -> Generator[bytes]:
    """Yield the member's bytes as they are unpacked; zipfile gives no more than the archive's directory says."""
    try:
        with Path(path).open("rb") as file:
            before = os.fstat(file.fileno())
            with zipfile.ZipFile(file) as archive, archive.open(member) as unpacked:
                while chunk := unpacked.read(CHUNK_BYTES):
                    yield chunk
            refuse_changed(before, os.fstat(file.fileno()))
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError) as error:
        raise DocumentError("cannot be unpacked: %(reason)s.", reason=error) from error


class _KeptInput:
    """Standard input, kept in a nameless private file, so that it can be read a second time."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._is_complete = False

    def __enter__(self) -> Self:
        self._copy = tempfile.TemporaryFile(prefix="stock-load-")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._copy.close()

    def chunks(self) -> Generator[bytes]:
        """Yield what came in; the first time as it comes."""
        source: BinaryIO = self._copy if self._is_complete else self._stream
        self._copy.seek(0)
        try:
            while chunk := source.read(CHUNK_BYTES):
                if not self._is_complete:
                    self._copy.write(chunk)
                yield chunk
        except OSError as error:
            raise DocumentError("cannot be read: %(reason)s.", reason=error.strerror) from error
        self._is_complete = True


def _in_file(path: str, error: DocumentError) -> DocumentError:
    error.file = path
    return error
