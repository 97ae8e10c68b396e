"""Zip archives of stock files: what is read of them, and what is refused before it is unpacked."""

import os
import stat
import zipfile
import zlib
from collections.abc import Generator, Sequence
from pathlib import Path

from stock_loader.commerceml.files.chunks import CHUNK_BYTES, StockFile, refuse_changed
from stock_loader.commerceml.files.names import in_file, stock_names
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


def is_archive(path: str) -> bool:
    """Tell whether there is a zip archive at `path`."""
    try:
        return stat.S_ISREG(Path(path).stat().st_mode) and zipfile.is_zipfile(path)
    except (OSError, ValueError):
        return False


def split_member(path: str) -> tuple[str, str]:
    """Return an archive and the name of one document in it that `archive.zip!name` means; no name of other paths."""
    archive, mark, member = path.partition(MEMBER_MARK)
    return (archive, member) if mark and is_archive(archive) and not Path(path).exists() else (path, "")


def in_archive(path: str, member: str = "") -> list[StockFile]:
    """Return the stock files of the archive in natural order, or the one called `member`, whatever its name.

    Raises:
        DocumentError: it cannot be read, has no stock file or no such member, or is not to be trusted.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = {member.filename: member for member in archive.infolist() if not member.is_dir()}
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise in_file(path, DocumentError("not a readable zip archive: %(reason)s.", reason=error)) from error
    try:
        _refuse_hostile(list(members.values()))
    except DocumentError as error:
        raise in_file(path, error) from None
    if member and member not in members:
        raise in_file(path, DocumentError("there is no %(member)s in the archive.", member=member))
    return [_member(path, members[name]) for name in ([member] if member else stock_names(path, members))]


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
    return StockFile(
        name=f"{path}{MEMBER_MARK}{member.filename}", size=member.file_size, chunks=lambda: _unpacked(path, member)
    )


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
