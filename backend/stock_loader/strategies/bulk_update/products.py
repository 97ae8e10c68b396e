"""The shop's products as `bulk_update` looks them up."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.db import router

from apps.products.models import Product

if TYPE_CHECKING:
    from django.db.models import QuerySet

STOCKED_CHUNK_SIZE = 10_000
"""Products in stock a query, while those are looked for that no offer names."""


def stored_products() -> "QuerySet[Product]":
    """Return the products where they are written: a replica may lag behind."""
    return Product.objects.using(router.db_for_write(Product))


def stocked_with_onec_id() -> Iterator[int]:
    """Yield the primary keys of the products in stock that have an onec_id.

    Page after page: Django's own `iterator` hides an error of its query behind that of closing the cursor.
    """
    stocked = stored_products().filter(stock_quantity__gt=0, onec_id__gt="").order_by("pk").values_list("pk", flat=True)
    page = list(stocked[:STOCKED_CHUNK_SIZE])
    while page:
        yield from page
        page = list(stocked.filter(pk__gt=page[-1])[:STOCKED_CHUNK_SIZE])


def products_by(field: str, keys: set[str]) -> dict[str, Any]:
    """Return (pk, quantity, onec_id) of the products whose `field` is among `keys`, by key, with one query.

    Plain tuples by an array of keys: half the time of `in_bulk`, which quotes a parameter a key and builds instances.
    """
    keys.discard("")
    if not keys:
        return {}
    products = stored_products().filter(**{f"{field}__among": keys})
    columns = ("pk", "stock_quantity", "onec_id")
    if field == "onec_id":
        return {row[2]: row for row in products.values_list(*columns)}
    return {row[3]: row[:3] for row in products.values_list(*columns, field)}
