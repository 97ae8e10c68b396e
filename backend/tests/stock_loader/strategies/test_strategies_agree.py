"""Both strategies and the rules written down once more must agree on every catalogue and every file."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import gettext
from hypothesis import given, settings
from hypothesis import strategies as st

from stock_loader.commerceml.offers.warehouses import WarehouseChoice
from stock_loader.commerceml.records import Problem
from stock_loader.errors import DocumentError, one_line
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.reasons import Reason
from stock_loader.strategies import MatchRules
from tests.stock_loader.strategies.stock_catalogues import OTHER_SHOPS, PRODUCTS, CollatedProducts, Products
from tests.stock_loader.strategies.stock_documents import INVALID, Offer, pieces, write_document
from tests.stock_loader.strategies.stock_examples import (
    CATALOGUES,
    DOCUMENTS,
    OFFERS,
    ROWS,
    RULES,
    SHARING_OFFERS,
    SHARING_ROWS,
    SIZES,
    STRANGE_IDS,
    unique_rows,
)
from tests.stock_loader.strategies.stock_outcomes import USUAL, Outcome, Rejected, Row, Rules
from tests.stock_loader.strategies.stock_rules import expected_outcome
from tests.strategies import strategies_here

pytestmark = pytest.mark.django_db(transaction=True)
UNLIKE: dict[str, object] = {"strategy": "", "duration_seconds": 0, "steps": {}}
"""Of a report, what the strategies need not have in common."""


def test_strange_ids_and_skus_find_their_products(tmp_path: Path) -> None:
    check_strange_ids(tmp_path, PRODUCTS)


@pytest.mark.mariadb
@pytest.mark.parametrize("collation", ["utf8mb4_bin", "utf8mb4_nopad_bin", "utf8mb4_unicode_ci"])
def test_strange_ids_and_skus_find_their_products_in_any_collation(tmp_path: Path, collation: str) -> None:
    catalogue = CollatedProducts(collation)
    with catalogue.mapped():
        check_strange_ids(tmp_path, catalogue)
        rows = [Row("a ", "s ", 1), Row("b", "t", 1)]
        offers = [Offer("a"), Offer(sku="s"), Offer("B"), Offer("b", stock=pieces(2))]
        check_all_strategies(tmp_path, rows, offers, chunk_size=5, batch_size=5, catalogue=catalogue)
        assert [row.quantity for row in catalogue.rows()] == [1, 2]


@pytest.mark.mariadb
@pytest.mark.slow
@pytest.mark.parametrize("collation", ["utf8mb4_nopad_bin", "utf8mb4_unicode_ci"])
@given(rows=CATALOGUES, offers=DOCUMENTS, rules=RULES, sizes=st.tuples(SIZES, SIZES))
@settings(max_examples=25, deadline=None)
def test_rules_hold_in_any_collation(  # noqa: PLR0913, PLR0917  # what an example consists of
    tmp_path_factory: pytest.TempPathFactory,
    collation: str,
    rows: list[Row],
    offers: list[Offer],
    rules: Rules,
    sizes: tuple[int, int],
) -> None:
    folder, catalogue = tmp_path_factory.getbasetemp(), CollatedProducts(collation)
    with catalogue.mapped():
        check_all_strategies(folder, rows, offers, rules, chunk_size=sizes[0], batch_size=sizes[1], catalogue=catalogue)


@given(rows=CATALOGUES, offers=DOCUMENTS, rules=RULES, sizes=st.tuples(SIZES, SIZES))
@settings(max_examples=60, deadline=None)
def test_any_catalogue_and_file_give_what_the_rules_say(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row], offers: list[Offer], rules: Rules, sizes: tuple[int, int]
) -> None:
    check_all_strategies(tmp_path_factory.getbasetemp(), rows, offers, rules, chunk_size=sizes[0], batch_size=sizes[1])


@given(rows=SHARING_ROWS, offers=SHARING_OFFERS, rules=RULES, size=SIZES)
@settings(max_examples=60, deadline=None)
def test_offers_that_share_skus_and_products_give_what_the_rules_say(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row], offers: list[Offer], rules: Rules, size: int
) -> None:
    check_all_strategies(tmp_path_factory.getbasetemp(), rows, offers, rules, chunk_size=size, batch_size=5)


@pytest.mark.slow
@given(
    rows=st.lists(ROWS, max_size=30).map(unique_rows),
    offers=st.lists(OFFERS, max_size=60),
    rules=RULES,
    sizes=st.tuples(SIZES, SIZES),
)
@settings(max_examples=100, deadline=None)
def test_any_larger_catalogue_and_file_give_what_the_rules_say(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row], offers: list[Offer], rules: Rules, sizes: tuple[int, int]
) -> None:
    check_all_strategies(tmp_path_factory.getbasetemp(), rows, offers, rules, chunk_size=sizes[0], batch_size=sizes[1])


@pytest.mark.parametrize("catalogue", OTHER_SHOPS, ids=lambda catalogue: type(catalogue).__name__)
@given(rows=CATALOGUES | SHARING_ROWS, offers=DOCUMENTS | SHARING_OFFERS, rules=RULES, sizes=st.tuples(SIZES, SIZES))
@settings(max_examples=25, deadline=None)
def test_rules_hold_on_the_models_of_other_shops(  # noqa: PLR0913, PLR0917  # what an example consists of
    tmp_path_factory: pytest.TempPathFactory,
    catalogue: Products,
    rows: list[Row],
    offers: list[Offer],
    rules: Rules,
    sizes: tuple[int, int],
) -> None:
    folder = tmp_path_factory.getbasetemp()
    with catalogue.mapped():
        check_all_strategies(folder, rows, offers, rules, chunk_size=sizes[0], batch_size=sizes[1], catalogue=catalogue)


def test_more_offers_than_a_list_holds_are_listed_from_the_first(tmp_path: Path) -> None:
    unknown = [Offer(f"unknown {number}") for number in range(250)]
    wrong = [Offer(f"wrong {number}", stock=INVALID) for number in range(250)]
    repeated = [offer for pair in zip(unknown, wrong, strict=True) for offer in pair] + unknown[:60] + wrong[:60]
    check_all_strategies(
        tmp_path, [Row("a", "c", 1)], [*repeated, Offer("a", stock=pieces(2))], chunk_size=7, batch_size=1
    )


def check_strange_ids(folder: Path, catalogue: Products) -> None:
    """Load offers of all strange ids into products of those that can stand beside each other."""
    for by_id in (True, False):
        kept = catalogue.as_kept([Row(text if by_id else None, text, 0) for text in STRANGE_IDS])
        assert len(kept) > len(STRANGE_IDS) // 2
        offers = [Offer(text) if by_id else Offer(sku=text) for text in STRANGE_IDS]
        check_all_strategies(folder, kept, offers, chunk_size=5, batch_size=5, catalogue=catalogue)
        assert catalogue.rows() == [row._replace(quantity=1, is_changed=True) for row in kept]


def check_all_strategies(  # noqa: PLR0913  # what a load is given
    folder: Path,
    rows: Sequence[Row],
    offers: Sequence[Offer],
    rules: Rules = USUAL,
    *,
    chunk_size: int,
    batch_size: int,
    catalogue: Products = PRODUCTS,
) -> None:
    """Load the file with every strategy of the database, from the same state, and compare all that comes of it."""
    rows = catalogue.as_kept(rows)
    path, changes, rejected = (folder / name for name in ("agreement.xml", "changes.jsonl", "rejected.jsonl"))
    expected = expected_outcome(rows, offers, write_document(path, offers), rules)
    reports = []
    for strategy in strategies_here():
        catalogue.store(rows)
        options = LoadOptions(
            file=str(path),
            strategy=strategy,
            chunk_size=chunk_size,
            batch_size=batch_size,
            zeroes_no_stock_data=rules.zeroes_no_stock_data,
            rules=MatchRules(
                sums_variants=rules.sums_variants,
                own_is_total=rules.own_is_total,
                sku_takes_any=rules.sku_takes_any,
                zeroes_missing=rules.zeroes_missing,
            ),
            exports_are_whole=True,
            is_forced=True,
            warehouses=WarehouseChoice.of(excluded=["w1"] if rules.is_second_excluded else []),
            changes_file=str(changes),
            rejected_file=str(rejected),
        )
        if offers and all(offer.meaning().problem is Problem.NO_STOCK_DATA for offer in offers):
            with pytest.raises(DocumentError, match=f"none of its {len(offers)} offers has a quantity"):
                load_stocks(options)
            assert catalogue.rows() == list(rows)
            continue
        dry_run = load_stocks(replace(options, dry_run=True, shown_changes=3))
        assert catalogue.rows() == list(rows)
        dry_changes = read_lines(changes)
        assert read_rejected(rejected) == expected.rejected
        report = asdict(load_stocks(options).details)
        counted = {name: without_texts(report[name]) for name in expected.report}
        assert Outcome(catalogue.rows(), counted, read_rejected(rejected), expected.equal_totals) == expected
        assert equal_totals(report) == [str(expected.equal_totals)] * bool(expected.equal_totals)
        assert read_lines(changes) == dry_changes == expected_changes(rows, expected.rows)
        assert [(change.sku, change.new) for change in dry_run.changes] == [
            (new.sku, new.quantity) for new in expected.rows if new.is_changed
        ][:3]
        reports.append(report | UNLIKE)
        assert asdict(dry_run.details) | UNLIKE | {"dry_run": False} == reports[-1]
    assert all(report == reports[0] for report in reports)


def equal_totals(report: dict[str, Any]) -> list[str]:
    """Return the numbers of products of which a warning says that an own offer is like a total; one, or none."""
    warnings = [warning["text"] for warning in report["warnings"] if warning["code"] == "own_offers_like_totals"]
    return [number for text in warnings for number in re.findall(r"\d+", text)[:1]]


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the objects of a file of JSON Lines without the primary keys, which differ from test to test."""
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [{name: value for name, value in line.items() if name != "product"} for line in lines]


def without_texts(value: Any) -> Any:
    """Return a value of the report; of a list of offers their codes alone, not the reasons in words."""
    if not isinstance(value, list):
        return value
    return [{name: kept for name, kept in offer.items() if name != "reason"} for offer in value]


def read_rejected(path: Path) -> list[Rejected]:
    lines = read_lines(path)
    assert {line.pop("file") for line in lines} <= {str(path.with_name("agreement.xml"))}
    assert all(line.pop("reason") == Reason(line["code"]).text(gettext) for line in lines)
    return [Rejected(**line) for line in lines]


def expected_changes(before: Sequence[Row], after: Sequence[Row]) -> list[dict[str, Any]]:
    return [
        {
            "onec_id": old.onec_id if old.onec_id is None else one_line(old.onec_id),
            "sku": one_line(old.sku),
            "name": "product",
            "old": old.quantity,
            "new": new.quantity,
        }
        for old, new in zip(before, after, strict=True)
        if new.is_changed
    ]
