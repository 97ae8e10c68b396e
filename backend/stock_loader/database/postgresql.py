"""PostgreSQL, by psycopg 2 or 3: Django takes the one that is installed, and nothing here imports either."""

import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import Error as DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from stock_loader.database.advisory_lock import AdvisoryLock, advisory_key, lock_holder
from stock_loader.database.arrays import array_parameter, array_type, joined_by_look_up, joined_in_order
from stock_loader.database.dialect import Column, Dialect, Lines, RunLock, SessionLimits, Statement
from stock_loader.database.session_limits import TimeoutLimits
from stock_loader.database.spread_tables import foreign_table, indexes_of_spread_tables, is_distributed
from stock_loader.database.update_from import update_from
from stock_loader.database.update_hooks import update_hooks
from stock_loader.errors import LoadRefusedError
from stock_loader.settings import setting

TRANSACTION_STATUS_IDLE = 0
"""Of libpq; the driver's own constant would need the driver."""

RETRIED_SQLSTATES = frozenset({"40P01", "40001", "55P03"})
"""Deadlock, serialization failure, lock not available. Not 57014: a statement that was too slow is so again."""

ARRAY_TYPES = frozenset({int, str, bool, type(None), Decimal, date, datetime, time, uuid.UUID})
"""Python types of prepared values that an array carries without loss."""

MISSING_SQLSTATES = frozenset({"42P01", "42703"})
"""No such table, no such column."""

WHOLE_ENCODINGS = frozenset({"UTF8", "SQL_ASCII"})
"""Encodings of a database that store every character that comes in UTF-8; SQL_ASCII does not look at what it stores."""

POOLER_ROUNDS = 5
"""Of asking who has the session. The first finds a pooler out that shares sessions; of 100 behind pgbouncer with
`server_round_robin` and other clients, three rounds missed one."""

MAX_INTEGER = 2**63 - 1
"""The largest whole number of the database."""


