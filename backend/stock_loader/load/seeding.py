"""Products for the offers of a file, so that anyone can try the loader on a file of their own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from django.db import transaction

from apps.products.models import MAX_ID_LENGTH, Product
from stock_loader.commerceml.records import StockRecord

CHUNK_SIZE = 5000
"""Offers a round: three queries and one INSERT (more on SQLite, which limits its parameters)."""


@dataclass(frozen=True, kw_only=True)
class Seeded:
    """What became of the offers of a file."""

    created: int
    present: int
    """They had a product, or repeat an offer that got one."""
    unusable: int
    """They have neither id nor sku, or a longer one than a product can hold."""


def seed_products(records: Iterable[StockRecord]) -> Seeded:
    """Create a product with stock 0 for every offer that has none, in one transaction.

    An offer has a product when one carries its id as onec_id, or, for an offer without id, its sku. The product's sku
    is the offer's where that is free (variants share theirs), else the id. Memory: one chunk.
    """
    total = created = unusable = 0
    iterator = iter(records)
    with transaction.atomic():
        while chunk := list(islice(iterator, CHUNK_SIZE)):
            usable = [record for record in chunk if record.key and _fits(record)]
            total += len(chunk)
            unusable += len(chunk) - len(usable)
            created += _create_missing(usable)
    return Seeded(created=created, present=total - created - unusable, unusable=unusable)


def _fits(record: StockRecord) -> bool:
    return max(len(record.onec_id), len(record.sku)) <= MAX_ID_LENGTH


def _create_missing(records: Sequence[StockRecord]) -> int:
    onec_ids = {record.onec_id for record in records if record.onec_id}
    skus = {sku for record in records for sku in (record.sku, record.onec_id) if sku}
    known_ids = set(Product.objects.filter(onec_id__among=onec_ids).values_list("onec_id", flat=True))
    taken_skus = set(Product.objects.filter(sku__among=skus).values_list("sku", flat=True))
    products = []
    for record in records:
        sku = next((sku for sku in (record.sku, record.onec_id) if sku and sku not in taken_skus), None)
        if sku is None or (record.onec_id and record.onec_id in known_ids):
            continue
        known_ids.add(record.onec_id)
        taken_skus.add(sku)
        name = record.sku or record.onec_id
        products.append(Product(onec_id=record.onec_id or None, sku=sku, name=name))
    Product.objects.bulk_create(products)
    return len(products)
