"""What the peers share: a file read in the usual streaming way, and a look-up in the usual Django way."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from django.utils import timezone
from lxml import etree

from benchmarks.peers.models import UPDATED_FIELDS, ShopProduct
from benchmarks.peers.steps import MATCHING, READING, Steps

CHUNK_SIZE = 5000


class Offer(NamedTuple):
    """What a load needs of an offer."""

    onec_id: str
    quantity: int


def read_offers(path: str) -> Iterator[Offer]:
    """Yield the offers of layout L1 while the file is being read."""
    for _, element in etree.iterparse(path, tag="{*}Предложение"):
        quantities = element.iterfind(".//{*}Количество")
        yield Offer(element.findtext("{*}Ид") or "", sum(int(quantity.text or 0) for quantity in quantities))
        element.clear()
        while (parent := element.getparent()) is not None and element.getprevious() is not None:
            del parent[0]


def find_changed(path: str, steps: Steps, fields: Sequence[str] = ("onec_id", *UPDATED_FIELDS)) -> list[ShopProduct]:
    """Return the products that differ from the file, with their new values; of each, `fields` are loaded."""
    offers = read_offers(path)
    now = timezone.now()
    changed: list[ShopProduct] = []
    while True:
        with steps.time(READING):
            chunk = list(islice(offers, CHUNK_SIZE))
        if not chunk:
            return changed
        with steps.time(MATCHING):
            rows = ShopProduct.objects.only(*fields)
            products = rows.in_bulk([offer.onec_id for offer in chunk], field_name="onec_id")
            for offer in chunk:
                product = products.get(offer.onec_id)
                if product is not None and product.stock_quantity != offer.quantity:
                    product.stock_quantity, product.stock_updated_at = offer.quantity, now
                    changed.append(product)
