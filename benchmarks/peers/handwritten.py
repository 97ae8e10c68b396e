"""The pattern that shops write by hand."""

from xml.etree import ElementTree as ET

from django.db import transaction
from django.utils import timezone

from benchmarks.peers.models import UPDATED_FIELDS, ShopProduct
from benchmarks.peers.steps import MATCHING, READING, WRITING, Steps

BATCH_SIZE = 1000


def load(path: str, steps: Steps) -> int:
    """Load the file; return the number of rows written."""
    with steps.time(READING):
        root = ET.parse(path).getroot()  # noqa: S314  # the pattern, and a file of our own
    namespace = root.tag.partition("}")[0] + "}" if "}" in root.tag else ""
    products: list[ShopProduct] = []
    with transaction.atomic():
        with steps.time(MATCHING):
            for offer in root.iter(f"{namespace}Предложение"):
                try:
                    product = ShopProduct.objects.get(onec_id=offer.findtext(f"{namespace}Ид"))
                except ShopProduct.DoesNotExist:
                    continue
                quantities = offer.iter(f"{namespace}Количество")
                product.stock_quantity = sum(int(quantity.text or 0) for quantity in quantities)
                product.stock_updated_at = timezone.now()
                products.append(product)
        with steps.time(WRITING):
            return ShopProduct.objects.bulk_update(products, UPDATED_FIELDS, batch_size=BATCH_SIZE)