class PostgreSQL(Dialect):
    """A connection to PostgreSQL."""

    has_copy = True
    has_set_based_update = True
    size_function = "pg_column_size"
    """In bytes, compressed as they are."""

    def run_lock(self, target: str = "") -> RunLock:
        """Return a session advisory lock, so a pooler must keep the session (pgbouncer: `pool_mode = session`)."""
        return AdvisoryLock(self.connection, advisory_key(target))

    def lock_holder(self, target: str = "") -> int | None:
        """Look among the locks of the server."""
        return lock_holder(self.connection, target)

    def refuse_unfit(self, compared: Collection[Any] = (), written: Collection[Any] = ()) -> None:  # noqa: ARG002
        """Refuse a database that cannot store all texts, one that only reads, and a pooler that shares sessions."""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid(), current_setting('server_encoding'), pg_is_in_recovery()")
            process, encoding, is_standby = cursor.fetchone()
        if encoding not in WHOLE_ENCODINGS:
            raise LoadRefusedError(
                "the database is encoded in %(encoding)s, which cannot store every text. Move the shop to one in UTF8.",
                encoding=encoding,
            )
        if is_standby:
            raise LoadRefusedError("the database is a standby and only reads. Load into its primary.")
        raw: Any = self.connection.connection
        if raw.info.backend_pid != process and not self._keeps_its_session():
            raise LoadRefusedError(
                "a pooler before PostgreSQL shares database sessions, and the run lock needs one of its own. Name the "
                "server itself in DATABASE_URL, or have the pooler keep sessions (pgbouncer: pool_mode = session)."
            )

    def session_limits(self) -> SessionLimits:
        """Return timeouts."""
        return TimeoutLimits(self.connection)

    def is_idle(self) -> bool:
        """Ask the driver, which learns it with every answer of the server."""
        raw: Any = self.connection.connection
        return super().is_idle() and raw.info.transaction_status == TRANSACTION_STATUS_IDLE

    def is_conflict(self, error: BaseException) -> bool:
        """Tell it by the SQLSTATE."""
        return sqlstate(error) in RETRIED_SQLSTATES

    def is_schema_missing(self, error: BaseException) -> bool:
        """Tell it by the SQLSTATE."""
        return sqlstate(error) in MISSING_SQLSTATES

    def is_generated(self, error: BaseException) -> bool:
        """Tell it by the SQLSTATE."""
        return sqlstate(error) == "428C9"  # generated_always

    def limit_waiting(self) -> None:
        """Set the limits of the settings for the open transaction."""
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('lock_timeout', %s, true), set_config('statement_timeout', %s, true)",
                [f"{setting('LOCK_TIMEOUT_SECONDS')}s", f"{setting('STATEMENT_TIMEOUT_SECONDS')}s"],
            )

    def interrupt(self) -> None:
        """Have the server cancel the statement, over a connection of its own."""
        raw: Any = self.connection.connection
        if raw is not None:
            with self.connection.wrap_database_errors:
                raw.cancel()

    def among(self, column: Statement, field: Any, values: Collection[Any]) -> Statement:
        """Return `column = ANY(array)`."""
        sql, parameters = column
        array = f"%s::{array_type(field, self.connection)}"
        return f"{sql} = ANY({array})", [*parameters, array_parameter(values)]

    def carries(self, column: Column) -> bool:
        """Tell it by the types, and by the size of whole numbers."""
        types = set(map(type, column))
        if not types <= ARRAY_TYPES:
            return False
        return int not in types or all(abs(value) <= MAX_INTEGER for value in column if type(value) is int)

    def can_update_in_order(self, pks: Sequence[Any]) -> bool:
        """Leave only merge joins to the planner, where keys lie so close that reading all between them is cheap."""
        if not pks or type(pks[0]) is not int or pks[-1] - pks[0] > MAX_GAP * len(pks):
            return False
        with self.connection.cursor() as cursor:
            cursor.execute(JOIN_IN_KEY_ORDER)
        return True

    def update_rows(self, fields: Sequence[Any], columns: Sequence[Column], *, held: Column | None = None) -> Statement:
        """Send the values as arrays, one a field."""
        source = joined_by_look_up if held is None else joined_in_order
        return update_from(
            self.connection,
            fields,
            columns,
            placeholder=lambda field: f"%s::{field.rel_db_type(self.connection)}",
            source=partial(source, self.connection, [*fields, fields[1]]),
            held=held,
            same="IS NOT DISTINCT FROM",
        )

    def update_hooks(self, table: str) -> tuple[str, ...]:
        """Look triggers, rules and policies up, of partitions too; of a view or foreign table that it is one."""
        return update_hooks(self.connection, table)

    def hides_rows(self, table: str) -> bool:
        """Tell whether row-level security holds for this role."""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT row_security_active(to_regclass(%s))", [self.connection.ops.quote_name(table)])
            return bool(cursor.fetchone()[0])

    def inexact_columns(self, table: str) -> frozenset[str]:
        """Return the columns of `table` in whose collation different texts may be equal; one query."""
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT attname FROM pg_attribute JOIN pg_collation c ON c.oid = attcollation"
                " WHERE attrelid = to_regclass(%s) AND NOT collisdeterministic",
                [self.connection.ops.quote_name(table)],
            )
            return frozenset(name for (name,) in cursor.fetchall())

    def foreign_table(self, tables: Collection[str]) -> str:
        """Look for one among partitions, children and what views read, too."""
        return foreign_table(self.connection, tables)

    def indexes_of_spread_tables(self, tables: Collection[str]) -> dict[str, list[frozenset[str]]]:
        """Look the indexes up of partitioned tables; parents and views have none that holds for all of their rows."""
        return indexes_of_spread_tables(self.connection, tables)

    def is_distributed(self, table: str) -> bool:
        """Ask the catalogue of Citus, where there is one."""
        return is_distributed(self.connection, table)

    def copy_in(self, cursor: CursorWrapper, table: str, lines: Lines) -> None:
        """Send by `copy` of psycopg 3 or `copy_expert` of psycopg 2."""
        statement = f"COPY {table} FROM STDIN"
        with cursor.db.wrap_database_errors:
            if hasattr(cursor.cursor, "copy_expert"):
                cursor.copy_expert(statement, lines)
                return
            with cursor.copy(statement) as copy:
                while text := lines.read():
                    copy.write(text)

    def _keeps_its_session(self) -> bool:
        """Tell whether a pooler lets this connection have a database session for itself.

        While another connection has a transaction open, this one must find its session as it left it, and not with the
        other. Where no second connection can be had, that proves nothing against the first.
        """
        other = self.connection.copy()
        try:
            for _ in range(POOLER_ROUNDS):
                before = _process_of(self.connection)
                try:
                    other.set_autocommit(False)
                    taken = _process_of(other)
                except DatabaseError:
                    return self._keeps_it_in_a_transaction(before)
                if taken == before or _process_of(self.connection) != before:
                    return False
                other.rollback()
        finally:
            other.close()
        return True

    def _keeps_it_in_a_transaction(self, process: int) -> bool:
        """Tell whether a transaction comes in the session of `process`; one that shares by statement takes none."""
        try:
            self.connection.set_autocommit(False)
            is_same = _process_of(self.connection) == process
            self.connection.rollback()
            self.connection.set_autocommit(True)
        except DatabaseError:
            self.connection.close()
            return False
        return is_same


JOIN_IN_KEY_ORDER = "SELECT set_config('enable_hashjoin', 'off', true), set_config('enable_nestloop', 'off', true)"
"""For the open transaction. What is left is a merge join, which hands rows to an update in the order of their keys."""

MAX_GAP = 50
"""Keys between two that are updated, on the average. All of them are read, which costs a hundredth of an update each;
where they are more, the rows are looked up one by one and locked first."""


def _process_of(connection: BaseDatabaseWrapper) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def sqlstate(error: BaseException) -> str | None:
    """Return the code of the driver's error behind one of Django: `sqlstate` of psycopg 3, `pgcode` of psycopg 2."""
    cause = error.__cause__
    return getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
