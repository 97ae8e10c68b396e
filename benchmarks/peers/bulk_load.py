"""django-bulk-load."""

from importlib import import_module

from django.utils import timezone

from benchmarks.peers.models import UPDATED_FIELDS, ShopProduct
from benchmarks.peers.reading import read_offers
from benchmarks.peers.steps import READING, WRITING, Steps


def load(path: str, steps: Steps) -> None:
    """Load the file; how many rows were written is not to be had without returning them all."""
    update = import_module("django_bulk_load").bulk_update_models
    now = timezone.now()
    with steps.time(READING):
        products = [
            ShopProduct(onec_id=offer.onec_id, stock_quantity=offer.quantity, stock_updated_at=now)
            for offer in read_offers(path)
        ]
    with steps.time(WRITING):
        update(
            products,
            update_field_names=UPDATED_FIELDS,
            pk_field_names=["onec_id"],
            model_changed_field_names=["stock_updated_at"],
        )
