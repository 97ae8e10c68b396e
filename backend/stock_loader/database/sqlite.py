"""SQLite."""

import json
import os
import re
import sqlite3
from collections.abc import Collection, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from stock_loader.database.dialect import Column, Dialect, RunLock, Statement
from stock_loader.database.file_lock import FileLock, temporary_lock_path
from stock_loader.database.update_from import update_from

JSON_TYPES = frozenset({int, str, bool, type(None), Decimal})
"""Python types of prepared values that a JSON list carries without loss; decimals as texts."""

MAX_INTEGER = 2**63 - 1
"""The largest whole number of the database; JSON turns a larger one into a float."""

NO_MEMORY = frozenset({sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_IOERR_NOMEM, sqlite3.SQLITE_IOERR_SHMMAP})

DEFAULT_BUSY_SECONDS = 5.0
"""Of Python's sqlite3."""


class SQLite(Dialect):
    """A connection to a SQLite file, or to one in memory."""

    decimal_digits = 15
    """Decimals are stored as floats."""

    @property
    def has_set_based_update(self) -> bool:  # type: ignore[override]  # depends on the library
        """Whether this SQLite has `UPDATE … FROM` and JSON."""
        return sqlite3.sqlite_version_info >= (3, 33) and self.connection.features.supports_json_field

    def run_lock(self, target: str = "") -> RunLock:
        """Return a lock on a file beside the database, so that all who name it in any way find the same."""
        return FileLock(lambda: self._lock_paths(target))

    def is_idle(self) -> bool:
        """Ask the driver, too."""
        raw: Any = self.connection.connection
        return super().is_idle() and not raw.in_transaction

    def is_conflict(self, error: BaseException) -> bool:
        """Tell whether another writer was at work for longer than the connection waits."""
        cause = error.__cause__
        return isinstance(cause, sqlite3.OperationalError) and cause.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY

    def is_schema_missing(self, error: BaseException) -> bool:
        """Tell it by the words: SQLite has no code for it."""
        return re.search(r"no such (table|column)|has no column named", str(error)) is not None

    def is_generated(self, error: BaseException) -> bool:
        """Tell it by the words."""
        return "cannot UPDATE generated column" in str(error)

    def is_out_of_memory(self, error: BaseException) -> bool:
        """Tell it by the code: SQLite says "disk I/O error" of memory, too, that it could not get or map."""
        return getattr(error.__cause__, "sqlite_errorcode", None) in NO_MEMORY

    def wait_for_writers(self, seconds: float | None) -> None:
        """Set the busy timeout; no query of Django's."""
        raw: Any = self.connection.connection
        if seconds is None:
            seconds = self.connection.settings_dict["OPTIONS"].get("timeout", DEFAULT_BUSY_SECONDS)
        raw.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")

    def interrupt(self) -> None:
        """Have the library stop."""
        raw: Any = self.connection.connection
        if raw is not None:
            with self.connection.wrap_database_errors:
                raw.interrupt()

    def among(self, column: Statement, field: Any, values: Collection[Any]) -> Statement:  # noqa: ARG002  # has no types
        """Return `column IN (SELECT value FROM json_each(list))`."""
        sql, parameters = column
        listed = json.dumps(list(values), ensure_ascii=False)
        return f"{sql} IN (SELECT value FROM json_each(%s))", [*parameters, listed]

    def carries(self, column: Column) -> bool:
        """Tell it by the types, by the size of whole numbers, and by NUL, at which JSON's texts end."""
        types = set(map(type, column))
        if not types <= JSON_TYPES:
            return False
        if int in types and any(abs(value) > MAX_INTEGER for value in column if type(value) is int):
            return False
        if Decimal in types and not all(value.is_finite() for value in column if type(value) is Decimal):
            return False
        return str not in types or not any("\0" in value for value in column if type(value) is str)

    def can_update_in_order(self, pks: Sequence[Any]) -> bool:  # noqa: ARG002  # one writer at a time has all rows
        """Tell it by the library."""
        return self.has_set_based_update

    def update_rows(self, fields: Sequence[Any], columns: Sequence[Column], *, held: Column | None = None) -> Statement:
        """Send the values as a JSON list of rows."""
        return update_from(self.connection, fields, columns, placeholder=lambda _: "%s", source=_json_table, held=held)

    def update_hooks(self, table: str) -> tuple[str, ...]:
        """Look triggers up; of a view that it is one."""
        with self.connection.cursor() as cursor:
            cursor.execute(_UPDATE_HOOKS, [table, table])
            return tuple(hook for (hook,) in cursor.fetchall())

    def _lock_paths(self, target: str) -> list[Path]:
        file = self._file()
        if not file:
            name = str(self.connection.settings_dict["NAME"])
            return [temporary_lock_path("memory", str(os.getpid()), name, *([target] if target else []))]
        return [Path(f"{file}.stock-load{'-' if target else ''}{target}.lock"), *_lock_of_hard_links(file, target)]

    def _file(self) -> str:
        """Return the full path of the database as SQLite knows it (names may be relative or URIs); empty in memory."""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT file FROM pragma_database_list WHERE name = 'main'")
            return str(cursor.fetchone()[0] or "")


def _lock_of_hard_links(file: str, target: str) -> list[Path]:
    """Return a lock for all names of a file that has several; the one beside it is for one name."""
    try:
        status = Path(file).stat()
    except OSError:  # gone meanwhile, which whoever opens the first lock will say
        return []
    inode = ["inode", str(status.st_dev), str(status.st_ino), *([target] if target else [])]
    return [temporary_lock_path(*inode)] if status.st_nlink > 1 else []


_UPDATE_HOOKS = """
SELECT upper(type) || ' ' || name FROM (SELECT * FROM sqlite_master UNION ALL SELECT * FROM sqlite_temp_master)
WHERE (type = 'trigger' AND lower(tbl_name) = lower(%s)) OR (type = 'view' AND lower(name) = lower(%s))
ORDER BY 1
"""


def _json_table(sent: dict[int, Column], key: str) -> Statement:
    """Return a JSON list of rows as a table `incoming`, joined to `key`, and its parameter."""
    values = ", ".join(_json_value(place, column) + f" AS v{i}" for place, (i, column) in enumerate(sent.items()))
    rows = json.dumps(list(zip(*sent.values(), strict=True)), ensure_ascii=False, default=str)
    return f"(SELECT {values} FROM json_each(%s)) AS incoming WHERE {key} = incoming.v0", [rows]


def _json_value(place: int, column: Column) -> str:
    """Return a value of a row of the list; a text of a decimal as the number that SQLite keeps of it."""
    value = f"json_extract(value, '$[{place}]')"
    return f"CAST({value} AS NUMERIC)" if Decimal in set(map(type, column)) else value
