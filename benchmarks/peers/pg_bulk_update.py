"""django-pg-bulk-update."""

from importlib import import_module

from django.db import transaction
from django.utils import timezone

from benchmarks.peers.models import ShopProduct
from benchmarks.peers.reading import read_offers
from benchmarks.peers.steps import READING, WRITING, Steps

BATCH_SIZE = 10_000


def load(path: str, steps: Steps) -> int:
    """Load the file; return the number of rows written."""
    update = import_module("django_pg_bulk_update").bulk_update
    now = timezone.now()
    with steps.time(READING):
        values = {
            (onec_id, quantity): {"stock_quantity": quantity, "stock_updated_at": now}
            for onec_id, quantity in read_offers(path)
        }
    with steps.time(WRITING), transaction.atomic():
        updated = update(
            ShopProduct,
            values,
            key_fields=("onec_id", "stock_quantity"),
            key_fields_ops={"stock_quantity": "!eq"},
            batch_size=BATCH_SIZE,
        )
    return int(updated)
