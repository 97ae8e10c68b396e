"""`Product.objects`: Django's queryset with a set-based `bulk_update`."""

import json
import sqlite3
import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from stock_loader.database.postgresql import array_parameter, array_type

_Row = TypeVar("_Row", bound=models.Model)

Column = list[Any]
"""The prepared values of one field, one per object."""

JSON_TYPES = frozenset({int, str, bool, type(None)})
"""Python types of prepared values that a JSON list carries to SQLite without loss."""

ARRAY_TYPES = JSON_TYPES | {Decimal, date, datetime, time, uuid.UUID}
"""Python types of prepared values that an array carries to PostgreSQL without loss."""

WHOLE_NUMBER_FIELDS = frozenset(
    {
        *(models.AutoField, models.BigAutoField, models.SmallAutoField),
        *(models.IntegerField, models.BigIntegerField, models.SmallIntegerField),
        *(models.PositiveIntegerField, models.PositiveBigIntegerField, models.PositiveSmallIntegerField),
    }
)
"""Django's fields that prepare an int as itself."""

MAX_INTEGER = 2**63 - 1
"""The largest whole number of either database; JSON on SQLite turns a larger one into a float."""


class SetBasedUpdateQuerySet(models.QuerySet[_Row]):
    """A queryset whose `bulk_update` sends `UPDATE … FROM` where that means the same as Django's own.

    Django's compiles one `CASE WHEN` a row: 100,000 rows take seconds in Python alone. Here the values travel as one
    array per field (PostgreSQL) or one JSON list (SQLite 3.33 and newer), a value that all objects share as itself.
    """

    def bulk_update(self, objs: Iterable[_Row], fields: Iterable[str], batch_size: int | None = None) -> int:
        """Write `fields` of `objs` and return the number of rows matched, as Django's `bulk_update` does.

        One UPDATE per `batch_size` objects (all at once when None), in one transaction. Anything but plain column
        values (expressions, floats, relations, filtered querysets, repeated objects, other databases) is left to
        Django.

        Raises:
            ValueError, FieldDoesNotExist: as Django's.
        """
        rows, names = list(objs), list(fields)
        self._for_write = True
        connection = connections[self.db]
        batches = self._plain_batches(rows, names, batch_size, connection)
        if batches is None:
            return super().bulk_update(rows, names, batch_size)
        with transaction.atomic(using=connection.alias, savepoint=False):
            return sum(self._update_from(batch, names, connection) for batch in batches)

    bulk_update.alters_data = True  # type: ignore[attr-defined]  # templates must not call it

    def _plain_batches(
        self, rows: list[_Row], names: list[str], batch_size: int | None, connection: BaseDatabaseWrapper
    ) -> list[list[Column]] | None:
        """Return per batch the primary keys and then each field as columns, or None when Django must do it."""
        if not rows or not self._is_plain_update(names, batch_size, connection):
            return None
        columns = [_prepared(rows, field, connection) for field in _fields(self.model, names)]
        keys = columns[0]
        if None in keys or len(set(keys)) < len(keys) or not all(_is_plain(column, connection) for column in columns):
            return None
        size = batch_size or len(rows)
        return [[column[start : start + size] for column in columns] for start in range(0, len(rows), size)]

    def _is_plain_update(self, names: list[str], batch_size: int | None, connection: BaseDatabaseWrapper) -> bool:
        """Tell whether arguments, queryset and database allow `UPDATE … FROM`; Django reports wrong arguments."""
        meta = self.model._meta
        own_fields = {field.name for field in meta.local_concrete_fields if _has_plain_column(field)}
        return (
            bool(names)
            and len(set(names)) == len(names)
            and own_fields.issuperset(names)
            and (batch_size is None or batch_size > 0)
            and not meta.parents
            and len(meta.pk_fields) == 1
            and not self.query.is_empty()
            and not self.query.where
            and not self.query.is_sliced
            and not self.query.combinator
            and not self.query.distinct
            and _has_update_from(connection)
        )

    def _update_from(self, columns: list[Column], names: list[str], connection: BaseDatabaseWrapper) -> int:
        sql, parameters = _update_statement(_fields(self.model, names), columns, connection)
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return int(cursor.rowcount)


def _fields(model: type[models.Model], names: Iterable[str]) -> list[Any]:
    """Return the primary key's field and the named ones."""
    return [model._meta.pk, *(model._meta.get_field(name) for name in names)]


