"""The run lock of MariaDB and MySQL."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import Error as DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

NAME = "CONCAT('stock-load-', LEFT(SHA2(CONCAT_WS('\n', DATABASE(), %s), 256), 48))"
"""Of the lock: names are the whole server's and have at most 64 characters."""


class NamedLock:
    """`GET_LOCK`: held by the database session that also writes the stock.

    When that session dies, lock and unfinished writes go together. A second lock with a name of its own tells the
    session from one that has its number after the server was started again.
    """

    def __init__(self, connection: BaseDatabaseWrapper, target: str = "") -> None:
        self._connection = connection
        self._target = target
        self._own_name = f"stock-load-{secrets.token_hex(16)}"
        self._session: int | None = None
        """The number of the database session that took the lock."""

    def try_obtain(self) -> bool:
        """Take the lock unless another database session holds it; a second try of its holder is one of another."""
        with self._closed_unless_known(), self._connection.cursor() as cursor:
            cursor.execute(
                f"SELECT IS_FREE_LOCK({NAME}) AND GET_LOCK({NAME}, 0) AND GET_LOCK(%s, 0), CONNECTION_ID()",
                [self._target, self._target, self._own_name],
            )
            obtained, session = cursor.fetchone()
        self._session = session if obtained else None
        return bool(obtained)

    def is_lost(self) -> bool:
        """Tell whether the connection has another session than the one that took the lock: a reconnect, a pooler."""
        if self._session is None:
            return False
        with self._connection.cursor() as cursor:
            cursor.execute(
                f"SELECT IS_USED_LOCK({NAME}) <=> CONNECTION_ID() AND IS_USED_LOCK(%s) <=> CONNECTION_ID()",
                [self._target, self._own_name],
            )
            return not cursor.fetchone()[0]

    def end_lost_session(self) -> None:
        """End the session that took the lock: behind a cut line it would wait for hours, with all its locks."""
        if self._session is None:
            return
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT IS_USED_LOCK(%s), CONNECTION_ID()", [self._own_name])
            session, own_session = cursor.fetchone()
            if session not in {None, own_session}:
                cursor.execute(f"KILL {int(session)}")

    def release(self) -> None:
        """Give the lock back, unless it went with its session; the load has ended, so no error matters any more."""
        if self._session is None or self._connection.connection is None:
            return
        with suppress(DatabaseError), self._closed_unless_known():
            if not self.is_lost():
                with self._connection.cursor() as cursor:
                    cursor.execute(f"SELECT RELEASE_LOCK({NAME}), RELEASE_LOCK(%s)", [self._target, self._own_name])
        self._session = None

    @contextmanager
    def _closed_unless_known(self) -> Iterator[None]:
        """Close the connection where an error leaves open whether it holds the lock: a session keeps it for good."""
        try:
            yield
        except BaseException:
            self._connection.close()
            raise
