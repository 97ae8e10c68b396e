"""Which product an offer leads to by its id or sku, and which of several offers counts."""

from tests.stock_loader.strategies.situation import ANY_SKU, Situation
from tests.stock_loader.strategies.stock_documents import INVALID, NO_STOCK_DATA, Offer, Stock, pieces
from tests.stock_loader.strategies.stock_outcomes import Row

LONGEST = "x" * 100

OF_OFFERS = {
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
}
