"""Bytes of a file, read once from the start to the end, and the certainty that they are one file.

What is read while somebody writes it can be half old and half new without being broken XML; only the file's size and
time of change, compared after every read, show it. That time comes from a clock that ticks every 4 ms or so: a change
within the same tick as the one before the first read is not seen. A file renamed over the old one does no harm: what
was opened is read on.
"""

import os
import stat
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from stock_loader.errors import DocumentError

CHUNK_BYTES = 128 * 1024
"""Bytes a read, and a slice (see `slices`). Reading 74 MB takes the same with twice as many; a tenth more with half of
them, a quarter more with four times as many."""


@dataclass(frozen=True, kw_only=True)
class StockFile:
    """One document of a snapshot; can be read more than once."""

    name: str
    """For messages: the path, `archive.zip!member`, or `-`."""
    size: int
    """Bytes, 0 where that is not known."""
    chunks: Callable[[], Generator[bytes]]
    """Begin to read it from the start; raises DocumentError."""


class PlainFile:
    """A file that may be read more than once; it is refused if another file has taken its place meanwhile."""

    def __init__(self, path: str, *, listed: os.stat_result | None = None) -> None:
        """Take the file at `path`; `listed` is what it must still be when it is opened first."""
        self._path = path
        self._status = listed

    def chunks(self) -> Generator[bytes, None, None]:
        """Yield its bytes; see `read_chunks`."""
        return read_chunks(self._path, on_open=self._compare)

    def _compare(self, status: os.stat_result) -> None:
        self._status = self._status or status
        refuse_changed(self._status, status)


def plain_file(path: str, *, name: str = "", listed: os.stat_result | None = None) -> StockFile:
    """Return the file at `path` as a document that messages call `name`; `listed` is what it must still be."""
    return StockFile(name=name or path, size=file_size(path), chunks=PlainFile(path, listed=listed).chunks)


def read_chunks(
    path: str,
    *,
    chunk_bytes: int = CHUNK_BYTES,
    on_read: Callable[[int], object] | None = None,
    on_open: Callable[[os.stat_result], object] | None = None,
) -> Generator[bytes, None, None]:
    """Yield the file's bytes in order, at most `chunk_bytes` at a time; call `on_read` with the length of each.

    `on_open` is called with the file's status before the first; it may refuse the file.

    Raises:
        DocumentError: not a readable regular file, a read that fails, or a file that changed while being read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        raise unreadable(error) from error
    try:
        before = _status(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise DocumentError("not a regular file. Give the path of a rests.xml file.")
        if on_open:
            on_open(before)
        while chunk := _read(descriptor, chunk_bytes, unchanged_since=before):
            if on_read:
                on_read(len(chunk))
            yield chunk
    finally:
        with suppress(OSError):  # nothing was written; a file server that went away may refuse
            os.close(descriptor)


def _read(descriptor: int, size: int, *, unchanged_since: os.stat_result) -> bytes:
    """Return the next bytes; a change is told at the first read after it, before it can pass for a fault of the XML."""
    try:
        chunk = os.read(descriptor, size)
        refuse_changed(unchanged_since, os.fstat(descriptor))
    except OSError as error:
        raise unreadable(error) from error
    return chunk


def _status(descriptor: int) -> os.stat_result:
    try:
        return os.fstat(descriptor)
    except OSError as error:
        raise unreadable(error) from error


def file_size(path: str) -> int:
    """Return the file's size in bytes, 0 where it cannot be told."""
    try:
        return Path(path).stat().st_size
    except (OSError, ValueError):
        return 0


def unreadable(error: Exception) -> DocumentError:
    """Return what to say of a failed read."""
    reason = getattr(error, "strerror", None) or str(error)
    return DocumentError("cannot be read: %(reason)s.", reason=reason)


def refuse_changed(before: os.stat_result, after: os.stat_result) -> None:
    """Refuse a file whose size or time of change has become another while it was read.

    Raises:
        DocumentError: it changed while being read.
    """
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise DocumentError(
            "changed while being read. Let the export write to another name and rename it when it is done."
        )
