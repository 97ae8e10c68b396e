"""Django's queryset with a set-based `bulk_update`, and an `in_bulk` that sends its keys as one parameter."""

import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from operator import attrgetter, itemgetter
from typing import Any, TypeVar

from django.db import NotSupportedError, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    NamedValuesListIterable,
    ValuesIterable,
    ValuesListIterable,
)

from stock_loader.database.choice import dialect_of
from stock_loader.database.dialect import Column

_Row = TypeVar("_Row", bound=models.Model)

WHOLE_NUMBER_FIELDS = frozenset(
    {
        *(models.AutoField, models.BigAutoField, models.SmallAutoField),
        *(models.IntegerField, models.BigIntegerField, models.SmallIntegerField),
        *(models.PositiveIntegerField, models.PositiveBigIntegerField, models.PositiveSmallIntegerField),
    }
)
"""Django's fields that prepare an int as itself."""


AMONG: dict[type[Any], type[Any]] = {
    **dict.fromkeys((models.CharField, models.TextField, models.SlugField), str),
    **dict.fromkeys(WHOLE_NUMBER_FIELDS, int),
    models.UUIDField: uuid.UUID,
}
"""Fields that prepare values of these types for a look-up as themselves."""


class SetBasedUpdateQuerySet(models.QuerySet[_Row]):
    """A queryset whose `bulk_update` sends `UPDATE … FROM` where that means the same as Django's own.

    Django's compiles one `CASE WHEN` a row: 100,000 rows take seconds in Python alone. Here the values travel as one
    array per field (PostgreSQL) or one JSON list (SQLite 3.33 and newer), a value that all objects share as itself.
    """

    _held: Column | None = None

    def holding(self, values: Sequence[Any]) -> "SetBasedUpdateQuerySet[_Row]":
        """Return a queryset whose `bulk_update` leaves rows alone that somebody changed.

        Of each object a value tells what the first field must hold still. Rows are then locked in the order of the
        objects, where the database says that it can (`Dialect.can_update_in_order`).
        """
        rows: SetBasedUpdateQuerySet[_Row] = self.all()
        rows._held = list(values)
        return rows

    def bulk_update(self, objs: Iterable[_Row], fields: Iterable[str], batch_size: int | None = None) -> int:
        """Write `fields` of `objs` and return the number of rows matched, as Django's `bulk_update` does.

        One UPDATE per `batch_size` objects (all at once when None; fewer where the server takes no statement of that
        length), in one transaction. Anything but plain column values (expressions, floats, relations, filtered
        querysets, repeated objects, other databases) is left to Django.

        Raises:
            ValueError, FieldDoesNotExist: as Django's.
            NotSupportedError: after `holding`, where Django would have to do it.
        """
        rows, names = list(objs), list(fields)
        self._for_write = True
        connection = connections[self.db]
        batches = self._plain_batches(rows, names, batch_size, connection)
        if batches is None and self._held is not None:
            raise NotSupportedError("holding() needs plain values, and a database with UPDATE … FROM.")
        if batches is None:
            return super().bulk_update(rows, names, batch_size)
        with transaction.atomic(using=connection.alias, savepoint=False):
            return sum(self._update_from(batch, names, connection) for batch in batches)

    bulk_update.alters_data = True  # type: ignore[attr-defined]  # templates must not call it

    def in_bulk(self, id_list: Iterable[Any] | None = None, *, field_name: str = "pk") -> dict[Any, Any]:
        """Return the rows by the values of `field_name`, as Django's `in_bulk` does, with one query.

        The keys are sent as one array or list, where Django sends a parameter a key. After `values()` and
        `values_list()` the dictionary holds what these would yield, as from Django 6.1 on.

        Raises:
            TypeError, ValueError: as Django's.
        """
        if self.query.is_sliced:
            raise TypeError("Cannot use 'limit' or 'offset' with in_bulk().")
        if id_list is not None and not id_list:
            return {}
        if not self._is_unique(field_name):
            raise ValueError(f"in_bulk()'s field_name must be a unique field but {field_name!r} isn't.")
        rows, key_of, value_of = self._keyed_by(field_name)
        found: dict[Any, Any] = {}
        for part in [rows] if id_list is None else self._among(rows, field_name, id_list):
            found |= {key_of(row): value_of(row) for row in part} if value_of else {key_of(row): row for row in part}
        return found

    def _among(self, rows: Any, name: str, ids: Iterable[Any]) -> Iterator[Any]:
        """Yield queries of the rows whose field is among `ids`: one, or as many as its statement is too long."""
        values = ids if isinstance(ids, set) else list(ids)
        for portion in dialect_of(connections[self.db]).portions(values):
            yield rows.filter(**_membership(self.model, name, portion))

    def _is_unique(self, name: str) -> bool:
        """Tell whether no two rows have the same value of the field."""
        meta = self.model._meta
        return (
            name == "pk"
            or bool(getattr(meta.get_field(name), "unique", False))
            or any(constraint.fields == (name,) for constraint in meta.total_unique_constraints)
            or self.query.distinct_fields == (name,)
        )

    def _keyed_by(self, name: str) -> tuple[Any, Callable[[Any], Any], Callable[[Any], Any] | None]:
        """Return the query with the field selected, what gives a row's key, and its value where that is not the row."""
        kind = self._iterable_class
        if issubclass(kind, ModelIterable):
            return self.all(), attrgetter(name), None
        if not issubclass(kind, ValuesIterable | ValuesListIterable | FlatValuesListIterable):
            raise TypeError(f"in_bulk() cannot be used with {kind.__name__}.")
        query = self.query
        selected = tuple(query.selected or (*query.extra_select, *query.values_select, *query.annotation_select))
        if issubclass(kind, ValuesIterable):
            return self._keyed_dicts(name, selected)
        if issubclass(kind, FlatValuesListIterable):
            return self.values_list(name, *selected), itemgetter(0), itemgetter(1)
        if name in selected:
            return self.all(), itemgetter(selected.index(name)), None
        if issubclass(kind, NamedValuesListIterable):
            return self.values_list(name, *selected, named=True), itemgetter(0), None
        return self.values_list(name, *selected), itemgetter(0), itemgetter(slice(1, None))

    def _keyed_dicts(self, name: str, selected: Sequence[str]) -> tuple[Any, Callable[[Any], Any], Any]:
        if name in selected:
            return self.all(), itemgetter(name), None

        def without_key(row: dict[str, Any]) -> dict[str, Any]:
            del row[name]
            return row

        return self.values(name, *selected), itemgetter(name), without_key

    def _plain_batches(
        self, rows: list[_Row], names: list[str], batch_size: int | None, connection: BaseDatabaseWrapper
    ) -> list[list[Column]] | None:
        """Return per batch the primary keys and then each field as columns, or None when Django must do it."""
        if not rows or not self._is_plain_update(names, batch_size, connection):
            return None
        fields = _fields(self.model, names)
        columns = [_prepared(list(map(attrgetter(field.attname), rows)), field, connection) for field in fields]
        if self._held is not None:
            columns.append(_prepared(self._held, fields[1], connection))
        keys = columns[0]
        if None in keys or len(set(keys)) < len(keys) or not all(map(dialect_of(connection).carries, columns)):
            return None
        size = batch_size or len(rows)
        slices = ([column[start : start + size] for column in columns] for start in range(0, len(rows), size))
        return [part for batch in slices for part in dialect_of(connection).row_portions(batch)]

    def _is_plain_update(self, names: list[str], batch_size: int | None, connection: BaseDatabaseWrapper) -> bool:
        """Tell whether arguments, queryset and database allow `UPDATE … FROM`; Django reports wrong arguments."""
        meta = self.model._meta
        own_fields = {field.name for field in meta.local_concrete_fields if _has_plain_column(field)}
        return (
            bool(names)
            and len(set(names)) == len(names)
            and own_fields.issuperset(names)
            and (batch_size is None or batch_size > 0)
            and len(meta.pk_fields) == 1
            and not self.query.is_empty()
            and not self.query.where
            and not self.query.is_sliced
            and not self.query.combinator
            and not self.query.distinct
            and dialect_of(connection).has_set_based_update
        )

    def _update_from(self, columns: list[Column], names: list[str], connection: BaseDatabaseWrapper) -> int:
        held = columns.pop() if self._held is not None else None
        sql, parameters = dialect_of(connection).update_rows(_fields(self.model, names), columns, held=held)
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return int(cursor.rowcount)


