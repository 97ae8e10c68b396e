"""Which product an offer leads to and which of several offers counts: the same with every strategy."""

from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import pytest

from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.strategies import ONE_OFFER_ONE_PRODUCT, MatchRules
from tests.stock_loader.strategies.stock_catalogues import store_catalogue, stored_rows
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


VARIANTS = MatchRules(sums_variants=True)
MISSING = MatchRules(zeroes_missing=True)
BOTH = MatchRules(sums_variants=True, zeroes_missing=True)

SITUATIONS = {
    "empty catalogue": Situation([], [Offer("a")], [], {"not_found": 1}),
    "empty file": Situation([Row("a", "s", 1)], [], [1], {}),
    "onec_id": Situation([Row("a", "s", 1)], [Offer("a", stock=pieces(2))], [2], {"updated": 1}),
    "own sku": Situation(
        [Row("z", "s", 1)], [Offer("a", "s", stock=pieces(2))], [2], {"updated": 1, "matched_by_sku": 1}
    ),
    "own sku, without id": Situation(
        [Row("z", "s", 1)], [Offer(sku="s", stock=pieces(2))], [2], {"updated": 1, "matched_by_sku": 1}
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
        [1],
        {"no_stock_data": 1, "duplicate": 1},
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
        {"updated": 1, "duplicate": 1},
    ),
    "onec_id beats an earlier sku": Situation(
        [Row("a", "s", 1)],
        [Offer(sku="s", stock=pieces(3)), Offer("a", stock=pieces(2))],
        [2],
        {"updated": 1, "duplicate": 1},
    ),
    "onec_id of an invalid offer beats a sku": Situation(
        [Row("a", "s", 1)],
        [Offer("a", stock=INVALID), Offer("b", "s", stock=pieces(3))],
        [1],
        {"invalid": 1, "duplicate": 1},
    ),
    "onec_id of an offer without stock data beats a sku": Situation(
        [Row("a", "s", 1)],
        [Offer("b", "s", stock=pieces(3)), Offer("a", stock=NO_STOCK_DATA)],
        [1],
        {"no_stock_data": 1, "duplicate": 1},
    ),
    "onec_id of a repeated offer beats a sku": Situation(
        [Row("a", "s", 1)],
        [Offer("a", stock=pieces(2)), Offer("b", "s", stock=pieces(3)), Offer("a", stock=pieces(4))],
        [4],
        {"updated": 1, "duplicate": 2},
    ),
    "several by sku, the last counts": Situation(
        [Row("z", "s", 1)],
        [Offer("a", "s", stock=pieces(2)), Offer("b", "s", stock=pieces(3))],
        [3],
        {"updated": 1, "duplicate": 1, "matched_by_sku": 1},
    ),
    "several by sku, the last is invalid": Situation(
        [Row("z", "s", 1)],
        [Offer("a", "s", stock=pieces(2)), Offer("b", "s", stock=INVALID)],
        [1],
        {"invalid": 1, "duplicate": 1},
    ),
    "several by sku, the last is without stock data": Situation(
        [Row("z", "s", 1)],
        [Offer("a", "s", stock=pieces(2)), Offer("b", "s", stock=NO_STOCK_DATA)],
        [2],
        {"updated": 1, "no_stock_data": 1, "matched_by_sku": 1},
    ),
    "several by sku, an earlier one is a repetition": Situation(
        [Row("z", "s", 1)],
        [Offer("a", "s", stock=pieces(2)), Offer("a", "s", stock=pieces(3)), Offer("b", "s", stock=pieces(4))],
        [4],
        {"updated": 1, "duplicate": 2, "matched_by_sku": 1},
    ),
    "one by its id as sku, one by its sku": Situation(
        [Row(None, "a", 1)],
        [Offer("a", stock=pieces(2)), Offer("b", "a", stock=pieces(3))],
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
    "variants stand for the product's own offer after them": Situation(
        [Row("a", "s", 1)],
        [Offer("a#1", stock=pieces(2)), Offer("a", stock=pieces(0))],
        [2],
        {"updated": 1, "summed": 1, "duplicate": 1},
        VARIANTS,
    ),
    "variants stand for the product's own offer before them": Situation(
        [Row("a", "s", 1)],
        [Offer("a", stock=pieces(9)), Offer("a", stock=pieces(8)), Offer("a#1", stock=pieces(2))],
        [2],
        {"updated": 1, "summed": 1, "duplicate": 2},
        VARIANTS,
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
        {"invalid": 2, "duplicate": 1},
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
        {"updated": 2, "summed": 2, "duplicate": 1},
        VARIANTS,
    ),
    "variant of an unknown product, found by sku": Situation(
        [Row("z", "s", 1)],
        [Offer("a#1", "s", stock=pieces(2))],
        [2],
        {"updated": 1, "matched_by_sku": 1},
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
        {"invalid": 2, "no_stock_data": 2, "unchanged": 1, "matched_by_sku": 1},
        MISSING,
    ),
    "a repetition names only what the last of it names": Situation(
        [Row("a", "s", 1), Row("b", "t", 2)],
        [Offer("x", "s"), Offer("x", "t", stock=pieces(2))],
        [0, 2],
        {"duplicate": 1, "unchanged": 1, "matched_by_sku": 1, "missing": 1, "zeroed": 1},
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
        store_catalogue(situation.rows)
        options = LoadOptions(
            file=str(path), strategy=strategy, chunk_size=chunk_size, batch_size=1, rules=situation.rules
        )
        report = asdict(load_stocks(options).details)
        assert [row.quantity for row in stored_rows()] == situation.quantities
        counts = {name.removesuffix("_count"): count for name, count in report.items() if name.endswith("_count")}
        changed = sum(row.quantity != now for row, now in zip(situation.rows, situation.quantities, strict=True))
        assert counts.pop("changed") == changed
        assert {name: count for name, count in counts.items() if count} == situation.fates
