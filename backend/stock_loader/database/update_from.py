"""`UPDATE … FROM`, which PostgreSQL and SQLite have alike."""

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
    assignments, parameters, sent = [], [], {0: columns[0]}
    for i, (field, column) in enumerate(zip(fields[1:], columns[1:], strict=True), 1):
        if all(value is column[0] for value in column):
            value = placeholder(field)
            parameters.append(column[0])
        else:
            value = f"incoming.v{i}"
            sent[i] = column
        assignments.append(f"{quote(field.column)} = {value}")
    table = quote(fields[0].model._meta.db_table)
    condition = ""
    if held is not None:
        sent[len(fields)] = held
        condition = f" AND {table}.{quote(fields[1].column)} {same} incoming.v{len(fields)}"
    rows, row_parameters = source(sent, f"{table}.{quote(fields[0].column)}")
    return f"UPDATE {table} SET {', '.join(assignments)} FROM {rows}{condition}", parameters + row_parameters
