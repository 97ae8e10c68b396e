"""One UPDATE for many rows: what all databases have alike, and `UPDATE … FROM` of PostgreSQL and SQLite."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from stock_loader.database.dialect import Column, Statement


def update_from(  # noqa: PLR0913  # what one statement consists of
    connection: BaseDatabaseWrapper,
    fields: Sequence[Any],
    columns: Sequence[Column],
    *,
    placeholder: Callable[[Any], str],
    source: Callable[[dict[int, Column], str], Statement],
    held: Column | None = None,
    same: str = "IS",
) -> Statement:
    """Return `UPDATE table SET … FROM (values) WHERE pk = …`, as PostgreSQL and SQLite have it.

    A value that all rows share is sent as itself, by `placeholder(field)`; the other columns by `source(sent, key)`.
    Where there is `held`, the row of the second field must be the `same`.
    """
    quote = connection.ops.quote_name
    values, parameters, sent = assigned(fields, columns, held, placeholder=placeholder)
    assignments = [f"{quote(field.column)} = {value}" for field, value in zip(fields[1:], values, strict=True)]
    table = quote(fields[0].model._meta.db_table)
    condition = ""
    if held is not None:
        condition = f" AND {table}.{quote(fields[1].column)} {same} incoming.v{len(fields)}"
    rows, row_parameters = source(sent, f"{table}.{quote(fields[0].column)}")
    return f"UPDATE {table} SET {', '.join(assignments)} FROM {rows}{condition}", parameters + row_parameters


def assigned(
    fields: Sequence[Any], columns: Sequence[Column], held: Column | None, *, placeholder: Callable[[Any], str]
) -> tuple[list[str], list[Any], dict[int, Column]]:
    """Return what all `fields` but the key are set to, the parameters of that, and the columns to be sent.

    A value that all rows share is a parameter, by `placeholder(field)`. Columns are sent by the place of their field,
    `held` by the next one, and stand as `v0`, `v1` … in a table `incoming`.
    """
    values, parameters, sent = [], [], {0: columns[0]}
    for i, (field, column) in enumerate(zip(fields[1:], columns[1:], strict=True), 1):
        if all(value is column[0] for value in column):
            values.append(placeholder(field))
            parameters.append(column[0])
        else:
            values.append(f"incoming.v{i}")
            sent[i] = column
    if held is not None:
        sent[len(fields)] = held
    return values, parameters, sent
