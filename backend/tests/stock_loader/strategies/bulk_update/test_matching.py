"""One pass by itself: what it keeps, what it asks to be held, what it settles."""

import pytest

from apps.products.models import Product
from stock_loader.commerceml.records import Problem, StockRecord
from stock_loader.database.shop import mapping
from stock_loader.strategies import ONE_OFFER_ONE_PRODUCT, MatchRules
from stock_loader.strategies.bulk_update.matching import MatchingPass
from tests.stock_loader.strategies.stock_records import create_products, record

pytestmark = pytest.mark.django_db

SUMS = MatchRules(sums_variants=True)
ANY_SKU = MatchRules(sku_takes_any=True)
MUTE = StockRecord(1, "id 0", "", None, problem=Problem.NO_STOCK_DATA)


def matching_pass(
    *records: StockRecord, rules: MatchRules = ONE_OFFER_ONE_PRODUCT, held: frozenset[int] = frozenset()
) -> MatchingPass:
    matching = MatchingPass(held, mapping(), chunk_size=2, rules=rules, rejected_log=None)
    matching.run(iter(records))
    return matching


def keys(*keys: str) -> frozenset[int]:
    return frozenset(map(hash, keys))


def test_repeated_keys_have_to_be_held() -> None:
    matching = matching_pass(record("a"), record("b"), record("", sku="b"), record("a"))
    assert matching.keys_to_hold() == keys("a")


def test_offer_without_stock_data_repeats_nothing() -> None:
    assert matching_pass(record("id 0"), MUTE, MUTE).keys_to_hold() == frozenset()


def test_offer_that_is_taken_as_0_repeats_what_it_repeats() -> None:
    assert matching_pass(record("id 0"), MUTE.with_zero()).keys_to_hold() == keys("id 0")


@pytest.mark.parametrize(
    ("other", "rules", "held"),
    [
        (record("id 0#1"), SUMS, ["id 0"]),
        (record("id 0#1"), ONE_OFFER_ONE_PRODUCT, []),
        (record("x", sku="sku 0"), ANY_SKU, ["id 0"]),
        (record("x", sku="sku 0"), ONE_OFFER_ONE_PRODUCT, []),
        (record("x", sku="sku 1"), ANY_SKU, []),
    ],
)
def test_own_offer_has_to_be_held_where_others_lead_to_its_product(
    other: StockRecord, rules: MatchRules, held: list[str]
) -> None:
    create_products(2)
    assert matching_pass(record("id 0"), other, rules=rules).keys_to_hold() == keys(*held)
    assert matching_pass(record("id 0"), other, rules=rules, held=keys(*held)).keys_to_hold() == frozenset()


def test_held_offers_are_settled_together() -> None:
    create_products(1)
    records = [record("id 0", 4), record("id 0#1", 2), record("id 0", 3)]
    matching = matching_pass(*records, rules=SUMS, held=keys("id 0"))
    assert matching.comparison.changes == []
    matching.settle()
    findings = matching.comparison.findings()
    assert matching.comparison.changes == [(Product.objects.get().pk, 5, 2, 1)]
    assert (findings.total, findings.duplicate, findings.summed, findings.to_update) == (3, 1, 2, 2)


def test_own_offer_that_equals_its_variants_is_told() -> None:
    create_products(2)
    records = [record("id 1", 3), record("id 1#1", 3), record("id 0", 0), record("id 0#1", 0)]
    matching = matching_pass(*records, rules=SUMS, held=keys("id 0", "id 1"))
    matching.settle()
    findings = matching.comparison.findings()
    assert (findings.equal_totals, findings.first_equal_total) == (1, "id 1")


def test_reading_without_repetitions_keeps_nothing_for_the_end() -> None:
    create_products(3)
    matching = matching_pass(*(record(f"id {number}", 1) for number in range(3)))
    assert matching.comparison.findings().unchanged == 3
    assert matching.keys_to_hold() == frozenset()
