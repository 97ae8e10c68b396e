"""Which products are missing, and go to 0 where that is asked for."""

from stock_loader.strategies import MatchRules
from tests.stock_loader.strategies.situation import BOTH, MISSING, Situation
from tests.stock_loader.strategies.stock_documents import INVALID, NO_STOCK_DATA, Offer, pieces
from tests.stock_loader.strategies.stock_outcomes import Row

OF_MISSING = {
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
