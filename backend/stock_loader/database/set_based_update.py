"""`Product.objects`: Django's queryset with a set-based `bulk_update`."""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

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
        if None in keys or len(set(keys)) < len(keys) or not all(map(dialect_of(connection).carries, columns)):
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
            and dialect_of(connection).has_set_based_update
        )

    def _update_from(self, columns: list[Column], names: list[str], connection: BaseDatabaseWrapper) -> int:
        sql, parameters = dialect_of(connection).update_rows(_fields(self.model, names), columns)
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return int(cursor.rowcount)


def _fields(model: type[models.Model], names: Iterable[str]) -> list[Any]:
    """Return the primary key's field and the named ones."""
    return [model._meta.pk, *(model._meta.get_field(name) for name in names)]


def _has_plain_column(field: "models.Field[Any, Any]") -> bool:
    return not (field.primary_key or field.is_relation or hasattr(field, "get_placeholder"))


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
