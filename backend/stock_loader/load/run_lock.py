"""One load at a time, across processes and, on PostgreSQL, hosts.

The lock goes with the process that holds it: a killed load leaves none behind.
"""

import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from django.db import Error as DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

from stock_loader.errors import LoadRefusedError

ADVISORY_KEY = 0x53544F434B4C4F44
""""STOCKLOD": the key of the advisory lock, in the number space of the shop's database."""

POLL_SECONDS = 0.25
"""Between two tries of a load that waits; each costs one short query or system call, and between them signals pass."""


class RunLock(Protocol):
    """The lock of one load."""

    def try_obtain(self) -> bool:
        """Take the lock unless somebody else holds it; tell whether it was taken."""
        ...

    def is_lost(self) -> bool:
        """Tell whether the lock was taken and went, or may go, without being given back."""
        ...

    def end_lost_session(self) -> None:
        """After a reconnect: end the database session that took the lock, so that it neither holds nor writes on."""
        ...

    def release(self) -> None:
        """Give the lock back where it was taken and is still held."""
        ...


@contextmanager
def run_lock(connection: BaseDatabaseWrapper) -> Iterator[RunLock]:
    """Yield the run lock of the database, not taken yet; give it back at the end.

    PostgreSQL: a session advisory lock, so a pooler must keep the session (pgbouncer: `pool_mode = session`).
    Elsewhere: `flock` on a file beside the SQLite file, or in the folder for temporary files; one host only.
    """
    lock: RunLock = AdvisoryLock(connection) if connection.vendor == "postgresql" else FileLock(connection)
    try:
        yield lock
    finally:
        lock.release()


def obtain(lock: RunLock, *, wait_seconds: float, heed: Callable[[], object]) -> bool:
    """Take the lock, trying again for `wait_seconds`; tell whether it was taken. First come is not first served.

    `heed` is called before every try and may raise.
    """
    deadline = time.monotonic() + wait_seconds
    while True:
        heed()
        if lock.try_obtain():
            return True
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(POLL_SECONDS, left))


class AdvisoryLock:
    """A session advisory lock of PostgreSQL: held by the database session that also writes the stock.

    When that session dies, lock and unfinished writes go together.
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection
        self._session: tuple[int, str] | None = None
        """Process id and start of the database session that took the lock; ids alone are used again."""

    def try_obtain(self) -> bool:
        """Take the lock unless another database session holds it."""
        with self._connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_try_advisory_lock(%s), {_SESSION}", [ADVISORY_KEY])
            obtained, *session = cursor.fetchone()
        self._session = tuple(session) if obtained else None
        return bool(obtained)

    def is_lost(self) -> bool:
        """Tell whether the connection has another session than the one that took the lock: a reconnect, a pooler."""
        if self._session is None:
            return False
        with self._connection.cursor() as cursor:
            cursor.execute(f"SELECT {_SESSION}")
            return bool(cursor.fetchone() != self._session)

    def end_lost_session(self) -> None:
        """Terminate the session that took the lock: behind a cut line it would wait for hours, with all its locks."""
        if self._session is None:
            return
        with self._connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid = %s AND extract(epoch FROM backend_start)::text = %s AND pid <> pg_backend_pid()",
                self._session,
            )

    def release(self) -> None:
        """Give the lock back, unless it went with its session; the load has ended, so no error matters any more."""
        if self._session is None or not self._connection.is_usable():
            return
        try:
            if not self.is_lost():
                with self._connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_KEY])
        except DatabaseError:
            self._connection.close()
        self._session = None


_SESSION = """
    pg_backend_pid(),
    (SELECT extract(epoch FROM backend_start)::text FROM pg_stat_activity WHERE pid = pg_backend_pid())
"""


class FileLock:
    """`flock` on a private file that stays where it is: removing it would let a second load in beside the first."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection
        self._descriptor: int | None = None

    def try_obtain(self) -> bool:
        """Take the lock unless another process holds it.

        Raises:
            LoadRefusedError: the lock's file cannot be opened.
        """
        descriptor = _open_private(_lock_path(self._connection))
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def is_lost(self) -> bool:
        """Tell that it is not: the process holds it, whatever becomes of the connection."""
        return False

    def end_lost_session(self) -> None:
        """Do nothing: no server goes on without this process."""

    def release(self) -> None:
        """Close the file, which gives the lock back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor = None


def _open_private(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise LoadRefusedError(
            "the run lock %(path)s cannot be opened: %(reason)s. Run loads as one user, who may write there.",
            path=path,
            reason=error.strerror,
        ) from error


def _lock_path(connection: BaseDatabaseWrapper) -> Path:
    if connection.vendor == "sqlite" and (file := _sqlite_file(connection)):
        return Path(f"{file}.stock-load.lock")
    keys = ("ENGINE", "HOST", "PORT", "NAME")
    identity = repr(
        [str(connection.settings_dict[key]) for key in keys] + [os.getpid()] * (connection.vendor == "sqlite")
    )
    digest = hashlib.sha256(identity.encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"stock-load-{digest}.lock"


def _sqlite_file(connection: BaseDatabaseWrapper) -> str:
    """Return the full path of the database as SQLite knows it (names may be relative or URIs); empty in memory."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT file FROM pragma_database_list WHERE name = 'main'")
        return str(cursor.fetchone()[0] or "")
