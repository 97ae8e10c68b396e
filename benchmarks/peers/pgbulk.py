"""django-pgbulk."""

from importlib import import_module

from django.db import transaction

from benchmarks.peers.models import UPDATED_FIELDS, ShopProduct
from benchmarks.peers.reading import find_changed
from benchmarks.peers.steps import WRITING, Steps


def load(path: str, steps: Steps) -> int:
    """Load the file; return the number of rows that were to be written."""
    update = import_module("pgbulk").update
    changed = find_changed(path, steps)
    with steps.time(WRITING), transaction.atomic():
        update(ShopProduct, changed, UPDATED_FIELDS)
    return len(changed)
