"""What a situation is, and the rules that several of them ask for."""

from typing import NamedTuple

from stock_loader.strategies import ONE_OFFER_ONE_PRODUCT, MatchRules
from tests.stock_loader.strategies.stock_documents import Offer
from tests.stock_loader.strategies.stock_outcomes import Row


class Situation(NamedTuple):
    """A catalogue, a file, and what must come of them."""

    rows: list[Row]
    offers: list[Offer]
    quantities: list[int]
    fates: dict[str, int]
    rules: MatchRules = ONE_OFFER_ONE_PRODUCT
    zeroes_no_stock_data: bool = False


VARIANTS = MatchRules(sums_variants=True)
TOTALS = MatchRules(sums_variants=True, own_is_total=True)
ANY_SKU = MatchRules(sku_takes_any=True)
MISSING = MatchRules(zeroes_missing=True)
BOTH = MatchRules(sums_variants=True, zeroes_missing=True)
