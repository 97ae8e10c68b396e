"""django-pg-bulk-update."""

from importlib import import_module

from django.db import transaction

from benchmarks.peers.models import ShopProduct
from benchmarks.peers.reading import find_changed
from benchmarks.peers.steps import WRITING, Steps

BATCH_SIZE = 5000


def load(path: str, steps: Steps) -> int:
    """Load the file; return the number of rows written."""
    update = import_module("django_pg_bulk_update").bulk_update
    changed = find_changed(path, steps)
    with steps.time(WRITING), transaction.atomic():
        values = [
            {
                "id": product.pk,
                "stock_quantity": product.stock_quantity,
                "stock_updated_at": product.stock_updated_at,
            }
            for product in changed
        ]
        return int(update(ShopProduct, values, batch_size=BATCH_SIZE)) if values else 0
