"""Django alone, used well."""

from django.db import transaction

from benchmarks.peers.models import UPDATED_FIELDS, ShopProduct
from benchmarks.peers.reading import find_changed
from benchmarks.peers.steps import WRITING, Steps

BATCH_SIZE = 500


def load(path: str, steps: Steps) -> int:
    """Load the file; return the number of rows written."""
    changed = find_changed(path, steps)
    with steps.time(WRITING), transaction.atomic():
        return ShopProduct.objects.bulk_update(changed, UPDATED_FIELDS, batch_size=BATCH_SIZE)
