"""The timeouts of a PostgreSQL session while a load is at work.

Those of the role or the server are made for a web shop. A COPY lasts as long as its file is read, a slow file leaves
the session idle: a second each is too little.
"""

from typing import Any

from django.db import Error as DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

from stock_loader.settings import setting

SET = """
SELECT name, current_setting(name), set_config(name, value, false)
FROM (VALUES
    ('statement_timeout', '0'), ('idle_session_timeout', '0'), ('transaction_timeout', '0'),
    ('lock_timeout', %s), ('idle_in_transaction_session_timeout', %s)
) AS limits(name, value)
WHERE current_setting(name, true) IS NOT NULL
"""
"""What an older server does not know is left out. The writing transaction bounds its statements by itself; idle in it a
load is only where it was stopped, and then holds rows."""

PUT_BACK = """
SELECT set_config(name, value, false) FROM unnest(%s::text[], %s::text[]) AS limits(name, value)
"""


class TimeoutLimits:
    """The timeouts of one session."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection
        self._session: Any = None
        self._before: dict[str, str] = {}

    def apply(self) -> None:
        """Let reading last, bound the waiting for locks, and the idling in a transaction, by the settings."""
        with self._connection.cursor() as cursor:
            cursor.execute(
                SET,
                [f"{setting('LOCK_TIMEOUT_SECONDS')}s", f"{setting('STATEMENT_TIMEOUT_SECONDS')}s"],
            )
            self._before = {name: before for name, before, _ in cursor.fetchall()}
        self._session = self._connection.connection

    def put_back(self) -> None:
        """Set what was before; a session that does not take it any more is closed."""
        if not self._before or self._connection.connection is not self._session:
            return
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(PUT_BACK, [list(self._before), list(self._before.values())])
        except DatabaseError:
            self._connection.close()
        self._before = {}
