"""Any catalogues, documents and rules, for Hypothesis to draw from: strange ids, ids and skus that are shared."""

from collections.abc import Sequence

from hypothesis import strategies as st

from stock_loader.commerceml.records import Problem
from tests.stock_loader.strategies.stock_documents import INVALID, LAYOUTS, NO_STOCK_DATA, Offer, Stock, pieces
from tests.stock_loader.strategies.stock_outcomes import USUAL, Row, Rules

LONG = "x" * 100
PLAIN_IDS = ["a", "b", "c", "a#", "a#c", "a#d", "b#c", "b#c#d"]
STRANGE_IDS = [
    *(
        "#",
        "#a",
        "A",
        "я",
        "Я",
        "a\tb",
        "a\nb",
        "a\rb",
        "\\",
        "\\.",
        "\\N",
        "\\t",
        "a'b",
        'a"b',
        "{a,b}",
        "NULL",
        "%s",
        "<&>",
    ),
    *("\N{GRINNING FACE}", "e\N{COMBINING ACUTE ACCENT}", "\N{LATIN SMALL LETTER E WITH ACUTE}", LONG),
]
OFFER_IDS = st.sampled_from(["", *PLAIN_IDS * 4, *STRANGE_IDS, LONG * 10])
PRODUCT_IDS = st.sampled_from(["", *PLAIN_IDS * 4, *STRANGE_IDS])
QUANTITIES = [0, 1, 2, 2**31 - 1]
STOCKS = [
    *map(pieces, QUANTITIES),
    Stock(("1", "1"), 2, first=pieces(1)),
    Stock(("1.5", "0.5"), 2, first=Stock(("1.5",), 1, rounded=True)),
    Stock(("1", "x"), None, problem=Problem.NOT_A_NUMBER, seen="x", first=pieces(1)),
    Stock(("2,5",), 2, rounded=True),
    Stock(("-1",), 0, raised=True),
    Stock(("-1.5", "1"), 0, rounded=True, raised=True, first=Stock(("-1.5",), 0, rounded=True, raised=True)),
    Stock(("",), None, problem=Problem.EMPTY),
    INVALID,
    Stock(("1\\N",), None, problem=Problem.NOT_A_NUMBER, seen="1\\N"),
    Stock(("2147483647", "1"), None, problem=Problem.TOO_LARGE, seen="2147483648", first=pieces(2**31 - 1)),
    NO_STOCK_DATA,
]


def unique_rows(rows: Sequence[Row]) -> list[Row]:
    """Return the rows without those that repeat an earlier one's onec_id or sku."""
    kept: list[Row] = []
    for row in rows:
        if all(row.sku != other.sku and (row.onec_id is None or row.onec_id != other.onec_id) for other in kept):
            kept.append(row)
    return kept


ROWS = st.builds(
    Row,
    onec_id=st.none() | PRODUCT_IDS,
    sku=PRODUCT_IDS,
    quantity=st.sampled_from(QUANTITIES),
    is_changed=st.just(False),
)
CATALOGUES = st.lists(ROWS, max_size=8).map(unique_rows)
OFFERS = st.builds(
    Offer,
    onec_id=OFFER_IDS,
    sku=st.just("") | OFFER_IDS,
    stock=st.sampled_from(STOCKS),
    layout=st.sampled_from(sorted(LAYOUTS)),
    deleted=st.sampled_from([False, False, False, True]),
)
DOCUMENTS = st.lists(OFFERS, max_size=12)
SIZES = st.integers(min_value=1, max_value=5)
RULES = st.just(USUAL) | st.builds(Rules, *[st.booleans()] * 6)

SHARED_IDS = ["a", "a#c", "a#d", "b", "b#c", "z"]
SHARED_SKUS = ["s", "t", "a", "a#c"]
"""Also ids: an offer without a sku is looked for by its id as a sku."""
SHARING_ROWS = st.lists(
    st.builds(
        Row,
        onec_id=st.sampled_from([None, None, "", "a", "b", "a#c", "old"]),
        sku=st.sampled_from(SHARED_SKUS),
        quantity=st.sampled_from([0, 1, 3]),
        is_changed=st.just(False),
    ),
    max_size=4,
).map(unique_rows)
SHARING_OFFERS = st.lists(
    st.builds(
        Offer,
        onec_id=st.sampled_from(SHARED_IDS),
        sku=st.sampled_from(["", "s", "s", "t", "a"]),
        stock=st.sampled_from([*map(pieces, (0, 1, 2, 3)), *[NO_STOCK_DATA] * 2, INVALID]),
        layout=st.just("L1"),
        deleted=st.just(value=False),
    ),
    max_size=7,
)
"""Variants and goods that share articles, own offers beside variants, repetitions without stock data."""
