"""A run lock for databases without one of their own: `flock` on private files, which holds on one host."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path

from stock_loader.errors import LoadRefusedError


class FileLock:
    """`flock` on private files that stay where they are: removing one would let a second load in beside the first.

    `paths` are asked for with every try; the lock is taken when all of them are.
    """

    def __init__(self, paths: Callable[[], Iterable[Path]]) -> None:
        self._paths = paths
        self._held = ExitStack()

    def try_obtain(self) -> bool:
        """Take the lock unless another process holds it.

        Raises:
            LoadRefusedError: the lock's file cannot be opened.
        """
        with ExitStack() as taken:
            for path in self._paths():
                descriptor = _open_private(path)
                taken.callback(os.close, descriptor)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return False
            self._held = taken.pop_all()
        return True

    def is_lost(self) -> bool:
        """Tell that it is not: the process holds it, whatever becomes of the connection."""
        return False

    def end_lost_session(self) -> None:
        """Do nothing: no server goes on without this process."""

    def release(self) -> None:
        """Close the files, which gives the lock back."""
        self._held.close()


def temporary_lock_path(*identity: str) -> Path:
    """Return the lock of what `identity` names, in the folder for temporary files."""
    digest = hashlib.sha256(repr(list(identity)).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"stock-load-{digest}.lock"


def _open_private(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise LoadRefusedError(
            "the run lock %(path)s cannot be opened: %(reason)s. Run loads as one user, who may write there.",
            path=path,
            reason=error.strerror,
        ) from error
