"""Rows of the shop for the offers of a file, so that anyone can try the loader on a file of their own."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import transaction

from stock_loader.commerceml.offers.numbers import kept
from stock_loader.commerceml.records import StockRecord
from stock_loader.database.keys import Key
from stock_loader.database.mapping import ShopMapping
from stock_loader.database.paths import walk
from stock_loader.database.shop import mapping
from stock_loader.errors import WrongSettingError

CHUNK_SIZE = 5000
"""Offers a round: three queries and one INSERT (more on SQLite, which limits its parameters)."""


@dataclass(frozen=True, kw_only=True)
class Seeded:
    """What became of the offers of a file."""

    created: int
    present: int
    """They had a product, or repeat an offer that got one."""
    unusable: int
    """They have neither id nor sku, or one that a product cannot hold."""


def seed_products(records: Iterable[StockRecord]) -> Seeded:
    """Create a product with stock 0 for every offer that has none, in one transaction.

    An offer has a product when one carries its id as onec_id, or, for an offer without id, its sku. The product's sku
    is the offer's where that is free (variants share theirs), else the id. Memory: one chunk.

    Raises:
        WrongSettingError: the shop's model cannot be created from an id, a sku and a name alone.
    """
    shop = _Shop(mapping())
    total = created = unusable = 0
    iterator = iter(records)
    with transaction.atomic(using=shop.database):
        while chunk := list(islice(iterator, CHUNK_SIZE)):
            usable = [record for record in chunk if shop.can_hold(record)]
            total += len(chunk)
            unusable += len(chunk) - len(usable)
            created += shop.create_missing(usable)
    return Seeded(created=created, present=total - created - unusable, unusable=unusable)


class _Shop:
    """The shop's model, as far as its rows are created here."""

    def __init__(self, shop: ShopMapping) -> None:
        if needed := sorted(_needed(shop)):
            raise WrongSettingError(
                "%(model)s cannot be created from an id, a sku and a name alone; it also needs: %(needed)s. Create its "
                "rows as the shop does.",
                model=shop.model._meta.label,
                needed=", ".join(needed),
            )
        self.database = shop.database
        self._shop = shop
        self._zero, _ = kept(0, shop.limits())

    def can_hold(self, record: StockRecord) -> bool:
        """Tell whether a row can be made of the offer."""
        shop = self._shop
        if not (record.onec_id or (record.sku and shop.sku and shop.onec_id.field.null)):
            return False
        return _fits(shop.onec_id, record.onec_id) and (shop.sku is None or _fits(shop.sku, record.sku))

    def create_missing(self, records: Sequence[StockRecord]) -> int:
        """Create what is missing; return how many."""
        shop = self._shop
        known_ids = self._stored(shop.onec_id, {record.onec_id for record in records})
        taken_skus = self._stored(shop.sku, {text for record in records for text in (record.sku, record.onec_id)})
        rows = []
        for record in records:
            sku = next((sku for sku in (record.sku, record.onec_id) if sku and sku not in taken_skus), None)
            if (sku is None and shop.sku) or (record.onec_id and record.onec_id in known_ids):
                continue
            known_ids.add(record.onec_id)
            taken_skus.add(sku or "")
            rows.append(shop.model(**self._values(record, sku)))
        shop.table().bulk_create(rows)
        return len(rows)

    def _stored(self, key: Key | None, texts: set[str]) -> set[str]:
        """Return those of `texts` that a row has, with one query."""
        values = key.values_of(texts - {""}) if key else {}
        if key is None or not values:
            return set()
        found = self._shop.table().filter(**{f"{key.path}__among": set(values)}).values_list(key.path, flat=True)
        return set(map(str, found))

    def _values(self, record: StockRecord, sku: str | None) -> dict[str, Any]:
        shop = self._shop
        values = {shop.quantity.name: self._zero, shop.onec_id.path: _value(shop.onec_id, record.onec_id)}
        if shop.sku:
            values[shop.sku.path] = _value(shop.sku, sku or "")
        if shop.name and shop.name not in values:
            name = record.sku or record.onec_id
            values[shop.name] = name[: walk(shop.model, shop.name)[0].max_length]
        return values


def _needed(shop: ShopMapping) -> Iterator[str]:
    """Yield what a row needs beside an id, a sku and a name of its own, by the names of the shop."""
    own = {field.name for field in shop.model._meta.local_concrete_fields}
    keys = [key.path for key in (shop.onec_id, shop.sku) if key]
    given = {*keys, shop.quantity.name, *([shop.name] if shop.name else [])}
    yield from (path for path in given if path not in own)
    yield from shop.row_filter
    for field in shop.model._meta.concrete_fields:
        if field.name not in given and not _may_be_left_out(field):
            yield field.name


def _may_be_left_out(field: Any) -> bool:
    made = field.primary_key and field.get_internal_type().endswith("AutoField")
    dated = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    return bool(made or dated or field.null or field.blank or field.has_default() or field.has_db_default())


def _fits(key: Key, text: str) -> bool:
    """Tell whether the column can hold `text`; none is always held, for then another text or NULL stands there."""
    if not text:
        return True
    if key.is_text:
        return len(text) <= (key.field.max_length or len(text))
    return bool(key.values_of([text]))


def _value(key: Key, text: str) -> Any:
    return next(iter(key.values_of([text])), None) if text else None
