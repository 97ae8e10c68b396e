"""Every real load keeps what it changed; what is kept is found again."""

import io
import random
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from apps.products.models import Product
from stock_loader.errors import RefusedByGuardError, WrongSettingError
from stock_loader.journal.changes import changes_of, count_changes, history
from stock_loader.journal.keeping import Journal
from stock_loader.journal.pages import JournalPage
from stock_loader.load.guards import Guards, Limit
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.outcome import LoadReport, StockChange
from stock_loader.strategies import MatchRules
from tests.documents import offer
from tests.documents import rests as document
from tests.shops.mappings import ITEMS, NUMBER_ITEMS, STOCKED_GOODS, UUID_ITEMS
from tests.shops.models import Item, NumberItem, StockedGood, UuidItem
from tests.strategies import STRATEGIES

pytestmark = pytest.mark.django_db(transaction=True)


def load(rests: Path, *offers: str, strategy: str = "bulk_update", **options: Any) -> LoadReport:
    rests.write_text(document(*offers), "utf-8")
    return load_stocks(LoadOptions(file=str(rests), strategy=strategy, exports_are_whole=True, **options))


def open_shop(count: int, *, quantity: int = 5) -> list[int]:
    made = Product.objects.bulk_create(
        Product(onec_id=f"p{n}", sku=f"S{n}", name="", stock_quantity=quantity) for n in range(count)
    )
    return [product.pk for product in made]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_load_keeps_what_it_changed_in_pages(rests: Path, strategy: str) -> None:
    keys = open_shop(2345)
    order = random.Random(1).sample(range(2345), 2345)
    report = load(rests, *(offer(f"p{n}", 5 if n % 7 == 0 else n) for n in order), strategy=strategy)
    expected = [StockChange(keys[n], 5, n) for n in range(2345) if n % 7 and n != 5]
    assert list(changes_of(report.session_id)) == expected
    assert count_changes(report.session_id) == report.details.changed_count == len(expected)
    assert list(JournalPage.objects.order_by("number").values_list("number", "size")) == [(1, 1000), (2, 1000), (3, 9)]
    pages = JournalPage.objects.order_by("number").values_list("first", "last")
    ends = [end for page in pages for end in page]
    assert ends == sorted(ends)
    assert list(changes_of(report.session_id, start=1999)) == expected[1999:]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_missing_products_set_to_0_are_kept(rests: Path, strategy: str) -> None:
    keys = open_shop(3)
    report = load(
        rests, offer("p1", 5), offer("p0", 6), strategy=strategy, rules=MatchRules(zeroes_missing=True), is_forced=True
    )
    assert list(changes_of(report.session_id)) == [StockChange(keys[0], 5, 6), StockChange(keys[2], 5, 0)]


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("options", [{"dry_run": True}, {"keeps_journal": False}], ids=["dry run", "off"])
def test_dry_run_and_switched_off_keep_nothing(rests: Path, strategy: str, options: dict[str, bool]) -> None:
    open_shop(1)
    assert load(rests, offer("p0", 6), strategy=strategy, **options).details.changed_count == 1
    assert not JournalPage.objects.exists()


@pytest.mark.parametrize("way", ["option", "setting", "neither"])
def test_command_keeps_a_journal_unless_told_otherwise(rests: Path, way: str, settings: Settings) -> None:
    open_shop(1)
    rests.write_text(document(offer("p0", 6)), "utf-8")
    if way == "setting":
        settings.STOCK_LOADER = settings.STOCK_LOADER | {"JOURNAL": False}
    call_command("load_product_stocks", file=[str(rests)], no_journal=way == "option", stdout=io.StringIO())
    assert JournalPage.objects.exists() == (way == "neither")
    assert Product.objects.get().stock_quantity == 6


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_load_without_changes_keeps_nothing_and_sends_no_statement_for_it(rests: Path, strategy: str) -> None:
    open_shop(1)
    with CaptureQueriesContext(connection) as queries:
        load(rests, offer("p0", 5), strategy=strategy)
    of_the_catalogue = ("information_schema", "to_regclass")  # what kind of table it is, before the load
    about = [
        query["sql"]
        for query in queries
        if "journalpage" in query["sql"] and not any(words in query["sql"] for words in of_the_catalogue)
    ]
    assert len(about) == 1, "the one that asks whether the table is there"


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_refused_load_keeps_nothing(rests: Path, strategy: str) -> None:
    open_shop(3)
    with pytest.raises(RefusedByGuardError):
        load(rests, offer("p0", 6), strategy=strategy, guards=Guards(max_changed=Limit(0, False)))
    assert not JournalPage.objects.exists()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_missing_table_is_one_line_before_the_load(rests: Path, strategy: str) -> None:
    open_shop(1)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE stock_loader_journalpage RENAME TO elsewhere")
    try:
        with pytest.raises(WrongSettingError, match=r"^the table of the journal .* is missing .* Run manage.py mig"):
            load(rests, offer("p0", 6), strategy=strategy)
        assert load(rests, offer("p0", 5), strategy=strategy, keeps_journal=False).status == "completed"
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE elsewhere RENAME TO stock_loader_journalpage")
    assert Product.objects.get().stock_quantity == 5


