"""django-fast-update, `copy_update`."""

from importlib import import_module

from django.db import transaction

from benchmarks.peers.models import UPDATED_FIELDS, ShopProduct
from benchmarks.peers.reading import find_changed
from benchmarks.peers.steps import WRITING, Steps


def load(path: str, steps: Steps) -> int:
    """Load the file; return the number of rows written."""
    products = import_module("fast_update.query").FastUpdateQuerySet(ShopProduct)
    changed = find_changed(path, steps)
    with steps.time(WRITING), transaction.atomic():
        return int(products.copy_update(changed, UPDATED_FIELDS))
