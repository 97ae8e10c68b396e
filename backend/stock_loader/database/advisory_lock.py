"""The run lock of PostgreSQL."""

import hashlib

from django.db import Error as DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

ADVISORY_KEY = 0x53544F434B4C4F44
""""STOCKLOD": the key of the advisory lock, in the number space of the shop's database."""


class AdvisoryLock:
    """A session advisory lock of PostgreSQL: held by the database session that also writes the stock.

    When that session dies, lock and unfinished writes go together.
    """

    def __init__(self, connection: BaseDatabaseWrapper, key: int = ADVISORY_KEY) -> None:
        self._connection = connection
        self._key = key
        self._session: tuple[int, str] | None = None
        """Process id and start of the database session that took the lock; ids alone are used again."""

    def try_obtain(self) -> bool:
        """Take the lock unless another database session holds it."""
        with self._connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_try_advisory_lock(%s), {_SESSION}", [self._key])
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
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [self._key])
        except DatabaseError:
            self._connection.close()
        self._session = None


_SESSION = """
    pg_backend_pid(),
    (SELECT extract(epoch FROM backend_start)::text FROM pg_stat_activity WHERE pid = pg_backend_pid())
"""


def advisory_key(target: str) -> int:
    """Return the key of the target's lock; 64 bits, so that no two targets share one by chance."""
    if not target:
        return ADVISORY_KEY
    return int.from_bytes(hashlib.sha256(f"stock_loader {target}".encode()).digest()[:8], signed=True)
