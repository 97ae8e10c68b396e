"""Django alone, `bulk_create(update_conflicts=True)`."""

from django.db import transaction

from benchmarks.peers.models import UPDATED_FIELDS, ShopProduct
from benchmarks.peers.reading import find_changed
from benchmarks.peers.steps import WRITING, Steps

BATCH_SIZE = 5000

WHOLE_ROW = ("onec_id", "sku", "name", *UPDATED_FIELDS)
"""What is inserted before PostgreSQL sees that the product is there."""


def load(path: str, steps: Steps) -> int:
    """Load the file; return the number of rows written."""
    changed = find_changed(path, steps, WHOLE_ROW)
    with steps.time(WRITING), transaction.atomic():
        ShopProduct.objects.bulk_create(
            changed,
            batch_size=BATCH_SIZE,
            update_conflicts=True,
            update_fields=UPDATED_FIELDS,
            unique_fields=["onec_id"],
        )
    return len(changed)
