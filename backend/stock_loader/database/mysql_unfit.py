"""What a database of MariaDB or MySQL must be to hold what a load writes."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from stock_loader.errors import LoadRefusedError

WHOLE = "utf8mb4"
"""The only character set in which every text can be stored and compared."""

STRICT_MODES = frozenset({"STRICT_TRANS_TABLES", "STRICT_ALL_TABLES"})

_COLUMNS = """
SELECT c.TABLE_NAME, c.COLUMN_NAME, c.CHARACTER_SET_NAME, t.ENGINE, e.TRANSACTIONS
FROM information_schema.COLUMNS c
JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
LEFT JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE
WHERE c.TABLE_SCHEMA = DATABASE() AND t.TABLE_SCHEMA = DATABASE() AND c.TABLE_NAME = %s AND t.TABLE_NAME = %s
"""
"""Of one table: the server opens no others where its name is given like this."""


def refuse_unfit(connection: BaseDatabaseWrapper, *, compared: Collection[Any], written: Collection[Any]) -> None:
    """Refuse a session or tables that would cut, mix up or keep half of what is loaded.

    Texts of the file are compared with the fields `compared`; the fields `written` are what a load writes.

    Raises:
        LoadRefusedError: with what to do about it.
    """
    _refuse_session(connection)
    fields = [*compared, *written]
    if not fields:
        return
    tables = sorted({field.model._meta.db_table for field in fields})
    columns = {(field.model._meta.db_table, field.column) for field in fields}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([_COLUMNS] * len(tables)), [table for table in tables for _ in range(2)])
        rows = cursor.fetchall()
    _refuse_engines({field.model._meta.db_table for field in written}, rows)
    for table, column, encoding, *_ in rows:
        if encoding not in {WHOLE, None} and (table, column) in columns:
            raise LoadRefusedError(
                "the column %(column)s of the table %(table)s is encoded in %(encoding)s, which cannot store every "
                "text. Run ALTER TABLE %(table)s CONVERT TO CHARACTER SET utf8mb4.",
                column=column,
                table=table,
                encoding=encoding,
            )


def _refuse_session(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@SESSION.sql_mode, @@SESSION.character_set_client, @@GLOBAL.read_only")
        modes, encoding, only_reads = cursor.fetchone()
    if not STRICT_MODES & set(modes.split(",")):
        raise LoadRefusedError(
            "the server is not strict: it would cut what a column cannot hold and say nothing. Add "
            "STRICT_TRANS_TABLES to its sql_mode."
        )
    if encoding != WHOLE:
        raise LoadRefusedError(
            "the connection speaks %(encoding)s, which cannot carry every text. Set charset to utf8mb4 in the OPTIONS "
            "of the database.",
            encoding=encoding,
        )
    if only_reads:
        raise LoadRefusedError("the database is a standby and only reads. Load into its primary.")


def _refuse_engines(tables: Collection[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Refuse tables of MyISAM, Aria and their kind; a view has no engine."""
    for table, _, _, engine, has_transactions in rows:
        if table in tables and engine is not None and has_transactions != "YES":
            raise LoadRefusedError(
                "the table %(table)s is kept by %(engine)s, which cannot undo what a failed load wrote. Run ALTER "
                "TABLE %(table)s ENGINE=InnoDB.",
                table=table,
                engine=engine,
            )
