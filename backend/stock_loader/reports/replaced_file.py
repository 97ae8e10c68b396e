"""A file that others see whole or not at all."""

import errno
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

MAX_PREFIX_LENGTH = 50
"""Characters of the name that the temporary one repeats: with what is added, 255 bytes must hold it."""


class ReplacedFile:
    """Written to `stream` under a private temporary name in the folder of `path`; `publish` puts it in its place.

    The temporary name begins with a dot and ends with `.tmp`; the file is removed at the end unless it was published.
    A link is followed: what it points to is replaced.

    Raises:
        OSError: the folder is missing, full or not writable, or `path` is something else than a file.
    """

    def __init__(self, path: str | Path, *, mode: int | None = None) -> None:
        self._path = Path(os.path.realpath(path))
        self._mode = mode
        if self._path.is_symlink():  # one that leads nowhere else
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        if self._path.exists() and not self._path.is_file():
            raise OSError(None, "not a regular file")
        prefix = f".{self._path.name[:MAX_PREFIX_LENGTH]}."
        descriptor, temporary = tempfile.mkstemp(dir=self._path.parent, prefix=prefix, suffix=".tmp")
        self._temporary = Path(temporary)
        self._is_published = False
        self.stream = os.fdopen(descriptor, "wb")

    def __enter__(self) -> Self:
        """Return the file."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it; remove it unless it was published."""
        if not self._is_published:
            self._temporary.unlink(missing_ok=True)
        with suppress(OSError):  # what was published is complete, and what was not is worth nothing
            self.stream.close()

    def complete(self) -> None:
        """Have everything on the disk; what remains to be done then needs no room."""
        self.stream.flush()
        os.fsync(self.stream.fileno())

    def publish(self) -> None:
        """Complete it and give it its name and its mode: that asked for, else what the process gives new files."""
        self.complete()
        os.fchmod(self.stream.fileno(), 0o666 & ~_umask() if self._mode is None else self._mode)
        self._temporary.replace(self._path)
        self._is_published = True


def _umask() -> int:
    """Return the process's mask of new files, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
