"""django-import-export in bulk mode."""

from importlib import import_module
from typing import Any

from django.utils import timezone

from benchmarks.peers.models import UPDATED_FIELDS, ShopProduct
from benchmarks.peers.reading import read_offers
from benchmarks.peers.steps import READING, WRITING, Steps


def load(path: str, steps: Steps) -> int:
    """Load the file; return the number of rows written."""
    resource = _resource()
    with steps.time(READING):
        dataset = import_module("tablib").Dataset(*read_offers(path), headers=["onec_id", "stock_quantity"])
    with steps.time(WRITING):
        result = resource.import_data(dataset, use_transactions=True, raise_errors=True)
    return int(result.totals["update"])


def _resource() -> Any:
    resources = import_module("import_export.resources")
    loaders = import_module("import_export.instance_loaders")
    now = timezone.now()

    def stamp(_resource: object, instance: ShopProduct, _row: object, **_: object) -> None:
        instance.stock_updated_at = now

    options = {
        "model": ShopProduct,
        "fields": ["onec_id", "stock_quantity"],
        "import_id_fields": ["onec_id"],
        "instance_loader_class": loaders.CachedInstanceLoader,
        "use_bulk": True,
        "skip_unchanged": True,
        "report_skipped": False,
        "skip_html_diff": True,
    }
    body = {
        "Meta": type("Meta", (), options),
        "before_save_instance": stamp,
        "get_bulk_update_fields": lambda _: UPDATED_FIELDS,
    }
    return type(resources.ModelResource)("StockResource", (resources.ModelResource,), body)()
