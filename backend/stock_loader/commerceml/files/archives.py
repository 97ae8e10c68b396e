"""Zip archives of stock files: what is read of them, and what is refused before it is unpacked."""

import os
import stat
import zipfile
import zlib
from collections.abc import Generator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from stock_loader.commerceml.files.chunks import CHUNK_BYTES, StockFile, refuse_changed, unreadable
from stock_loader.commerceml.files.names import is_stock_name
from stock_loader.errors import DocumentError

MEMBER_MARK = "!"
"""Stands between the path of an archive and the name of a document in it."""

MAX_MEMBERS = 10_000
MAX_MEMBER_BYTES = 64 * 2**30
MAX_ARCHIVE_BYTES = 256 * 2**30
MAX_RATIO = 500
"""Unpacked by packed size. Synthetic stock files reach 20 to 40, what is made to burst memory a thousand and more."""
RATIO_FREE_BYTES = 2**20
"""A member this small may have any ratio."""

METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The methods that 1C packs with. With LZMA the archive would say how much memory unpacking takes, up to 4 GiB."""
FIRST_BYTES = b"PK\x03\x04"
SUFFIX = ".zip"


def is_archive(path: str) -> bool:
    """Tell whether there is a zip archive at `path`."""
    try:
        return stat.S_ISREG(Path(path).stat().st_mode) and zipfile.is_zipfile(path)
    except (OSError, ValueError):
        return False


def split_member(path: str) -> tuple[str, str]:
    """Return an archive and the name of one document in it that `archive.zip!name` means; no name of other paths."""
    archive, mark, member = path.partition(MEMBER_MARK)
    is_member = mark and is_archive(archive) and not os.path.exists(path)  # noqa: PTH110  # Path's raises on long names
    return (archive, member) if is_member else (path, "")


class Archive:
    """A zip archive, opened once and read one document after the other; a context manager."""

    def __init__(self, path: str, *, listed: os.stat_result | None = None, name: str = "") -> None:
        """Take the archive at `path`; `listed` is what it must still be, `name` what messages call it."""
        self._path = path
        self._listed = listed
        self._name = name or path

    def __enter__(self) -> Self:
        """Open the archive and read its directory.

        Raises:
            DocumentError: it cannot be read, or is another than the one that was listed.
        """
        try:
            self._open()
        except DocumentError as error:
            raise error.in_file(self._name) from error.__cause__
        self._members: dict[str, zipfile.ZipInfo] = {}
        self._repeated: set[str] = set()
        for member in self._zip.infolist():
            name = member.filename.replace("\\", "/")
            if name in self._members:
                self._repeated.add(name)
            if not name.endswith("/"):
                self._members[name] = member
        return self

    def _open(self) -> None:
        try:
            self._file = Path(self._path).open("rb")  # noqa: SIM115  # closed on exit
        except (OSError, ValueError) as error:
            raise unreadable(error) from error
        try:
            self._status = os.fstat(self._file.fileno())
            refuse_changed(self._listed or self._status, self._status)
            self._zip = zipfile.ZipFile(self._file)
        except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError) as error:
            self._file.close()
            if isinstance(error.__context__, OSError):  # a read that failed is none of the archive's faults
                raise unreadable(error.__context__) from error
            raise DocumentError("not a readable zip archive: %(reason)s.", reason=error) from error
        except DocumentError:
            self._file.close()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the archive."""
        self._zip.close()
        self._file.close()

    @property
    def may_hold_stock(self) -> bool:
        """Tell whether a name in it is that of a stock file, or of an archive that may hold one."""
        return any(is_stock_name(name) or is_archive_name(name) for name in self._members)

    def documents(self, member: str = "") -> dict[str, StockFile]:
        """Return all stock files by their paths, or the document called `member`, whatever its name.

        Windows programs write names with backslashes; they count as slashes.

        Raises:
            DocumentError: there is no such member, or it is not to be trusted.
        """
        try:
            _refuse_hostile(self._members)
            if member and member.replace("\\", "/") not in self._members:
                raise DocumentError("there is no %(member)s in the archive.", member=member)  # noqa: TRY301
            names = [member.replace("\\", "/")] if member else list(filter(is_stock_name, self._members))
            return {f"{self._name}/{name}": self._document(name) for name in names}
        except DocumentError as error:
            raise error.in_file(self._name) from None

    @property
    def names(self) -> list[str]:
        """Return the names of all members."""
        return list(self._members)

    def _document(self, name: str) -> StockFile:
        member = self._members[name]
        if name in self._repeated:
            raise DocumentError("%(seen)s is in it more than once. Pack it anew.", seen=name)
        if member.compress_type not in METHODS:
            raise DocumentError(
                "%(seen)s in it is packed by method %(method)s; only stored and deflated documents are read. Pack it "
                "anew.",
                seen=name,
                method=zipfile.compressor_names.get(member.compress_type, member.compress_type),  # type: ignore[attr-defined]
            )
        return StockFile(
            name=f"{self._name}{MEMBER_MARK}{name}", size=member.file_size, chunks=lambda: self._unpacked(member)
        )

    def _unpacked(self, member: zipfile.ZipInfo) -> Generator[bytes]:
        """Yield the member's bytes as they are unpacked; zipfile stops at the size that the directory says."""
        try:
            with self._zip.open(member) as unpacked:
                while chunk := unpacked.read(CHUNK_BYTES):
                    self._refuse_changed()
                    yield chunk
            self._refuse_changed()
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError) as error:
            raise DocumentError("cannot be unpacked: %(reason)s.", reason=error) from error

    def _refuse_changed(self) -> None:
        refuse_changed(self._status, os.fstat(self._file.fileno()))


def is_archive_name(name: str) -> bool:
    """Tell whether a file of this name should be an archive."""
    return name.casefold().endswith(SUFFIX)


def is_incomplete(path: str) -> bool:
    """Tell whether the file begins like an archive but is none, such as the first part of a split archive."""
    if is_archive(path):
        return False
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            return False
        with Path(path).open("rb") as file:
            return file.read(len(FIRST_BYTES)) == FIRST_BYTES
    except (OSError, ValueError):
        return False


def _refuse_hostile(members: Mapping[str, zipfile.ZipInfo]) -> None:
    """Refuse what only an archive has that is made to fill memory or to hide something."""
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members.values()) > MAX_ARCHIVE_BYTES:
        raise DocumentError("the archive is too large: it may hold %(limit)s files.", limit=MAX_MEMBERS)
    for name, member in members.items():
        if is_archive_name(name):
            raise DocumentError("an archive inside the archive: %(seen)s. Unpack it first.", seen=name)
        if member.flag_bits & 1:
            raise DocumentError("%(seen)s in it is encrypted. Pack it without a password.", seen=name)
        ratio = member.file_size / max(member.compress_size, 1)
        if member.file_size > MAX_MEMBER_BYTES or (member.file_size > RATIO_FREE_BYTES and ratio > MAX_RATIO):
            raise DocumentError(
                "%(seen)s in it is refused: it would unpack to %(size)s bytes, %(ratio)s times its size.",
                seen=name,
                size=member.file_size,
                ratio=round(ratio),
            )
