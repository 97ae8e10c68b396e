"""Which product an offer leads to and which of several offers counts: the same with every strategy."""

from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import pytest

from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.strategies import ONE_OFFER_ONE_PRODUCT, MatchRules
from tests.stock_loader.strategies.stock_catalogues import PRODUCTS
from tests.stock_loader.strategies.stock_documents import (
    INVALID,
    NO_STOCK_DATA,
    Offer,
    Stock,
    pieces,
    write_document,
)
from tests.stock_loader.strategies.stock_rules import Row
from tests.strategies import STRATEGIES

pytestmark = pytest.mark.django_db(transaction=True)

LONGEST = "x" * 100


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

SITUATIONS = {
    "empty catalogue": Situation([], [Offer("a")], [], {"not_found": 1}),
    "empty file": Situation([Row("a", "s", 1)], [], [1], {}),
    "onec_id": Situation([Row("a", "s", 1)], [Offer("a", stock=pieces(2))], [2], {"updated": 1}),
    "own sku": Situation(
        [Row(None, "s", 1)], [Offer("a", "s", stock=pieces(2))], [2], {"updated": 1, "matched_by_sku": 1}
    ),
    "own sku, without id": Situation(
        [Row(None, "s", 1)], [Offer(sku="s", stock=pieces(2))], [2], {"updated": 1, "matched_by_sku": 1}
    ),
    "id as sku": Situation(
        [Row(None, "a", 1)], [Offer("a", stock=pieces(1))], [1], {"unchanged": 1, "matched_by_sku": 1}
    ),
    "id is no sku where the offer has a sku": Situation([Row(None, "a", 1)], [Offer("a", "s")], [1], {"not_found": 1}),
    "empty id and sku match nothing": Situation(
        [Row("", "", 1)],
        [Offer(stock=pieces(2)), Offer(stock=pieces(3)), Offer("b")],
        [1],
        {"invalid": 2, "not_found": 1},
    ),
    "repeated id, the last counts": Situation(
        [Row("a", "s", 1)],
        [Offer("a", stock=pieces(2)), Offer("b"), Offer("a", stock=pieces(3))],
        [3],
        {"updated": 1, "duplicate": 1, "not_found": 1},
    ),
    "repeated id, the last is what the product has": Situation(
        [Row("a", "s", 1)], [Offer("a", stock=pieces(2)), Offer("a")], [1], {"unchanged": 1, "duplicate": 1}
    ),
    "repeated id, the last is invalid": Situation(
        [Row("a", "s", 1)],
        [Offer("a", stock=pieces(2)), Offer("a", stock=INVALID)],
        [1],
        {"invalid": 1, "duplicate": 1},
    ),
    "repeated id, the last is without stock data": Situation(
        [Row("a", "s", 1)],
        [Offer("a", stock=pieces(2)), Offer("a", stock=NO_STOCK_DATA)],
        [2],
        {"updated": 1, "no_stock_data": 1},
    ),
    "repeated id, the last is without stock data and taken as 0": Situation(
        [Row("a", "s", 1)],
        [Offer("a", stock=NO_STOCK_DATA), Offer("a", stock=pieces(5)), Offer("a", stock=NO_STOCK_DATA)],
        [5],
        {"updated": 1, "duplicate": 2},
        zeroes_no_stock_data=True,
    ),
    "repeated id, all without stock data and taken as 0": Situation(
        [Row("a", "s", 1), Row("b", "t", 2)],
        [Offer("a", stock=NO_STOCK_DATA), Offer("a", stock=NO_STOCK_DATA), Offer("b", stock=pieces(2))],
        [0, 2],
        {"updated": 1, "unchanged": 1, "duplicate": 1, "zeroed": 1},
        zeroes_no_stock_data=True,
    ),
    "repeated sku of offers without id": Situation(
        [Row(None, "s", 1)],
        [Offer(sku="s", stock=pieces(2)), Offer(sku="s", stock=pieces(3))],
        [3],
        {"updated": 1, "duplicate": 1, "matched_by_sku": 1},
    ),
    "onec_id beats a later sku": Situation(
        [Row("a", "s", 1)],
        [Offer("a", stock=pieces(2)), Offer("b", "s", stock=pieces(3))],
        [2],
        {"updated": 1, "not_found": 1, "other_id": 1},
    ),
    "onec_id beats an earlier sku": Situation(
        [Row("a", "s", 1)],
        [Offer(sku="s", stock=pieces(3)), Offer("a", stock=pieces(2))],
        [2],
        {"updated": 1, "not_found": 1, "other_id": 1},
    ),
    "onec_id of an invalid offer goes before any sku": Situation(
        [Row("a", "s", 1)],
        [Offer("a", stock=INVALID), Offer("b", "s", stock=pieces(3))],
        [1],
        {"invalid": 1, "not_found": 1, "other_id": 1},
        ANY_SKU,
    ),
    "any sku goes before the onec_id of an offer without stock data": Situation(
        [Row("a", "s", 1), Row("c", "t", 1)],
        [Offer("b", "s", stock=pieces(3)), Offer("a", stock=NO_STOCK_DATA), Offer("c")],
        [3, 1],
        {"updated": 1, "unchanged": 1, "matched_by_sku": 1, "no_stock_data": 1},
        ANY_SKU,
    ),
    "any sku goes before the onec_id of an offer without stock data that is taken as 0": Situation(
        [Row("a", "s", 1)],
        [Offer("b", "s", stock=pieces(3)), Offer("a", stock=NO_STOCK_DATA)],
        [3],
        {"updated": 1, "matched_by_sku": 1, "duplicate": 1},
        ANY_SKU,
        zeroes_no_stock_data=True,
    ),
    "onec_id of a repeated offer goes before any sku": Situation(
        [Row("a", "s", 1)],
        [Offer("a", stock=pieces(2)), Offer("b", "s", stock=pieces(3)), Offer("a", stock=pieces(4))],
        [4],
        {"updated": 1, "duplicate": 1, "not_found": 1, "other_id": 1},
        ANY_SKU,
    ),
    "item that was made anew in 1C, found by any sku": Situation(
        [Row("old", "s", 1)],
        [Offer("new", "s", stock=pieces(2))],
        [2],
        {"updated": 1, "matched_by_sku": 1},
        ANY_SKU,
    ),
    "sku of a product with another onec_id": Situation(
        [Row("old", "s", 1)], [Offer("new", "s", stock=pieces(2))], [1], {"not_found": 1, "other_id": 1}
    ),
    "code that is another product's sku": Situation(
        [Row("5021", "137", 8)], [Offer("137", stock=pieces(2))], [8], {"not_found": 1, "other_id": 1}
    ),
    "two goods with one article, one in the shop": Situation(
        [Row("a", "s", 1)],
        [Offer("a", "s", stock=pieces(4)), Offer("b", "s", stock=pieces(9))],
        [4],
        {"updated": 1, "not_found": 1, "other_id": 1},
    ),
    "variant that the shop does not have yet": Situation(
        [Row("p", "X-100", 7), Row("p#v1", "X-100-1", 1)],
        [Offer("p#v1", "X-100", stock=pieces(2)), Offer("p#v2", "X-100", stock=pieces(3))],
        [7, 2],
        {"updated": 1, "not_found": 1, "other_id": 1},
    ),
    "invalid offer with the sku of a product with another onec_id": Situation(
        [Row("old", "s", 1)], [Offer("new", "s", stock=INVALID)], [1], {"invalid": 1}
    ),
    "several by sku are ambiguous": Situation(
        [Row(None, "s", 1)],
        [Offer("a", "s", stock=pieces(2)), Offer("b", "s", stock=pieces(3))],
        [1],
        {"ambiguous": 2},
    ),
    "several by any sku are ambiguous": Situation(
        [Row("z", "s", 1)],
        [Offer("a", "s", stock=pieces(2)), Offer("b", "s", stock=pieces(3))],
        [1],
        {"ambiguous": 2},
        ANY_SKU,
    ),
    "variants with the article of their product, not summed": Situation(
        [Row(None, "X-100", 9)],
        [Offer(f"p#v{number}", "X-100", stock=pieces(number)) for number in (1, 1, 3)],
        [9],
        {"ambiguous": 2, "duplicate": 1},
    ),
    "several by sku, one of them invalid": Situation(
        [Row(None, "s", 1)],
        [Offer("a", "s", stock=pieces(2)), Offer("b", "s", stock=INVALID)],
        [1],
        {"invalid": 1, "ambiguous": 1},
    ),
    "several by sku, one of them without stock data": Situation(
        [Row("", "s", 1)],
        [Offer("a", "s", stock=pieces(2)), Offer("b", "s", stock=NO_STOCK_DATA)],
        [1],
        {"ambiguous": 1, "no_stock_data": 1},
    ),
    "several by sku, an earlier one is a repetition": Situation(
        [Row(None, "s", 1)],
        [Offer("a", "s", stock=pieces(2)), Offer("a", "s", stock=pieces(3)), Offer("b", "s", stock=pieces(4))],
        [1],
        {"ambiguous": 2, "duplicate": 1},
    ),
    "one by its id as sku, one by its sku": Situation(
        [Row(None, "a", 1)],
        [Offer("a", stock=pieces(2)), Offer("b", "a", stock=pieces(3))],
        [1],
        {"ambiguous": 2},
    ),
    "repetition of one id at one sku": Situation(
        [Row(None, "s", 1)],
        [Offer("a", "s", stock=pieces(2)), Offer("a", "s", stock=pieces(3))],
        [3],
        {"updated": 1, "duplicate": 1, "matched_by_sku": 1},
    ),
    "longer id than a product's": Situation(
        [Row(LONGEST, LONGEST, 1)], [Offer(LONGEST + "y", stock=pieces(2))], [1], {"not_found": 1}
    ),
    "above 0 to 0": Situation(
        [Row("a", "s", 1), Row("b", "t", 0)],
        [Offer("a", stock=pieces(0)), Offer("b", stock=pieces(0))],
        [0, 0],
        {"updated": 1, "unchanged": 1, "zeroed": 1},
    ),
    "deletion marks": Situation(
        [Row("a", "s", 1), Row("b", "t", 0)],
        [Offer("a", deleted=True), Offer("b", stock=INVALID, deleted=True)],
        [0, 0],
        {"updated": 1, "unchanged": 1, "zeroed": 1, "deleted": 2},
    ),
    "superseded offers were rounded and raised, too": Situation(
        [Row("a", "s", 1)],
        [
            Offer("a", stock=Stock(("2.5",), 2, rounded=True)),
            Offer("a", stock=Stock(("-1",), 0, raised=True)),
            Offer("a"),
        ],
        [1],
        {"unchanged": 1, "duplicate": 2, "rounded": 1, "negative": 1},
    ),
    "variants, not summed": Situation([Row("a", "s", 1)], [Offer("a#1"), Offer("a#2")], [1], {"not_found": 2}),
    "variants": Situation(
        [Row("a", "s", 1)],
        [Offer("a#1", stock=pieces(2)), Offer("x"), Offer("a#2", stock=pieces(3))],
        [5],
        {"updated": 2, "summed": 2, "not_found": 1},
        VARIANTS,
    ),
    "variants that sum up to what the product has": Situation(
        [Row("a", "s", 5)],
        [Offer("a#1", stock=pieces(2)), Offer("a#2", stock=pieces(3))],
        [5],
        {"unchanged": 2, "summed": 2},
        VARIANTS,
    ),
    "variant with a product of its own": Situation(
        [Row("a", "s", 1), Row("a#1", "t", 1)],
        [Offer("a#1", stock=pieces(2)), Offer("a#2", stock=pieces(3))],
        [3, 2],
        {"updated": 2, "summed": 1},
        VARIANTS,
    ),
    "own offer after its variants is a part": Situation(
        [Row("a", "s", 9)],
        [Offer("a#1", stock=pieces(0)), Offer("a#2", stock=pieces(0)), Offer("a", stock=pieces(1))],
        [1],
        {"updated": 3, "summed": 3},
        VARIANTS,
    ),
    "own offer and a deleted variant": Situation(
        [Row("a", "s", 9)],
        [Offer("a", stock=pieces(5)), Offer("a#1", deleted=True)],
        [5],
        {"updated": 2, "summed": 2, "deleted": 1},
        VARIANTS,
    ),
    "repeated own offer before its variants is a part once": Situation(
        [Row("a", "s", 1)],
        [Offer("a", stock=pieces(9)), Offer("a", stock=pieces(8)), Offer("a#1", stock=pieces(2))],
        [10],
        {"updated": 2, "summed": 2, "duplicate": 1},
        VARIANTS,
    ),
    "own offer is the total of its variants": Situation(
        [Row("a", "s", 1), Row("b", "t", 1)],
        [Offer("a", stock=pieces(4)), Offer("a#1", stock=pieces(2)), Offer("b#1"), Offer("b#2", stock=pieces(2))],
        [4, 3],
        {"updated": 3, "duplicate": 1, "summed": 2},
        TOTALS,
    ),
    "own offer without stock data is no total": Situation(
        [Row("a", "s", 1)],
        [Offer("a", stock=NO_STOCK_DATA), Offer("a#1", stock=pieces(2))],
        [2],
        {"updated": 1, "duplicate": 1, "summed": 1},
        TOTALS,
        zeroes_no_stock_data=True,
    ),
    "own offer that is invalid is no total, and its variants are none either": Situation(
        [Row("a", "s", 1)],
        [Offer("a", stock=INVALID), Offer("a#1", stock=pieces(2))],
        [1],
        {"invalid": 1, "duplicate": 1},
        TOTALS,
    ),
    "variants with the article of their product": Situation(
        [Row(None, "X-100", 9), Row("q", "X-200", 9)],
        [
            *(Offer(f"p#v{number}", "X-100", stock=pieces(count)) for number, count in enumerate((1, 1, 3))),
            *(Offer(f"q#v{number}", "X-200", stock=pieces(count)) for number, count in enumerate((1, 1, 3))),
        ],
        [5, 5],
        {"updated": 6, "summed": 6, "matched_by_sku": 3},
        VARIANTS,
    ),
    "variants and the product itself, all by its article": Situation(
        [Row(None, "X-100", 9)],
        [
            Offer("p", "X-100", stock=pieces(4)),
            Offer("p#v1", "X-100", stock=pieces(1)),
            Offer("p#v2", "X-100", stock=NO_STOCK_DATA),
        ],
        [5],
        {"updated": 2, "summed": 2, "matched_by_sku": 2, "no_stock_data": 1},
        VARIANTS,
    ),
    "variants of two products with one article": Situation(
        [Row(None, "s", 1)],
        [Offer("a#1", "s", stock=pieces(2)), Offer("b#1", "s", stock=pieces(3))],
        [1],
        {"ambiguous": 2},
        VARIANTS,
    ),
    "variants of a product that was made anew in 1C": Situation(
        [Row("old", "s", 1)],
        [Offer("a#1", "s", stock=pieces(2)), Offer("a#2", "s", stock=pieces(3))],
        [5],
        {"updated": 2, "summed": 2, "matched_by_sku": 2},
        MatchRules(sums_variants=True, sku_takes_any=True),
    ),
    "own offer without stock data beside variants": Situation(
        [Row("a", "s", 1)],
        [Offer("a", stock=NO_STOCK_DATA), Offer("a#1", stock=pieces(2))],
        [2],
        {"updated": 1, "summed": 1, "no_stock_data": 1},
        VARIANTS,
    ),
    "variants without stock data leave the product to its own offer": Situation(
        [Row("a", "s", 1)],
        [Offer("a", stock=pieces(3)), Offer("a#1", stock=NO_STOCK_DATA)],
        [3],
        {"updated": 1, "no_stock_data": 1},
        VARIANTS,
    ),
    "one invalid variant keeps the product as it is": Situation(
        [Row("a", "s", 1)],
        [Offer("a#1", stock=pieces(2)), Offer("a#2", stock=INVALID), Offer("a", stock=pieces(0))],
        [1],
        {"invalid": 3},
        VARIANTS,
    ),
    "variants that sum up to too many": Situation(
        [Row("a", "s", 1)],
        [Offer("a#1", stock=pieces(2**31 - 1)), Offer("a#2", stock=pieces(1))],
        [1],
        {"invalid": 2},
        VARIANTS,
    ),
    "repeated variant counts once": Situation(
        [Row("a", "s", 1)],
        [Offer("a#1", stock=pieces(9)), Offer("a#2", stock=pieces(3)), Offer("a#1", stock=pieces(2))],
        [5],
        {"updated": 2, "summed": 2, "duplicate": 1},
        VARIANTS,
    ),
    "variants go before the sku that they share with the product": Situation(
        [Row("a", "s", 1)],
        [Offer("a#1", "s", stock=pieces(2)), Offer("a#2", "s", stock=pieces(3)), Offer("b", "s", stock=pieces(9))],
        [5],
        {"updated": 2, "summed": 2, "not_found": 1, "other_id": 1},
        VARIANTS,
    ),
    "variant of an unknown product, found by sku": Situation(
        [Row(None, "s", 1)],
        [Offer("a#1", "s", stock=pieces(2))],
        [2],
        {"updated": 1, "matched_by_sku": 1, "summed": 1},
        VARIANTS,
    ),
    "variants that are all sold out": Situation(
        [Row("a", "s", 1)],
        [Offer("a#1", stock=pieces(0)), Offer("a#2", deleted=True)],
        [0],
        {"updated": 2, "summed": 2, "zeroed": 1, "deleted": 1},
        VARIANTS,
    ),
    "missing": Situation(
        [Row("a", "s", 1), Row("b", "t", 2), Row(None, "u", 3), Row("", "v", 4), Row("c", "w", 0)],
        [Offer("a")],
        [1, 0, 3, 4, 0],
        {"unchanged": 1, "missing": 1, "zeroed": 1},
        MISSING,
    ),
    "nothing is missing where there is no offer": Situation([Row("a", "s", 1)], [], [1], {}, MISSING),
    "whatever an offer says, its product is not missing": Situation(
        [Row("a", "s", 1), Row("b", "t", 2), Row("c", "u", 3), Row("d", "v", 4), Row("e", "w", 5)],
        [
            Offer("a", stock=INVALID),
            Offer("b", stock=NO_STOCK_DATA),
            Offer("x", "u", stock=pieces(3)),
            Offer("y", "v", stock=NO_STOCK_DATA),
            Offer(sku="w", stock=INVALID),
        ],
        [1, 2, 3, 4, 5],
        {"invalid": 2, "no_stock_data": 2, "not_found": 1, "other_id": 1},
        MISSING,
    ),
    "a product with another onec_id than the offer, or one of several variants, is not missing": Situation(
        [Row("a", "s", 1), Row("b", "t", 2), Row("c", "137", 3), Row("d", "v", 4), Row("e", "w", 5)],
        [
            Offer("x", "s"),
            Offer("y", "t", stock=NO_STOCK_DATA),
            Offer("137"),
            Offer("d#1"),
            Offer("d#2", "v"),
        ],
        [1, 2, 3, 4, 0],
        {"not_found": 4, "other_id": 3, "no_stock_data": 1, "missing": 1, "zeroed": 1},
        MISSING,
    ),
    "ambiguous offers of a product that 1C may have made anew name it": Situation(
        [Row("a", "s", 1), Row("b", "t", 2)],
        [Offer("x", "s"), Offer("y", "s")],
        [1, 0],
        {"ambiguous": 2, "missing": 1, "zeroed": 1},
        MatchRules(sku_takes_any=True, zeroes_missing=True),
    ),
    "a repetition names only what the last of it names": Situation(
        [Row("a", "s", 1), Row("b", "t", 2)],
        [Offer("x", "s"), Offer("x", "t", stock=pieces(2))],
        [0, 2],
        {"duplicate": 1, "not_found": 1, "other_id": 1, "missing": 1, "zeroed": 1},
        MISSING,
    ),
    "variants name only the product that they are summed into": Situation(
        [Row("a", "s", 1), Row("b", "t", 2), Row("b#1", "u", 3)],
        [Offer("a#1", stock=NO_STOCK_DATA), Offer("b#1", stock=pieces(3))],
        [1, 0, 3],
        {"no_stock_data": 1, "unchanged": 1, "missing": 1, "zeroed": 1},
        BOTH,
    ),
}


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("situation", SITUATIONS.values(), ids=SITUATIONS)
def test_situation_has_its_outcome(tmp_path: Path, situation: Situation, strategy: str) -> None:
    path = tmp_path / "rests.xml"
    write_document(path, situation.offers)
    for chunk_size in (1, 2, 1000):
        PRODUCTS.store(situation.rows)
        options = LoadOptions(
            file=str(path),
            strategy=strategy,
            chunk_size=chunk_size,
            batch_size=1,
            rules=situation.rules,
            is_forced=True,
            zeroes_no_stock_data=situation.zeroes_no_stock_data,
        )
        report = asdict(load_stocks(options).details)
        assert [row.quantity for row in PRODUCTS.rows()] == situation.quantities
        counts = {name.removesuffix("_count"): count for name, count in report.items() if name.endswith("_count")}
        assert counts.pop("document") == 1
        changed = sum(row.quantity != now for row, now in zip(situation.rows, situation.quantities, strict=True))
        assert counts.pop("changed") == changed
        assert {name: count for name, count in counts.items() if count} == situation.fates
