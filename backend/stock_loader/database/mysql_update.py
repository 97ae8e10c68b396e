"""One UPDATE for any number of rows, in the words of MariaDB and MySQL."""

import json
import uuid
from decimal import Decimal
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from stock_loader.database.dialect import Column, Statement
from stock_loader.database.update_from import assigned

KINDS = (frozenset({int, bool}), frozenset({Decimal}), frozenset({str}), frozenset({uuid.UUID}))
"""Python types of prepared values that one column of JSON_TABLE carries without loss."""

MAX_INTEGER = 2**63 - 1
"""The largest whole number of a BIGINT."""

MAX_PLACES = 30
"""Of a DECIMAL, and 35 digits before them: what MySQL knows, and fewer than MariaDB does."""
MAX_WHOLE_DIGITS = 35

MAX_VARCHAR = 1000
"""Characters; longer texts go by a LONGTEXT, which the server keeps on disk."""


def carries(column: Column) -> bool:
    """Tell whether JSON_TABLE gives back the same values."""
    types = set(map(type, column)) - {type(None)}
    if types and not any(types <= kind for kind in KINDS):
        return False
    if int in types and any(abs(value) > MAX_INTEGER for value in column if value is not None):
        return False
    if Decimal in types and not all(_is_carried(value) for value in column if value is not None):
        return False
    return str not in types or not any("\0" in value for value in column if value is not None)


def _is_carried(number: Decimal) -> bool:
    _, digits, exponent = number.as_tuple()
    return isinstance(exponent, int) and -exponent <= MAX_PLACES and len(digits) + exponent <= MAX_WHOLE_DIGITS


def update_rows(connection: BaseDatabaseWrapper, fields: Any, columns: Any, held: Column | None) -> Statement:
    """Return `UPDATE JSON_TABLE(…) JOIN table SET …`: the list first, whose every row finds its own by the key.

    A value that all rows share is sent as itself. With `held` a row must hold that in its second field; it is locked
    before it is looked at.
    """
    quote = connection.ops.quote_name
    table = quote(fields[0].model._meta.db_table)
    values, parameters, sent = assigned(fields, columns, held, placeholder=lambda _: "%s")
    assignments = [f"{table}.{quote(field.column)} = {value}" for field, value in zip(fields[1:], values, strict=True)]
    paths = ", ".join(
        f"v{i} {_sql_type(column)} PATH '$[{place}]' ERROR ON ERROR" for place, (i, column) in enumerate(sent.items())
    )
    rows = json.dumps(list(zip(*map(_as_json, sent.values()), strict=True)), ensure_ascii=False)
    key = f"incoming.v0{_collated(connection, fields[0], columns[0])}"
    joined = f"{table}.{quote(fields[0].column)} = {key}"
    if held is not None:
        joined += f" AND {table}.{quote(fields[1].column)} <=> incoming.v{len(fields)}"
    sql = (
        f"UPDATE JSON_TABLE(%s, '$[*]' COLUMNS ({paths})) AS incoming"
        f" STRAIGHT_JOIN {table} ON {joined} SET {', '.join(assignments)}"
    )
    return sql, [rows, *parameters]


def _sql_type(column: Column) -> str:
    types = set(map(type, column)) - {type(None)}
    if types <= {int, bool}:
        return "BIGINT"
    if Decimal in types:
        return f"DECIMAL({MAX_PLACES + MAX_WHOLE_DIGITS}, {MAX_PLACES})"
    longest = max(len(str(value)) for value in column if value is not None)
    kind = f"VARCHAR({max(longest, 1)})" if longest <= MAX_VARCHAR else "LONGTEXT"
    return f"{kind} CHARACTER SET utf8mb4"


def _as_json(column: Column) -> Column:
    """Return values that JSON has: no truth, which becomes a text, and no decimals and UUIDs."""
    types = set(map(type, column))
    if types <= {int, str, type(None)}:
        return column
    return [int(value) if type(value) is bool else _text(value) for value in column]


def _text(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value) if isinstance(value, uuid.UUID) else value


def _collated(connection: BaseDatabaseWrapper, field: Any, column: Column) -> str:
    """Return the collation of a key that is a text: only in its own is it found by its index; one query."""
    if not {str, uuid.UUID} & set(map(type, column)):
        return ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COLLATION_NAME FROM information_schema.COLUMNS"
            " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = %s AND COLUMN_NAME = %s",
            [field.model._meta.db_table, field.column],
        )
        (collation,) = cursor.fetchone() or (None,)
    return f" COLLATE {collation}" if collation else ""
