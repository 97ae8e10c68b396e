"""What the statements of `copy` call the shop's table and columns.

Names of the table itself: `{table}`, `{pk}`, `{quantity}`, and `{stamp}`, what else an UPDATE sets.
`{stored} p` are the rows that count, with `{p_pk}`, `{p_quantity}`, and the conditions that lead to them:
`{onec_id_matches}`, `{product_id_matches}` and `{sku_matches}` of an offer `o`. `{listed} p` are all rows with what is
told of them. On plain columns both are the table, else a query that Django compiles.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F

from stock_loader.database.choice import dialect_of
from stock_loader.database.keys import Key
from stock_loader.database.mapping import ShopMapping
from stock_loader.database.paths import walk

ONEC_ID, SKU, NAME = "onec_id", "sku", "name"
PREFIX = "stock_load_"


class Names:
    """The names, and the parameters of `{stored}`."""

    def __init__(self, mapping: ShopMapping) -> None:
        self.mapping = mapping
        self._quote = mapping.connection.ops.quote_name
        meta = mapping.model._meta
        limits = mapping.limits()
        has_repeated_skus = mapping.sku is not None and not mapping.sku.is_unique
        self.stored_parameters: tuple[Any, ...] = ()
        self.values = {
            "table": self._quote(meta.db_table),
            "pk": self._quote(meta.pk.column),
            "quantity": self._quote(mapping.quantity.column),
            "quantity_type": mapping.quantity.db_type(mapping.connection),
            "maximum": str(limits.maximum),
            "stamp": self._stamp(),
            "several": "count(*) OVER (PARTITION BY o.number) > 1" if has_repeated_skus else "false",
        }
        self.values |= self._stored() | self._listed()
        self.values |= self.extra()

    def extra(self) -> dict[str, str]:
        """Return what only the statements of this database name."""
        return {}

    def _stamp(self) -> str:
        if not self.mapping.changed_at:
            return ""
        return f", {self._quote(walk(self.mapping.model, self.mapping.changed_at)[0].column)} = %s"

    def _stored(self) -> dict[str, str]:
        """Return the names of the rows that count and of what offers match."""
        mapping = self.mapping
        keys = {ONEC_ID: mapping.onec_id} | ({SKU: mapping.sku} if mapping.sku else {})
        if mapping.is_plain:
            source = self._plain({name: key.path for name, key in keys.items()})
        else:
            source, self.stored_parameters = self._compiled({name: key.path for name, key in keys.items()})
        matches = self.matching(mapping.onec_id, source[ONEC_ID])
        return {
            "stored": source["rows"],
            "p_pk": source["pk"],
            "p_quantity": source["quantity"],
            "has_onec_id": self.has_id(mapping.onec_id, source[ONEC_ID]),
            "onec_id_matches": matches("o.onec_id"),
            "product_id_matches": matches("o.product_id"),
            "sku_matches": self.matching(mapping.sku, source[SKU])("o.sku") if mapping.sku else "false",
        }

    def matching(self, key: Key, column: str) -> Callable[[str], str]:
        """Return what makes of the SQL of a text the condition that `column` of `key` holds it and no other.

        Whatever the collation of the column; without its index where different texts are equal in that.
        """
        field = walk(self.mapping.model, key.path)[-1]
        if field.column in dialect_of(self.mapping.connection).inexact_columns(field.model._meta.db_table):
            column = f'{column} COLLATE "C"'
        return partial(key.equals, column)

    def has_id(self, key: Key, column: str) -> str:
        """Return the condition that `column` holds an id."""
        return key.is_given(column)

    def as_text(self, path: str, column: str) -> str:  # noqa: ARG002  # PostgreSQL writes all as Python does
        """Return SQL for the text of what stands in `column`, the field at the end of `path`."""
        return f"{column}::text"

    def _listed(self) -> dict[str, str]:
        """Return the names of all rows with what is told of them."""
        mapping = self.mapping
        told = {ONEC_ID: mapping.onec_id.path, SKU: mapping.sku.path if mapping.sku else "", NAME: mapping.name}
        told = {name: path for name, path in told.items() if path}
        own = {field.name for field in mapping.model._meta.local_concrete_fields}
        source = self._plain(told) if own.issuperset(told.values()) else self._compiled(told, counts_only=False)[0]
        texts = {
            f"told_{name}": f"coalesce({self.as_text(told[name], source[name])}, '')"
            for name in (SKU, NAME)
            if name in source
        }
        empty = {"told_sku": "''", "told_name": "''"}
        return (
            empty
            | texts
            | {
                "listed": source["rows"],
                "listed_pk": source["pk"],
                "listed_quantity": source["quantity"],
                "told_onec_id": self.as_text(told[ONEC_ID], source[ONEC_ID]),
            }
        )

    def _plain(self, paths: dict[str, str]) -> dict[str, str]:
        meta = self.mapping.model._meta
        columns = {name: str(walk(self.mapping.model, path)[0].column) for name, path in paths.items()}
        columns |= {"pk": str(meta.pk.column), "quantity": str(self.mapping.quantity.column)}
        return {name: f"p.{self._quote(column)}" for name, column in columns.items()} | {
            "rows": f"{self._quote(meta.db_table)} p"
        }

    def _compiled(self, paths: dict[str, str], *, counts_only: bool = True) -> tuple[dict[str, str], tuple[Any, ...]]:
        columns = {"pk": "pk", "quantity": self.mapping.quantity.name} | paths
        rows = self.mapping.rows() if counts_only else self.mapping.table()
        try:
            sql, parameters = _compile(rows, columns, self.mapping.connection)
        except EmptyResultSet:  # a filter that nothing can fulfil
            sql, parameters = _compile(self.mapping.table(), columns, self.mapping.connection)
            sql = f"{sql} LIMIT 0"
        names = {name: f"p.{self._quote(PREFIX + name)}" for name in columns}
        return names | {"rows": f"({sql}) p"}, parameters


def _compile(rows: Any, paths: dict[str, str], connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
    """Return the query of the paths under their names, which are prefixed: a field of the shop may have the same."""
    named = {PREFIX + name: F(path) for name, path in paths.items()}
    sql, parameters = rows.annotate(**named).values_list(*named).query.get_compiler(connection=connection).as_sql()
    return sql, tuple(parameters)
