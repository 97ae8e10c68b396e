"""MariaDB, and MySQL 8 by its documentation: no test runs on MySQL."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from django.db import Error as DatabaseError
from django.db.backends.utils import CursorWrapper

from stock_loader.database.dialect import Column, Dialect, Lines, RunLock, SessionLimits, Statement
from stock_loader.database.mysql_limits import SessionVariables
from stock_loader.database.mysql_lines import send_lines
from stock_loader.database.mysql_packets import portions, row_portions
from stock_loader.database.mysql_unfit import refuse_unfit
from stock_loader.database.mysql_update import carries, update_rows
from stock_loader.database.named_lock import NamedLock

RETRIED_CODES = frozenset(
    {
        1205,  # waited too long for a lock
        1213,  # deadlock; in a cluster, a change of another node came first
        1020,  # a row changed since the transaction's snapshot (innodb_snapshot_isolation)
        1412,  # a table was altered since then
    }
)
"""Of a transaction that passes when it is tried again."""

MISSING_CODES = frozenset({1146, 1054})
"""No such table, no such column."""

GENERATED_CODES = frozenset({1906, 3105})
"""A generated column was to be written: MariaDB's and MySQL's code."""

INTERRUPT_SECONDS = 5
"""For a second connection, by which a statement is ended."""


class MySQL(Dialect):
    """A connection to MariaDB or MySQL."""

    has_copy = True
    has_set_based_update = True
    decimal_digits = 65

    def run_lock(self, target: str = "") -> RunLock:
        """Return a named lock of the server, which all hosts find, by whatever name they call the server."""
        return NamedLock(self.connection, target)

    def refuse_unfit(self, compared: Collection[Any] = (), written: Collection[Any] = ()) -> None:
        """Refuse a server that only reads, no strict mode, no utf8mb4, and tables that undo nothing; two queries."""
        self._note_session()
        refuse_unfit(self.connection, compared=compared, written=written)

    def session_limits(self) -> SessionLimits:
        """Return variables of the session."""
        return SessionVariables(self.connection)

    def is_idle(self) -> bool:
        """Ask the driver, which learns it with every answer of the server."""
        raw: Any = self.connection.connection
        return super().is_idle() and bool(raw.get_autocommit())

    def is_conflict(self, error: BaseException) -> bool:
        """Tell it by the code."""
        return error_code(error) in RETRIED_CODES

    def is_schema_missing(self, error: BaseException) -> bool:
        """Tell it by the code."""
        return error_code(error) in MISSING_CODES

    def is_generated(self, error: BaseException) -> bool:
        """Tell it by the code."""
        return error_code(error) in GENERATED_CODES

    def limit_waiting(self) -> None:
        """Set the limits of the settings for the session: there are none for a transaction alone."""
        SessionVariables(self.connection).limit_writing()
        self._note_session()

    def interrupt(self) -> None:
        """Have the server end the statement of a load, asked over a connection of its own."""
        raw: Any = self.connection.connection
        session = _sessions.get(raw) if raw is not None else None
        if session is None:
            return
        other = self.connection.copy()
        other.settings_dict["OPTIONS"] = {
            "connect_timeout": INTERRUPT_SECONDS,
            "read_timeout": INTERRUPT_SECONDS,
            **other.settings_dict.get("OPTIONS", {}),
        }
        try:
            with other.cursor() as cursor:
                cursor.execute(f"KILL QUERY {session}")
        finally:
            other.close()

    def _note_session(self) -> None:
        """Keep the number of the session: the driver tells it to no other thread while a statement is at work."""
        self.connection.ensure_connection()
        raw: Any = self.connection.connection
        _sessions[raw] = int(raw.thread_id())

    def among(self, column: Statement, field: Any, values: Collection[Any]) -> Statement:  # noqa: ARG002  # needs no types
        """Return `column IN (list)`: only literals are compared in whatever collation the column has."""
        sql, parameters = column
        if not values:
            return "FALSE", []
        if set(map(type, values)) == {int}:
            # In key order the server reads a range of the key, and locks in that order.
            return f"{sql} IN ({','.join(map(str, sorted(values)))})", parameters
        return f"{sql} IN ({','.join(['%s'] * len(values))})", [*parameters, *values]

    def portions(self, values: Collection[Any]) -> Iterable[Collection[Any]]:
        """Cut the values where they would not go into one packet."""
        return portions(values, self.connection)

    def row_portions(self, columns: list[Column]) -> Iterable[list[Column]]:
        """Cut the rows likewise."""
        return row_portions(columns, self.connection)

    def carries(self, column: Column) -> bool:
        """Tell it by the types, by the size of numbers, and by NUL, at which JSON's texts may end."""
        return carries(column)

    def update_rows(self, fields: Sequence[Any], columns: Sequence[Column], *, held: Column | None = None) -> Statement:
        """Send the values as a JSON list of rows."""
        return update_rows(self.connection, fields, columns, held)

    def can_update_in_order(self, pks: Sequence[Any]) -> bool:  # noqa: ARG002  # needs no look
        """Let it be: each row of the list, one after the other, finds its own by the primary key."""
        return True

    def copy_in(self, cursor: CursorWrapper, table: str, lines: Lines) -> None:
        """Send by LOAD DATA LOCAL, or by INSERT."""
        send_lines(cursor, table, lines)

    def update_hooks(self, table: str) -> tuple[str, ...] | None:
        """Look triggers up; of a view that it is one. Who may not see triggers does not know."""
        with self.connection.cursor() as cursor:
            cursor.execute(_UPDATE_HOOKS, [table, table])
            hooks = tuple(hook for (hook,) in cursor.fetchall())
        return None if "?" in hooks else hooks


_sessions: "WeakKeyDictionary[Any, int]" = WeakKeyDictionary()
"""The numbers of database sessions, by the driver's connections."""

_IS_MINE = """
GRANTEE = CONCAT('''', LEFT(CURRENT_USER(), CHAR_LENGTH(CURRENT_USER()) - 1
    - CHAR_LENGTH(SUBSTRING_INDEX(CURRENT_USER(), '@', -1))), '''@''', SUBSTRING_INDEX(CURRENT_USER(), '@', -1), '''')
AND PRIVILEGE_TYPE = 'TRIGGER'
"""
"""Of a privilege: it is the current user's. Those of a role are not seen, and then all rows are counted."""

_UPDATE_HOOKS = f"""
SELECT CONCAT('TRIGGER ', TRIGGER_NAME) FROM information_schema.TRIGGERS
WHERE EVENT_OBJECT_SCHEMA = DATABASE() AND EVENT_OBJECT_TABLE = %s AND EVENT_MANIPULATION = 'UPDATE'
UNION SELECT CONCAT('VIEW ', TABLE_NAME) FROM information_schema.VIEWS
WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = %s
UNION SELECT '?' FROM DUAL WHERE NOT EXISTS (
    SELECT 1 FROM information_schema.USER_PRIVILEGES WHERE {_IS_MINE}
    UNION ALL SELECT 1 FROM information_schema.SCHEMA_PRIVILEGES WHERE DATABASE() LIKE TABLE_SCHEMA AND {_IS_MINE}
)
"""


def error_code(error: BaseException) -> int | None:
    """Return the server's code of the driver's error behind one of Django."""
    cause = error.__cause__
    code = cause.args[0] if isinstance(error, DatabaseError) and cause is not None and cause.args else None
    return code if isinstance(code, int) else None
