"""The shop's models and columns: nothing else in the loader names a field of a product.

`STOCK_LOADER` says which model holds quantities and where 1C's ids stand. It is read when it is first needed
(`wrong_settings.py` says what may be wrong with it).
"""

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.operations import BaseDatabaseOperations

from stock_loader.commerceml.offers.numbers import QuantityLimits
from stock_loader.database.choice import dialect_of
from stock_loader.database.keys import Key
from stock_loader.database.paths import SEPARATOR, Field, Model, walk
from stock_loader.database.set_based_update import SetBasedUpdateQuerySet

FIRST_TARGET = "products.Product.stock_quantity"
"""The target of loads before targets had names: sessions that name none are of this one, and its run lock keeps its
place, so that an older version and this one do not load it at the same time."""


@dataclass(frozen=True, kw_only=True)
class ShopMapping:
    """Which rows of the shop hold quantities, and what their columns are called."""

    model: Model
    quantity: Field
    onec_id: Key
    sku: Key | None
    """None: no fallback by sku."""
    name: str
    """A path, for reports; empty: none."""
    changed_at: str
    """A field; empty: none."""
    row_filter: dict[str, Any]
    """Look-ups that the rows fulfil; other rows are neither read nor zeroed nor counted."""

    @property
    def target(self) -> str:
        """Return the name of what is loaded: loads of different targets do not hinder each other."""
        if not self.row_filter:
            return self.column
        return f"{self.column} {json.dumps(self.row_filter, sort_keys=True, default=str)}"

    @property
    def column(self) -> str:
        """Return the name of the model and its field, whichever rows count."""
        return f"{self.model._meta.label}.{self.quantity.name}"

    @property
    def lock_name(self) -> str:
        """Return what tells the target's run lock from others; empty of the first target."""
        return "" if self.target == FIRST_TARGET else hashlib.sha256(self.target.encode()).hexdigest()[:16]

    @property
    def database(self) -> str:
        """Return the alias of the database to write to, and to read from: a replica may lag behind."""
        return router.db_for_write(self.model)

    @property
    def connection(self) -> BaseDatabaseWrapper:
        """Return the connection to that database."""
        return connections[self.database]

    @property
    def pk_path(self) -> str:
        """Return the path to the primary key's value: of a child of another model it is that of the parent."""
        names: list[str] = []
        field: Any = self.model._meta.pk
        while field.is_relation:
            names.append(field.name)
            field = field.target_field
        return SEPARATOR.join([*names, field.name])

    @property
    def has_number_keys(self) -> bool:
        """Tell whether primary keys are whole numbers."""
        return isinstance(walk(self.model, self.pk_path)[-1], models.IntegerField)

    @property
    def written(self) -> list[str]:
        """Return the names of the fields that a load writes."""
        return [self.quantity.name, *([self.changed_at] if self.changed_at else [])]

    @property
    def is_plain(self) -> bool:
        """Tell whether all that is matched by stands in the table of the rows, and all rows of it count."""
        keys = [self.onec_id, *([self.sku] if self.sku else [])]
        return not self.row_filter and all(key.is_own for key in keys)

    def table(self) -> SetBasedUpdateQuerySet[Any]:
        """Return all rows of the table, whatever the shop's own manager leaves out."""
        return SetBasedUpdateQuerySet(self.model, using=self.database).order_by()

    def rows(self) -> SetBasedUpdateQuerySet[Any]:
        """Return the rows that count."""
        return self.table().filter(**self.row_filter) if self.row_filter else self.table()

    def in_stock(self) -> SetBasedUpdateQuerySet[Any]:
        """Return the rows that count and have a quantity above 0."""
        return self.rows().filter(**{f"{self.quantity.name}__gt": 0})

    def limits(self) -> QuantityLimits:
        """Return what the column of the quantity can keep."""
        return quantity_limits(self.quantity, self.connection)


def quantity_limits(field: Field, connection: BaseDatabaseWrapper) -> QuantityLimits:
    """Return what a column of an integer or decimal field can keep.

    SQLite would store more than the field is declared for; the shop's code, or its next database, would not.
    """
    if isinstance(field, models.DecimalField):
        digits = min(field.max_digits, dialect_of(connection).decimal_digits)
        places = field.decimal_places
        maximum = Decimal((0, (9,) * digits, -places))
        return QuantityLimits(places, maximum if places else int(maximum))
    kind = field.get_internal_type()
    declared = BaseDatabaseOperations.integer_field_ranges.get(kind, (0, None))[1]
    stored = connection.ops.integer_field_range(kind)[1]
    return QuantityLimits(maximum=min(limit for limit in (declared, stored) if limit is not None))
