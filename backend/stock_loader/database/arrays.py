"""Values as one parameter of PostgreSQL: an array."""

from collections.abc import Collection
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
