"""The shop's rows as `bulk_update` looks them up, locks and writes them."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from stock_loader.database.choice import dialect_of
from stock_loader.database.keys import Key
from stock_loader.database.mapping import ShopMapping
from stock_loader.outcome import ProductChange
from stock_loader.strategies.bulk_update.comparison import Change

STOCKED_CHUNK_SIZE = 10_000
"""Rows in stock a query, while those are looked for that no offer names."""


class Several(NamedTuple):
    """The rows to which one key leads, more than one."""

    pks: list[Any]


Found = Any
"""What a key leads to: primary key, quantity and onec_id of a row as a plain tuple, or `Several` rows."""


class ShopRows:
    """The rows of a shop that hold quantities."""

    def __init__(self, mapping: ShopMapping) -> None:
        self._mapping = mapping
        self._quantity = mapping.quantity.name

    def by(self, key: Key, texts: set[str]) -> dict[str, Found]:
        """Return what the `texts` lead to that lead anywhere, with one query."""
        texts.discard("")
        values = texts if key.is_text else key.values_of(texts)
        if not values:
            return {}
        rows, columns = self._mapping.rows(), ("pk", self._quantity, self._mapping.onec_id.path)
        if key.is_unique_column:
            found: dict[Any, Found] = rows.values_list(*columns).in_bulk(set(values), field_name=key.path)
        else:
            parts = (rows.filter(**{f"{key.path}__among": part}) for part in self._portions(set(values)))
            found = _gathered(row for part in parts for row in part.values_list(*columns, key.path))
        return found if key.is_text and self._mapping.onec_id.is_text else _as_texts(found)

    def stocked_with_onec_id(self) -> Iterator[Any]:
        """Yield the primary keys of the rows in stock that have an onec_id.

        Page after page: Django's own `iterator` hides an error of its query behind that of closing the cursor.
        """
        given = self._mapping.onec_id.given()
        stocked = self._mapping.in_stock().filter(**given).order_by("pk").values_list("pk", flat=True)
        page = list(stocked[:STOCKED_CHUNK_SIZE])
        while page:
            yield from page
            page = list(stocked.filter(pk__gt=page[-1])[:STOCKED_CHUNK_SIZE])

    def stored(self, pks: set[Any]) -> dict[Any, Any]:
        """Return the quantities of the rows, which are not locked; one query."""
        return {pk: stored for rows in self._with(pks) for pk, stored in rows.values_list("pk", self._quantity)}

    def told(self, pks: set[Any]) -> dict[Any, tuple[Any, str, str]]:
        """Return quantity, id of 1C and sku of the rows; one query."""
        sku = self._mapping.sku.path if self._mapping.sku else "pk"
        columns = ("pk", self._quantity, self._mapping.onec_id.path, sku)
        return {
            pk: (stored, _text(onec_id) or "", (_text(sku) or "") if self._mapping.sku else "")
            for rows in self._with(pks)
            for pk, stored, onec_id, sku in rows.values_list(*columns)
        }

    def lock(self, pks: set[Any]) -> dict[Any, Any]:
        """Lock the rows in key order, return their quantities; an order's foreign key waits only where it must."""
        no_key = self._mapping.connection.features.has_select_for_no_key_update
        locked: dict[Any, Any] = {}
        for rows in self._with(pks):
            locked |= dict(rows.select_for_update(no_key=no_key).values_list("pk", self._quantity))
        return locked

    def carriers(self, count: int, now: datetime) -> list[Any]:
        """Return instances that take new quantities to `update`."""
        carriers = [self._mapping.model() for _ in range(count)]
        for carrier in carriers if self._mapping.changed_at else ():
            setattr(carrier, self._mapping.changed_at, now)
        return carriers

    def update(self, changes: Sequence[tuple[Any, ...]], carriers: Sequence[Any]) -> int:
        """Write new quantities, return how many rows the database says it changed; one query.

        `changes` begin with primary key and quantity. The same `carriers` go batch after batch: to build an instance a
        row costs more (0.5 s for 100,000) than to send and update them (0.4 s).
        """
        return self._update(self._mapping.table(), changes, carriers)

    def can_update_at_once(self, pks: Sequence[Any]) -> bool:
        """Let `update_held` come where its statements take rows in the order of their keys; at most one query."""
        return dialect_of(self._mapping.connection).can_update_in_order(pks)

    def update_held(self, changes: Sequence[Change], carriers: Sequence[Any]) -> int:
        """Do the same where a row still holds what was read; it locks the rows in key order as it goes.

        Raises:
            NotSupportedError: the model asks for something that one statement cannot do.
        """
        table = self._mapping.table().holding([change[3] for change in changes])
        return self._update(table, changes, carriers)

    def _update(self, table: Any, changes: Sequence[tuple[Any, ...]], carriers: Sequence[Any]) -> int:
        rows, pk = carriers[: len(changes)], self._mapping.model._meta.pk.attname
        for row, change in zip(rows, changes, strict=True):
            setattr(row, pk, change[0])
            setattr(row, self._quantity, change[1])
        return int(table.bulk_update(rows, self._mapping.written, batch_size=len(rows)))

    def differing(self, wanted: dict[Any, Any]) -> Iterator[ProductChange]:
        """Yield the rows that hold another quantity than `wanted` now, in key order; one query."""
        texts = [key.path for key in (self._mapping.sku,) if key] + [self._mapping.name] * bool(self._mapping.name)
        columns = ("pk", self._mapping.onec_id.path, self._quantity, *texts)
        rows = (row for part in self._with(wanted) for row in part.values_list(*columns))
        for pk, onec_id, stored, *told in rows:
            if stored != wanted[pk]:
                sku = told[0] if self._mapping.sku else None
                name = told[-1] if self._mapping.name else None
                yield ProductChange(pk, _text(onec_id), _text(sku) or "", _text(name) or "", stored, wanted[pk])

    def _with(self, pks: Iterable[Any]) -> Iterator[Any]:
        """Yield the rows in key order: one query, or as many as a list is too long for a statement of the database."""
        for part in self._portions(sorted(set(pks))):
            yield self._mapping.table().filter(**{f"{self._mapping.pk_path}__among": part}).order_by("pk")

    def _portions(self, values: Collection[Any]) -> Iterator[set[Any]]:
        return map(set, dialect_of(self._mapping.connection).portions(values))


def _gathered(rows: Iterable[tuple[Any, ...]]) -> dict[Any, Found]:
    """Return the rows by their last column, of one value all rows."""
    found: dict[Any, Found] = {}
    for *row, value in rows:
        known = found.get(value)
        if known is None:
            found[value] = tuple(row)
        elif isinstance(known, Several):
            known.pks.append(row[0])
        else:
            found[value] = Several([known[0], row[0]])
    return found


def _as_texts(found: dict[Any, Found]) -> dict[str, Found]:
    """Return the same with all ids as the texts that they are written as."""
    return {str(value): row if isinstance(row, Several) else (*row[:2], _text(row[2])) for value, row in found.items()}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