SHOPS: dict[str, tuple[dict[str, Any], Any]] = {
    "decimals": (
        ITEMS,
        lambda n: Item(code1c=f"c{n}", article=f"a{n}", title="t", qty=None if n == 2 else Decimal(f"{n}.500")),
    ),
    "UUIDs": (UUID_ITEMS, lambda n: UuidItem(guid=uuid.UUID(int=n), sku=f"c{n}", stock=n)),
    "texts": (NUMBER_ITEMS, lambda n: NumberItem(slug=f'Я "{n}" a'[n % 3 :], number=n, article=n + 9, stock=None)),
    "parents": (STOCKED_GOODS, lambda n: StockedGood(onec_id=f"c{n}", name="n", sku=f"s{n}", stock=n)),
}


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("kind", SHOPS)
def test_keys_and_quantities_of_every_kind_are_kept(rests: Path, strategy: str, kind: str, settings: Settings) -> None:
    settings.STOCK_LOADER, make = SHOPS[kind]
    rows = [make(n) for n in range(1, 8)]
    for row in rows:
        row.save()
    field = settings.STOCK_LOADER["QUANTITY"]
    ids = {"decimals": "c{}", "UUIDs": str(uuid.UUID(int=0))[:-1] + "{}", "texts": "{}", "parents": "c{}"}[kind]
    report = load(rests, *(offer(ids.format(n), 90 + n) for n in range(7, 0, -1)), strategy=strategy)
    expected = {row.pk: (getattr(row, field), 90 + n) for n, row in enumerate(rows, 1)}
    kept = list(changes_of(report.session_id))
    assert {change.product: change[1:] for change in kept} == expected
    assert {type(change.product) for change in kept} == {type(row.pk) for row in rows}
    for row in rows:
        [step] = history(row.pk).changes
        assert (step.session, step.old, step.new) == (report.session_id, *expected[row.pk])


@pytest.mark.copy
def test_quantity_that_is_sold_while_a_load_reads_is_kept_as_it_was_written_over(rests: Path) -> None:
    [key] = open_shop(1)
    before_update = {"postgresql": "set_config('enable_hashjoin'", "mysql": "SAVEPOINT "}[connection.vendor]

    def sell(execute: Any, sql: str, *arguments: Any) -> Any:
        if before_update in sql and not sql.startswith("R"):
            Product.objects.filter(pk=key).update(stock_quantity=3)
        return execute(sql, *arguments)

    with connection.execute_wrapper(sell):
        report = load(rests, offer("p0", 9), strategy="copy")
    assert list(changes_of(report.session_id)) == [StockChange(key, 3, 9)]


def test_history_tells_the_last_changes_first_and_goes_on() -> None:
    for session in range(1, 101):
        changes = [StockChange(key, session, session + 1) for key in range(0, 3000, 1 if session % 25 == 0 else 40)]
        Journal(session=session).keep(changes)
    assert [step.session for step in history(80, limit=3).changes] == [100, 99, 98]
    rare = history(81)
    assert [step.session for step in rare.changes] == [100, 75, 50, 25]
    assert rare.before is None
    part = history(81, limit=2)
    assert [step.session for step in part.changes] == [100, 75]
    assert [step.session for step in history(81, before=part.before).changes] == [50, 25]
    bounded = history(81, sessions=30)
    assert ([step.session for step in bounded.changes], bounded.before) == ([100, 75], 71)
    assert history(5000).changes == []
    assert [step.session for step in history(2999).changes] == [100, 75, 50, 25]
    assert [step.session for step in history(0, limit=100).changes] == list(range(100, 0, -1))
    assert history(1, sessions=24).changes[0].session == 100, "a number is no part of another"


def test_history_costs_two_queries_for_many_sessions_and_one_for_what_it_reads() -> None:
    for session in range(1, 31):
        Journal(session=session).keep([StockChange(1, 0, 1), StockChange(session + 1, 0, 1)])
    with CaptureQueriesContext(connection) as queries:
        assert len(history(30, limit=5, sessions=30).changes) == 1
    assert len(queries) == 3


def test_pages_of_another_target_are_none_of_this_one(settings: Settings) -> None:
    Journal(session=1).keep([StockChange(1, 0, 1)])
    settings.STOCK_LOADER = ITEMS
    assert history(1).changes == []
    assert count_changes(1) == 0
