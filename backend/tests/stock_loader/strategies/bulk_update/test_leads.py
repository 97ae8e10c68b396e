import pytest

from stock_loader.commerceml.records import Problem, StockRecord
from stock_loader.reasons import Reason
from stock_loader.strategies import ONE_OFFER_ONE_PRODUCT, MatchRules
from stock_loader.strategies.bulk_update.leads import Lead, judge, lead_of, own_offer

SUMS = MatchRules(sums_variants=True)
TOTALS = MatchRules(sums_variants=True, own_is_total=True)
PRODUCT = (7, 1, "p")


def lead(number: int, onec_id: str, quantity: int | None = 1, **ways: bool) -> Lead:
    return lead_of((number, StockRecord(1, onec_id, "s", quantity)), PRODUCT, **ways)


def silent(number: int, onec_id: str, quantity: int | None = None, **ways: bool) -> Lead:
    return lead_of((number, StockRecord(1, onec_id, "s", quantity, problem=Problem.NO_STOCK_DATA)), PRODUCT, **ways)


OWN = lead(1, "p")
PART = lead(2, "p#1", is_variant=True)
BY_SKU = lead(3, "x", is_by_sku=True)
OTHER_BY_SKU = lead(4, "y", is_by_sku=True)
VARIANTS_BY_SKU = [lead(5, "q#1", is_by_sku=True, is_variant=True), lead(6, "q#2", is_by_sku=True, is_variant=True)]
MUTE = silent(8, "p")
ZERO = silent(8, "p", 0)
MUTE_BY_SKU = silent(9, "z", is_by_sku=True)


@pytest.mark.parametrize(
    ("leads", "rules", "counting", "rejected"),
    [
        ([OWN], ONE_OFFER_ONE_PRODUCT, [OWN], []),
        ([OWN, PART], SUMS, [OWN, PART], []),
        ([OWN, PART], TOTALS, [OWN], [(PART, Reason.SUPERSEDED)]),
        ([PART], TOTALS, [PART], []),
        ([ZERO, PART], TOTALS, [PART], [(ZERO, Reason.SUPERSEDED)]),
        ([MUTE, PART], SUMS, [PART], [(MUTE, Reason.NO_STOCK_DATA)]),
        ([OWN, BY_SKU], ONE_OFFER_ONE_PRODUCT, [OWN], [(BY_SKU, Reason.OTHER_1C_ID)]),
        ([ZERO, BY_SKU], ONE_OFFER_ONE_PRODUCT, [BY_SKU], [(ZERO, Reason.SUPERSEDED)]),
        ([BY_SKU], ONE_OFFER_ONE_PRODUCT, [BY_SKU], []),
        (
            [BY_SKU, OTHER_BY_SKU],
            SUMS,
            [],
            [(BY_SKU, Reason.AMBIGUOUS_SKU), (OTHER_BY_SKU, Reason.AMBIGUOUS_SKU)],
        ),
        (
            [BY_SKU, MUTE_BY_SKU, ZERO],
            ONE_OFFER_ONE_PRODUCT,
            [],
            [(MUTE_BY_SKU, Reason.NO_STOCK_DATA), (BY_SKU, Reason.AMBIGUOUS_SKU), (ZERO, Reason.SUPERSEDED)],
        ),
        (VARIANTS_BY_SKU, SUMS, VARIANTS_BY_SKU, []),
        (VARIANTS_BY_SKU, ONE_OFFER_ONE_PRODUCT, [], [(part, Reason.AMBIGUOUS_SKU) for part in VARIANTS_BY_SKU]),
        ([MUTE], ONE_OFFER_ONE_PRODUCT, [], [(MUTE, Reason.NO_STOCK_DATA)]),
    ],
)
def test_offers_that_lead_to_one_product_are_judged(
    leads: list[Lead], rules: MatchRules, counting: list[Lead], rejected: list[tuple[Lead, Reason]]
) -> None:
    judgement = judge(leads, rules)
    assert judgement.counting == counting
    assert judgement.rejected == rejected


def test_own_offer_is_the_one_that_is_no_variant() -> None:
    assert own_offer([PART, OWN]) is OWN
    assert own_offer([PART]) is None
