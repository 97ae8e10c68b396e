"""The run lock of PostgreSQL."""

import hashlib
from typing import Any

from django.db import Error as DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

ADVISORY_KEY = 0x53544F434B4C4F44
""""STOCKLOD": the key of the advisory lock, in the number space of the shop's database."""

POOLED_TRIES = 5
"""Connections that look for a session in a pool."""


class AdvisoryLock:
    """A session advisory lock of PostgreSQL: held by the database session that also writes the stock.

    When that session dies, lock and unfinished writes go together.
    """

    def __init__(self, connection: BaseDatabaseWrapper, key: int = ADVISORY_KEY) -> None:
        self._connection = connection
        self._key = key
        self._session: tuple[int, str] | None = None
        """Process id and start of the database session that took the lock; ids alone are used again."""
        self._is_direct = False
        """Whether that session serves this connection and nobody else, as there is no pooler between."""
        self._transaction = ""
        """When the transaction began in which the lock was last looked at, or that look itself."""

    def try_obtain(self) -> bool:
        """Take the lock unless another database session holds it."""
        with self._connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_try_advisory_lock(%s), {_SESSION}", [self._key])
            obtained, *session = cursor.fetchone()
        self._session = tuple(session) if obtained else None
        raw: Any = self._connection.connection
        self._is_direct = raw.info.backend_pid == session[0]  # a pooler tells a number of its own
        return bool(obtained)

    def is_lost(self) -> bool:
        """Tell whether the connection has another session than the one that took the lock: a reconnect, a pooler."""
        if self._session is None:
            return False
        with self._connection.cursor() as cursor:
            cursor.execute(f"SELECT extract(epoch FROM now())::text, {_SESSION}")
            transaction, *session = cursor.fetchone()
        is_same = tuple(session) == self._session
        if is_same:
            self._transaction = transaction
        return not is_same

    def end_lost_session(self) -> None:
        """Terminate the session that took the lock: behind a cut line it would wait for hours, with all its locks.

        Only where it has the lock, and cannot serve anybody else: no pooler gave it away, or it is still in the
        transaction of this load. One that a pooler has given to others is left alone.
        """
        if self._session is None:
            return
        with self._connection.cursor() as cursor:
            cursor.execute(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity JOIN ({_HOLDERS}) holder USING (pid)"
                " WHERE pid = %s AND extract(epoch FROM backend_start)::text = %s AND pid <> pg_backend_pid()"
                " AND (%s OR extract(epoch FROM xact_start)::text = %s)",
                [self._key, *self._session, self._is_direct, self._transaction],
            )

    def release(self) -> None:
        """Give the lock back, unless it went with its session; the load has ended, so no error matters any more."""
        if self._session is None or not self._connection.is_usable():
            return
        try:
            if not self.is_lost():
                with self._connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [self._key])
            elif not self._is_direct:
                self._release_in_pool()
        except DatabaseError:
            self._connection.close()
        self._session = None

    def _release_in_pool(self) -> None:
        """Give the lock back that a pooler keeps in a session of its own, if that can be had; it cuts nobody.

        Each connection keeps a session for itself while its transaction is open, so that the next gets another.
        """
        others: list[BaseDatabaseWrapper] = []
        try:
            for _ in range(POOLED_TRIES):
                others.append(other := self._connection.copy())
                other.set_autocommit(False)
                with other.cursor() as cursor:
                    cursor.execute(f"SELECT {_SESSION}")
                    if tuple(cursor.fetchone()) == self._session:
                        cursor.execute("SELECT pg_advisory_unlock(%s)", [self._key])
                        return
        finally:
            for other in others:
                other.close()


def lock_holder(connection: BaseDatabaseWrapper, target: str) -> int | None:
    """Return the process id of the database session that has the lock of the target; None: nobody has it."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS, [advisory_key(target)])
        row = cursor.fetchone()
    return row[0] if row else None


_HOLDERS = """
    SELECT pid FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (classid::bigint << 32 | objid::bigint) = %s
"""


_SESSION = """
    pg_backend_pid(),
    (SELECT extract(epoch FROM backend_start)::text FROM pg_stat_activity WHERE pid = pg_backend_pid())
"""


def advisory_key(target: str) -> int:
    """Return the key of the target's lock; 64 bits, so that no two targets share one by chance."""
    if not target:
        return ADVISORY_KEY
    return int.from_bytes(hashlib.sha256(f"stock_loader {target}".encode()).digest()[:8], signed=True)