def _has_plain_column(field: "models.Field[Any, Any]") -> bool:
    return not (field.primary_key or field.is_relation or hasattr(field, "get_placeholder"))


def _has_update_from(connection: BaseDatabaseWrapper) -> bool:
    if connection.vendor == "sqlite":
        return sqlite3.sqlite_version_info >= (3, 33) and connection.features.supports_json_field
    return connection.vendor == "postgresql"


def _prepared(rows: Sequence[models.Model], field: "models.Field[Any, Any]", connection: BaseDatabaseWrapper) -> Column:
    """Return the field's values as the database takes them; the same object in many rows is prepared once."""
    values = list(map(attrgetter(field.attname), rows))
    if type(field) in WHOLE_NUMBER_FIELDS and set(map(type, values)) == {int}:
        return values
    prepared: Column = []
    last_value, last_prepared = object(), None
    for value in values:
        if value is not last_value:
            is_expression = hasattr(value, "resolve_expression")
            last_value, last_prepared = value, value if is_expression else field.get_db_prep_save(value, connection)
        prepared.append(last_prepared)
    return prepared


def _is_plain(column: Column, connection: BaseDatabaseWrapper) -> bool:
    is_sqlite = connection.vendor == "sqlite"
    types = set(map(type, column))
    if not types <= (JSON_TYPES if is_sqlite else ARRAY_TYPES):
        return False
    if int in types and any(abs(value) > MAX_INTEGER for value in column if type(value) is int):
        return False
    cuts_at_nul = is_sqlite and str in types
    return not (cuts_at_nul and any("\0" in value for value in column if type(value) is str))


def _update_statement(
    fields: list[Any], columns: list[Column], connection: BaseDatabaseWrapper
) -> tuple[str, list[Any]]:
    """Return `UPDATE table SET … FROM (values) WHERE pk = …` and its parameters."""
    quote = connection.ops.quote_name
    is_postgresql = connection.vendor == "postgresql"
    assignments, parameters, sent = [], [], {0: columns[0]}
    for i, (field, column) in enumerate(zip(fields[1:], columns[1:], strict=True), 1):
        if all(value is column[0] for value in column):
            value = f"%s::{field.rel_db_type(connection)}" if is_postgresql else "%s"
            parameters.append(column[0])
        else:
            value = f"incoming.v{i}"
            sent[i] = column
        assignments.append(f"{quote(field.column)} = {value}")
    table = quote(fields[0].model._meta.db_table)
    key = f"{table}.{quote(fields[0].column)}"
    if is_postgresql:
        source, source_parameters = _unnested_arrays(fields, sent, key, connection)
    else:
        source, source_parameters = _json_table(sent, key)
    return f"UPDATE {table} SET {', '.join(assignments)} FROM {source}", parameters + source_parameters


def _unnested_arrays(
    fields: list[Any], sent: dict[int, Column], key: str, connection: BaseDatabaseWrapper
) -> tuple[str, list[Any]]:
    """Return arrays side by side as a table `incoming`, joined to `key`, and its parameters.

    The array of keys is there twice: without `= ANY` PostgreSQL reads the whole table for a batch of 2,000 rows of
    100,000 (1.2 s for all batches, with it 0.26 s).
    """
    key_type = array_type(fields[0], connection)
    types = [f"{fields[i].rel_db_type(connection)}[]" if i else key_type for i in sent]
    arrays = ", ".join(f"%s::{array}" for array in types)
    names = ", ".join(f"v{i}" for i in sent)
    parameters = [array_parameter(column) for column in sent.values()]
    source = f"unnest({arrays}) AS incoming({names}) WHERE {key} = incoming.v0 AND {key} = ANY(%s::{key_type})"
    return source, [*parameters, parameters[0]]


def _json_table(sent: dict[int, Column], key: str) -> tuple[str, list[Any]]:
    """Return a JSON list of rows as a table `incoming`, joined to `key`, and its parameter."""
    values = ", ".join(f"json_extract(value, '$[{place}]') AS v{i}" for place, i in enumerate(sent))
    rows = json.dumps(list(zip(*sent.values(), strict=True)), ensure_ascii=False)
    return f"(SELECT {values} FROM json_each(%s)) AS incoming WHERE {key} = incoming.v0", [rows]
