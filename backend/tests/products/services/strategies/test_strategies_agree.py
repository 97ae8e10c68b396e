"""Both strategies and the rules written down once more must agree on every catalogue and every file."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.products.services.errors import DocumentError
from apps.products.services.loader import LoadOptions, load_stocks
from apps.products.services.records import Problem
from tests.products.services.strategies.stock_catalogues import store_catalogue, stored_rows
from tests.products.services.strategies.stock_documents import (
    INVALID,
    LAYOUTS,
    NO_STOCK_DATA,
    Offer,
    Stock,
    pieces,
    write_document,
)
from tests.products.services.strategies.stock_rules import Outcome, Row, expected_outcome

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "x" * 100
PLAIN_IDS = ["a", "b", "c", "d", "a#c"]
STRANGE_IDS = [
    *("A", "я", "Я", "a\tb", "a\nb", "a\rb", "\\", "\\.", "\\N", "\\t", "a'b", 'a"b', "{a,b}", "NULL", "%s", "<&>"),
    *("\N{GRINNING FACE}", "e\N{COMBINING ACUTE ACCENT}", "\N{LATIN SMALL LETTER E WITH ACUTE}", LONG),
]
OFFER_IDS = st.sampled_from(["", *PLAIN_IDS * 4, *STRANGE_IDS, LONG * 10])
PRODUCT_IDS = st.sampled_from(["", *PLAIN_IDS * 4, *STRANGE_IDS])
QUANTITIES = [0, 1, 2, 2**31 - 1]
STOCKS = [
    *map(pieces, QUANTITIES),
    Stock(("1", "1"), 2),
    Stock(("1.5", "0.5"), 2),
    Stock(("2,5",), 2, rounded=True),
    Stock(("-1",), 0, raised=True),
    Stock(("-1.5", "1"), 0, rounded=True, raised=True),
    Stock(("",), None, problem=Problem.EMPTY),
    INVALID,
    Stock(("1\\N",), None, problem=Problem.NOT_A_NUMBER, seen="1\\N"),
    Stock(("2147483647", "1"), None, problem=Problem.TOO_LARGE, seen="2147483648"),
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


def test_strange_ids_and_skus_find_their_products(tmp_path: Path) -> None:
    rows = [Row(text, text, 0) for text in STRANGE_IDS]
    check_all_strategies(tmp_path, rows, [Offer(text) for text in STRANGE_IDS], chunk_size=5, batch_size=5)
    assert stored_rows() == [Row(text, text, 1, is_changed=True) for text in STRANGE_IDS]
    check_all_strategies(tmp_path, rows, [Offer(sku=text) for text in STRANGE_IDS], chunk_size=5, batch_size=5)
    assert stored_rows() == [Row(text, text, 1, is_changed=True) for text in STRANGE_IDS]


@given(rows=CATALOGUES, offers=DOCUMENTS, chunk_size=SIZES, batch_size=SIZES)
@settings(max_examples=100, deadline=None)
def test_any_catalogue_and_file_give_what_the_rules_say(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row], offers: list[Offer], chunk_size: int, batch_size: int
) -> None:
    check_all_strategies(tmp_path_factory.getbasetemp(), rows, offers, chunk_size=chunk_size, batch_size=batch_size)


@pytest.mark.slow
@given(
    rows=st.lists(ROWS, max_size=30).map(unique_rows),
    offers=st.lists(OFFERS, max_size=60),
    chunk_size=SIZES,
    batch_size=SIZES,
)
@settings(max_examples=2000, deadline=None)
def test_any_larger_catalogue_and_file_give_what_the_rules_say(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row], offers: list[Offer], chunk_size: int, batch_size: int
) -> None:
    check_all_strategies(tmp_path_factory.getbasetemp(), rows, offers, chunk_size=chunk_size, batch_size=batch_size)


def test_more_offers_than_a_list_holds_are_listed_from_the_first(tmp_path: Path) -> None:
    unknown = [Offer(f"unknown {number}") for number in range(250)]
    wrong = [Offer(f"wrong {number}", stock=INVALID) for number in range(250)]
    repeated = [offer for pair in zip(unknown, wrong, strict=True) for offer in pair] + unknown[:60] + wrong[:60]
    check_all_strategies(
        tmp_path, [Row("a", "c", 1)], [*repeated, Offer("a", stock=pieces(2))], chunk_size=7, batch_size=1
    )


def check_all_strategies(
    folder: Path, rows: Sequence[Row], offers: Sequence[Offer], *, chunk_size: int, batch_size: int
) -> None:
    """Load the file with every strategy of the database, from the same state, and compare all that comes of it."""
    path = folder / "agreement.xml"
    expected = expected_outcome(rows, offers, write_document(path, offers))
    reports = []
    for strategy in ("bulk_update", "copy") if connection.vendor == "postgresql" else ("bulk_update",):
        store_catalogue(rows)
        options = LoadOptions(file=str(path), strategy=strategy, chunk_size=chunk_size, batch_size=batch_size)
        if offers and all(offer.meaning.problem is Problem.NO_STOCK_DATA for offer in offers):
            with pytest.raises(DocumentError, match=f"none of its {len(offers)} offers has a quantity"):
                load_stocks(options)
            assert stored_rows() == list(rows)
        else:
            report = asdict(load_stocks(options).details)
            assert Outcome(stored_rows(), {name: report[name] for name in expected.report}) == expected
            reports.append(report | {"strategy": "", "duration_seconds": 0})
    assert all(report == reports[0] for report in reports)