def _membership(model: type[models.Model], name: str, values: Collection[Any]) -> dict[str, Any]:
    """Return the look-up of the rows whose field is among `values`, by `among` where that means the same as `in`."""
    field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    return {f"{name}__among" if _is_among(field, values) else f"{name}__in": values}


def _is_among(field: Any, values: Collection[Any]) -> bool:
    """Tell whether `among` takes the values as the field's own look-ups would."""
    kind = AMONG.get(type(field))
    if set(map(type, values)) != {kind}:
        return False
    if kind is int:
        low, high = BaseDatabaseOperations.integer_field_ranges[field.get_internal_type()]
        return bool(low <= min(values) and max(values) <= high)
    return kind is not str or "\0" not in "".join(values)


def _fields(model: type[models.Model], names: Iterable[str]) -> list[Any]:
    """Return the primary key's field and the named ones."""
    return [model._meta.pk, *(model._meta.get_field(name) for name in names)]


def _has_plain_column(field: "models.Field[Any, Any]") -> bool:
    return not (field.primary_key or field.is_relation or hasattr(field, "get_placeholder"))


def _prepared(values: Column, field: "models.Field[Any, Any]", connection: BaseDatabaseWrapper) -> Column:
    """Return values of the field as the database takes them; the same object in many rows is prepared once."""
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
