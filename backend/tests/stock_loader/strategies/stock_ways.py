"""Which product an offer leads to, found slowly and without a database."""

from collections.abc import Sequence

from tests.stock_loader.strategies.stock_documents import Offer
from tests.stock_loader.strategies.stock_outcomes import Row, Rules

Way = tuple[int, int]
"""How an offer leads to a product, and the place of that."""
BY_ID, AS_PART, BY_SKU = range(3)


def way_of(rows: Sequence[Row], offer: Offer, rules: Rules) -> Way | None:
    """Return how the offer leads to a product, None where it leads to none."""
    by_sku = find(rows, "sku", offer.sku or offer.onec_id)
    if by_sku is not None and rows[by_sku].onec_id and not rules.sku_takes_any:
        by_sku = None
    ways = [
        (BY_ID, find(rows, "onec_id", offer.onec_id)),
        (AS_PART, find(rows, "onec_id", product_id_of(offer) if rules.sums_variants else "")),
        (BY_SKU, by_sku),
    ]
    return next(((way, place) for way, place in ways if place is not None), None)


def product_id_of(offer: Offer) -> str:
    """Return the id of the product of which the offer is a variant, empty of any other."""
    product_id, mark, _ = offer.onec_id.partition("#")
    return product_id if mark else ""


def is_repetition(offer: Offer, later: Offer) -> bool:
    """Tell whether both are offers of one id, or of one sku where neither has an id."""
    if offer.onec_id or later.onec_id:
        return offer.onec_id == later.onec_id
    return bool(offer.sku) and offer.sku == later.sku


def find(rows: Sequence[Row], field: str, value: str) -> int | None:
    """Return the place of the first row with the value in the field, None where there is none."""
    if not value:
        return None
    return next((place for place, row in enumerate(rows) if getattr(row, field) == value), None)
