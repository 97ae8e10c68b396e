"""The folder of what was received and is not loaded yet: private files with names of our own.

How much of a file counts stands in the database (`ReceivedFile.size`). A request writes behind that, and only a request
that arrived whole moves it on: a cut one leaves bytes that the next one writes over.
"""

import errno
import fcntl
import os
import re
import shutil
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.utils.translation import gettext

from stock_loader.exchange.protocol import RefusedRequestError, base_name

FREE_BYTES = 64 * 1024 * 1024
"""Of the disk that are left alone."""

WAIT_SECONDS = 20
POLL_SECONDS = 0.05

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class CutRequestError(Exception):
    """The body ended before its length; nothing of it counts."""


class Spool:
    """The folder; made when it is missing.

    Raises:
        RefusedRequestError: it cannot be made, or others could write to it.
    """

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = self.folder.lstat()
        except OSError as error:
            raise self._unusable(error.strerror or str(error)) from error
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise self._unusable(gettext("it must be a folder of this user with mode 0700"))

    def path(self, stored_as: str) -> Path:
        """Return where the file with this name of ours lies."""
        return self.folder / stored_as

    @contextmanager
    def opened(self, stored_as: str, *, wait_seconds: float = WAIT_SECONDS) -> Iterator[int]:
        """Yield a descriptor of the file, made when it is missing; for one request at a time.

        Another one is waited for: that its line was cut is noticed when the system says so.

        Raises:
            RefusedRequestError: another request has it open, or it cannot be opened.
        """
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            descriptor = os.open(self.path(stored_as), flags, 0o600)
        except OSError as error:
            raise self._unusable(error.strerror or str(error)) from error
        try:
            _lock(descriptor, wait_seconds=wait_seconds)
            if not os.fstat(descriptor).st_size:
                self._sync_names()
            yield descriptor
        finally:
            os.close(descriptor)

    def remove(self, stored_as: str) -> None:
        """Remove a file, if it is there."""
        with suppress(FileNotFoundError):
            self.path(stored_as).unlink()

    def names(self) -> list[tuple[str, float]]:
        """Return our names of what lies there and when each was changed, in seconds since 1970."""
        found = []
        for path in self.folder.iterdir():
            with suppress(OSError):
                found.append((path.name, path.stat().st_mtime))
        return found

    def has_room(self, size: int) -> bool:
        """Tell whether the disk takes `size` bytes more."""
        return shutil.disk_usage(self.folder).free - size > FREE_BYTES

    def _sync_names(self) -> None:
        """Have the disk know which files there are."""
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _unusable(self, reason: str) -> RefusedRequestError:
        text = gettext("the shop cannot keep files: %(folder)s: %(reason)s.")
        return RefusedRequestError(text % {"folder": self.folder, "reason": reason})


def append(descriptor: int, chunks: Iterable[bytes], *, offset: int, expected: int | None) -> int:
    """Write `chunks` behind the first `offset` bytes of an open file; return the new length.

    It returns when the disk has them, whatever happens to the machine then. `expected` is the number of bytes that must
    come, None where the body's end is marked otherwise.

    Raises:
        CutRequestError: fewer came, or the line broke.
        RefusedRequestError: there is no room, or some of the first bytes are gone.
        OSError: the disk fails.
    """
    if os.fstat(descriptor).st_size < offset:
        raise RefusedRequestError(gettext("a part of the file that came before is lost; send it again."))
    os.ftruncate(descriptor, offset)
    os.lseek(descriptor, offset, os.SEEK_SET)
    try:
        written = sum(_written(descriptor, chunk) for chunk in _arriving(chunks, expected=expected))
        os.fdatasync(descriptor)  # a full disk is told here, too, where room is found late
    except CutRequestError:
        os.ftruncate(descriptor, offset)
        raise
    except OSError as error:
        os.ftruncate(descriptor, offset)
        if error.errno not in NO_ROOM:
            raise
        raise RefusedRequestError(gettext("there is no room for the file on the shop's disk.")) from error
    return offset + written


def _arriving(chunks: Iterable[bytes], *, expected: int | None) -> Iterator[bytes]:
    """Yield the chunks; that the line breaks, or they end too early, is another thing than that the disk fails."""
    arrived = 0
    iterator = iter(chunks)
    while True:
        try:
            chunk = next(iterator, b"")
        except OSError as error:
            raise CutRequestError from error
        if not chunk:
            break
        arrived += len(chunk)
        yield chunk
    if expected is not None and arrived != expected:
        raise CutRequestError


def _written(descriptor: int, chunk: bytes) -> int:
    view = memoryview(chunk)
    while view:
        view = view[os.write(descriptor, view) :]
    return len(chunk)


def _lock(descriptor: int, *, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise RefusedRequestError(gettext("another request is sending the same file.")) from None
            time.sleep(POLL_SECONDS)
        else:
            return


def stored_name(file_id: int, key: str) -> str:
    """Return our name for a file: its number, and as much of the client's name as is safe anywhere."""
    safe = re.sub(r"[^a-z0-9_.-]+", "_", base_name(key)).strip(".")
    return f"{file_id}-{safe[-60:].lstrip('.-') or 'file'}"
