"""Values as one parameter of PostgreSQL: an array."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper


def array_type(field: Any, connection: BaseDatabaseWrapper) -> str:
    """Return the type to cast a parameter to that is compared with `field`: without a length.

    A cast to `varchar(100)` cuts a longer value, and the rest could then equal another row's.
    """
    return str(field.rel_db_type(connection)).partition("(")[0] + "[]"


def array_parameter(values: Collection[Any]) -> Any:
    """Return `values` as the driver shall send them, to be cast to an array.

    Numbers, and texts without quotes and backslashes, become an array literal: of a list psycopg2 makes an
    expression with a constant a value, which takes the client and the server three times as long.
    """
    types = set(map(type, values))
    if types == {int} or (types == {Decimal} and all(value.is_finite() for value in values)):
        return "{" + ",".join(map(str, values)) + "}"
    if types == {str}:
        quoted = '"' + '","'.join(values) + '"'
        if "\\" not in quoted and quoted.count('"') == 2 * len(values):
            return "{" + quoted + "}"
    return list(values)


def joined_by_look_up(
    connection: BaseDatabaseWrapper, fields: Sequence[Any], columns: Mapping[int, Sequence[Any]], key: str
) -> tuple[str, list[Any]]:
    """Return `_joined` for a table that is looked up by the keys.

    The array of keys is there twice: without `= ANY` PostgreSQL reads the whole table for a batch of 2,000 rows of
    100,000 (1.2 s for all batches, with it 0.26 s).
    """
    joined, parameters = _joined(connection, fields, columns, key)
    return f"{joined} AND {key} = ANY(%s::{array_type(fields[0], connection)})", [*parameters, parameters[0]]


def joined_in_order(
    connection: BaseDatabaseWrapper, fields: Sequence[Any], columns: Mapping[int, Sequence[Any]], key: str
) -> tuple[str, list[Any]]:
    """Return `_joined` for a table that is read in the order of its keys, from the first to the last."""
    joined, parameters = _joined(connection, fields, columns, key)
    return f"{joined} AND {key} BETWEEN %s AND %s", [*parameters, columns[0][0], columns[0][-1]]


def _joined(
    connection: BaseDatabaseWrapper, fields: Sequence[Any], columns: Mapping[int, Sequence[Any]], key: str
) -> tuple[str, list[Any]]:
    """Return arrays side by side as a table `incoming`, the first joined to `key`, and their parameters.

    `columns` are by the place of their field in `fields`.
    """
    key_type = array_type(fields[0], connection)
    types = [f"{fields[i].rel_db_type(connection)}[]" if i else key_type for i in columns]
    arrays = ", ".join(f"%s::{array}" for array in types)
    names = ", ".join(f"v{i}" for i in columns)
    parameters = [array_parameter(column) for column in columns.values()]
    return f"unnest({arrays}) AS incoming({names}) WHERE {key} = incoming.v0", parameters
