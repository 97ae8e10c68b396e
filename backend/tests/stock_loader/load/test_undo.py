"""What a load changed is put back exactly, and nothing else is touched."""

import random
import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from pytest_django import Settings

from apps.common.models import ImportSession
from apps.products.models import Product
from stock_loader.errors import NothingToUndoError, OlderFileError, RefusedByGuardError
from stock_loader.journal.changes import changes_of
from stock_loader.journal.pages import JournalPage
from stock_loader.load.guards import Guards, Limit
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.load.signals import stocks_loaded
from stock_loader.load.undo import UndoOptions, undo_load
from stock_loader.outcome import LoadReport, StockChange
from stock_loader.strategies import MatchRules
from tests.documents import offer
from tests.documents import rests as document
from tests.shops.mappings import BY_PARTNER_SKU, ITEMS, NUMBER_ITEMS, STOCKED_GOODS, UUID_ITEMS
from tests.shops.models import Goods, Item, NumberItem, Partner, StockedGood, StockRecord, UuidItem
from tests.strategies import STRATEGIES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.parametrize("strategy", STRATEGIES)]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def shop() -> list[int]:
    """Five products, 10 pieces each; their keys."""
    made = Product.objects.bulk_create(
        Product(onec_id=f"p{n}", sku=f"S{n}", name=f"n{n}", stock_quantity=10) for n in range(5)
    )
    return [product.pk for product in made]


def load(rests: Path, strategy: str, *quantities: int, date: str = "2026-01-15T03:00:00", **options: Any) -> LoadReport:
    offers = (offer(f"p{n}", quantity) for n, quantity in enumerate(quantities))
    rests.write_text(document(*offers, date=date), "utf-8")
    return load_stocks(LoadOptions(file=str(rests), strategy=strategy, **options))


def undo(session: int, strategy: str, **options: Any) -> LoadReport:
    return undo_load(UndoOptions(session=session, strategy=strategy, batch_size=2, **options))


def stock() -> list[int]:
    return list(Product.objects.order_by("pk").values_list("stock_quantity", flat=True))


def counts(report: LoadReport) -> tuple[int, ...]:
    details = report.details
    found = (details.updated_count, details.unchanged_count, details.changed_since_count, details.not_found_count)
    assert sum(found) == details.total_records
    assert details.changed_count == details.updated_count
    return found


def test_undo_puts_back_what_the_load_changed(rests: Path, strategy: str, shop: list[int]) -> None:
    loaded = load(rests, strategy, 7, 10, 0)
    before = Product.objects.get(pk=shop[1]).stock_updated_at
    report = undo(loaded.session_id, strategy)
    assert stock() == [10] * 5
    assert counts(report) == (2, 0, 0, 0)
    assert report.details.undoes == loaded.session_id
    assert Product.objects.get(pk=shop[1]).stock_updated_at == before, "what the load did not change is not written"
    session = ImportSession.objects.get(pk=report.session_id)
    assert (session.status, session.details["undoes"], session.import_type) == (
        "completed",
        loaded.session_id,
        "stocks",
    )
    assert list(changes_of(report.session_id)) == [StockChange(shop[0], 7, 10), StockChange(shop[2], 0, 10)]


def test_products_changed_or_deleted_since_are_left_and_told(
    rests: Path, strategy: str, shop: list[int], tmp_path: Path
) -> None:
    loaded = load(rests, strategy, 7, 8, 9, 11, 12)
    Product.objects.filter(pk=shop[1]).update(stock_quantity=5)
    Product.objects.filter(pk=shop[2]).update(stock_quantity=10)
    Product.objects.filter(pk=shop[3]).delete()
    kept = tmp_path / "kept.csv"
    report = undo(loaded.session_id, strategy, rejected_file=str(kept))
    assert stock() == [10, 5, 10, 10]
    assert counts(report) == (2, 1, 1, 1)
    assert report.details.kept == [
        {
            "onec_id": "p1",
            "sku": "S1",
            "seen": "5",
            "code": "changed_since",
            "reason": "the quantity was changed since",
        },
        {
            "onec_id": "",
            "sku": "",
            "seen": str(shop[3]),
            "code": "deleted_product",
            "reason": "the product was deleted",
        },
    ]
    lines = kept.read_text("utf-8-sig").splitlines()
    assert lines[1] == f"#{loaded.session_id},0,p1,S1,5,changed_since,the quantity was changed since"
    assert len(lines) == 3


def test_relative_undo_takes_the_difference_back(rests: Path, strategy: str, shop: list[int]) -> None:
    loaded = load(rests, strategy, 30, 4, 60, 10, 25)
    for n, sold in enumerate((25, 1, 60, 0, 0)):
        Product.objects.filter(pk=shop[n]).update(stock_quantity=stock()[n] - sold)
    report = undo(loaded.session_id, strategy, is_relative=True)
    assert stock() == [0, 9, 0, 10, 10]
    assert counts(report) == (3, 1, 0, 0)
    assert report.details.relative


def test_undo_of_an_undo_loads_again(rests: Path, strategy: str, shop: list[int]) -> None:
    loaded = load(rests, strategy, 1, 2, 3, 4, 5)
    first = undo(loaded.session_id, strategy)
    second = undo(first.session_id, strategy)
    assert (stock(), second.details.undoes) == ([1, 2, 3, 4, 5], first.session_id)
    third = undo(loaded.session_id, strategy)
    assert (stock(), counts(third)) == ([10] * 5, (5, 0, 0, 0))


def test_undo_of_an_older_load_leaves_what_later_ones_changed(rests: Path, strategy: str, shop: list[int]) -> None:
    older = load(rests, strategy, 1, 2, 3)
    load(rests, strategy, 1, 20, 3)
    assert counts(undo(older.session_id, strategy)) == (2, 0, 1, 0)
    assert stock() == [10, 20, 10, 10, 10]


def test_dry_run_changes_nothing_and_says_what_it_would(rests: Path, strategy: str, shop: list[int]) -> None:
    loaded = load(rests, strategy, 1, 2)
    pages = JournalPage.objects.count()
    report = undo(loaded.session_id, strategy, dry_run=True, shown_changes=1)
    assert (stock(), counts(report)) == ([1, 2, 10, 10, 10], (2, 0, 0, 0))
    assert [(change.onec_id, change.old, change.new) for change in report.changes] == [("p0", 1, 10)]
    assert JournalPage.objects.count() == pages
    assert counts(undo(loaded.session_id, strategy)) == (2, 0, 0, 0)


def test_limits_refuse_and_force_passes_them(rests: Path, strategy: str, shop: list[int]) -> None:
    Product.objects.update(stock_quantity=0)
    loaded = load(rests, strategy, 1, 2)
    for guards, said in (
        (Guards(max_zeroed=Limit(1, False)), "products in stock that would go to 0: 2, the limit is 1 (--max-zeroed)."),
        (Guards(max_changed=Limit(39, True)), "products that would change: 2, the limit is 39% (--max-changed)."),
    ):
        with pytest.raises(RefusedByGuardError) as refused:
            undo(loaded.session_id, strategy, guards=guards)
        assert str(refused.value) == f"{said} Nothing was undone. To undo it all the same, repeat with --force."
    assert stock() == [1, 2, 0, 0, 0]
    report = undo(loaded.session_id, strategy, guards=Guards(max_zeroed=Limit(1, False)), is_forced=True)
    assert (stock(), report.details.zeroed_count) == ([0] * 5, 2)


def test_what_was_undone_is_not_undone_twice_but_by_force(rests: Path, strategy: str, shop: list[int]) -> None:
    loaded = load(rests, strategy, 11)
    first = undo(loaded.session_id, strategy, is_relative=True)
    with pytest.raises(RefusedByGuardError, match=f"was undone already, by session #{first.session_id}"):
        undo(loaded.session_id, strategy, is_relative=True)
    assert stock()[0] == 10
    assert counts(undo(loaded.session_id, strategy, is_forced=True)) == (0, 1, 0, 0)


def test_what_cannot_be_undone_is_one_line_and_no_session(rests: Path, strategy: str, shop: list[int]) -> None:
    dry = load(rests, strategy, 1, dry_run=True).session_id
    same = load(rests, strategy, 10).session_id
    unkept = load(rests, strategy, 1, keeps_journal=False).session_id
    pruned = load(rests, strategy, 2).session_id
    JournalPage.objects.filter(session=pruned).delete()
    failed = ImportSession.objects.create(import_type="stocks", status="failed").pk
    prices = ImportSession.objects.create(import_type="prices", status="completed").pk
    sessions = ImportSession.objects.count()
    nothing = "changed no stock: there is nothing to undo."
    for session, said in {
        dry: f"session #{dry} (a dry run) {nothing}",
        same: f"session #{same} (completed) {nothing}",
        failed: f"session #{failed} (failed) {nothing}",
        prices: f"there is no session #{prices} of a load of products.Product.stock_quantity.",
        10**12: f"there is no session #{10**12} of a load of products.Product.stock_quantity.",
        unkept: f"session #{unkept} changed 1 products, and the journal has 0 of these changes: it was switched off, ",
        pruned: f"session #{pruned} changed 1 products, and the journal has 0 of these changes: it was switched off, ",
    }.items():
        with pytest.raises(NothingToUndoError) as refused:
            undo(session, strategy)
        assert str(refused.value).startswith(said)
    assert (ImportSession.objects.count(), stock()[0]) == (sessions, 2)


def test_file_of_an_undone_load_is_loaded_again(rests: Path, strategy: str, shop: list[int]) -> None:
    loaded = load(rests, strategy, 1, skips_loaded=True)
    undo(loaded.session_id, strategy)
    again = load(rests, strategy, 1, skips_loaded=True)
    assert (again.details.skipped, stock()[0]) == (False, 1)
    assert load(rests, strategy, 1, skips_loaded=True).details.skipped


def test_date_of_an_undone_load_is_not_compared_with(rests: Path, strategy: str, shop: list[int]) -> None:
    load(rests, strategy, 3, date="2026-01-10T00:00:00")
    newer = load(rests, strategy, 4, date="2026-01-20T00:00:00")
    with pytest.raises(OlderFileError):
        load(rests, strategy, 3, date="2026-01-11T00:00:00")
    first = undo(newer.session_id, strategy)
    load(rests, strategy, 3, date="2026-01-11T00:00:00", dry_run=True)
    with pytest.raises(OlderFileError):
        load(rests, strategy, 3, date="2026-01-01T00:00:00")
    undo(first.session_id, strategy)
    with pytest.raises(OlderFileError):
        load(rests, strategy, 3, date="2026-01-11T00:00:00")


def test_signal_and_list_tell_what_was_put_back(rests: Path, strategy: str, shop: list[int], tmp_path: Path) -> None:
    loaded = load(rests, strategy, 1, 2)
    told: list[Any] = []

    def listen(changes: Any, session: Any, **_: Any) -> None:
        told.append((session.details["undoes"], list(changes)))

    stocks_loaded.connect(listen, sender=Product)
    try:
        undo(loaded.session_id, strategy, changes_file=str(tmp_path / "changes.csv"))
    finally:
        stocks_loaded.disconnect(listen, sender=Product)
    assert told == [(loaded.session_id, [StockChange(shop[0], 1, 10), StockChange(shop[1], 2, 10)])]
    lines = (tmp_path / "changes.csv").read_text("utf-8-sig").splitlines()
    assert lines[1:] == [f"{shop[0]},p0,S0,n0,1,10", f"{shop[1]},p1,S1,n1,2,10"]


def test_product_sold_between_reading_and_writing_is_left(rests: Path, strategy: str, shop: list[int]) -> None:
    loaded = load(rests, strategy, 1, 2, 3, 4, 5)
    sold = iter([shop[0]])

    def sell(execute: Any, sql: str, *arguments: Any) -> Any:
        is_write = "FOR NO KEY UPDATE" in sql or "enable_hashjoin" in sql or connection.vendor == "sqlite"
        for key in sold if connection.in_atomic_block and is_write else ():
            with connection.cursor() as cursor:
                cursor.execute("UPDATE products_product SET stock_quantity = 0 WHERE id = %s", [key])
                cursor.execute("DELETE FROM products_product WHERE id = %s", [shop[4]])
        return execute(sql, *arguments)

    with connection.execute_wrapper(sell):
        report = undo(loaded.session_id, strategy)
    assert (stock(), counts(report)) == ([0, 10, 10, 10], (3, 0, 1, 1))
    assert [change.product for change in changes_of(report.session_id)] == shop[1:4]


SHOPS: dict[str, tuple[dict[str, Any], Any, str]] = {
    "decimals": (
        ITEMS,
        lambda n: Item(code1c=f"c{n}", article=f"a{n}", title="t", qty=None if n % 3 == 0 else Decimal(f"{n}.500")),
        "c{}",
    ),
    "UUIDs": (
        UUID_ITEMS,
        lambda n: UuidItem(guid=uuid.UUID(int=n), sku=f"c{n}", stock=n),
        f"{uuid.UUID(int=0)}"[:-2] + "{:02x}",
    ),
    "texts": (
        NUMBER_ITEMS,
        lambda n: NumberItem(slug=f'Я "{n}" \\{n}'[n % 3 :], number=n, article=n + 900, stock=n % 4 or None),
        "{}",
    ),
    "parents": (STOCKED_GOODS, lambda n: StockedGood(onec_id=f"c{n}", name="n", sku=f"s{n}", stock=n), "c{}"),
    "a filter": (
        BY_PARTNER_SKU,
        lambda n: StockRecord(
            product=Goods.objects.create(upc=f"u{n}", title="t"),
            partner=Partner.objects.get_or_create(code="1c" if n % 2 else "other")[0],
            partner_sku=f"c{n}",
            num_in_stock=n % 5 or None,
        ),
        "c{}",
    ),
}


@pytest.mark.parametrize("kind", SHOPS)
@pytest.mark.parametrize("is_relative", [False, True])
def test_load_and_undo_give_the_old_stock_of_every_shop(
    rests: Path, strategy: str, kind: str, settings: Settings, *, is_relative: bool
) -> None:
    settings.STOCK_LOADER, make, ids = SHOPS[kind]
    rows = [make(n) for n in range(1, 40)]
    for row in rows:
        row.save()
    model, field = type(rows[0]), settings.STOCK_LOADER["QUANTITY"]

    def quantities() -> dict[Any, Any]:
        return dict(model._default_manager.values_list("pk", field))

    chance = random.Random(kind)
    old = quantities()
    offers = [offer(ids.format(n), chance.randrange(60)) for n in chance.sample(range(1, 40), 30)]
    rests.write_text(document(*offers), "utf-8")
    rules = MatchRules(zeroes_missing=True)
    options: dict[str, Any] = {"is_forced": True, "exports_are_whole": True, "rules": rules}
    loaded = load_stocks(LoadOptions(file=str(rests), strategy=strategy, **options))
    new = quantities()
    undone = undo(loaded.session_id, strategy, is_relative=is_relative, is_forced=True)
    assert loaded.details.changed_count > 5
    assert (quantities(), counts(undone)) == (old, (loaded.details.changed_count, 0, 0, 0))
    again = undo(undone.session_id, strategy, is_forced=True)
    assert (quantities(), counts(again)) == (new, (loaded.details.changed_count, 0, 0, 0))


@pytest.mark.postgresql
def test_undo_in_the_server_costs_as_many_queries_whatever_it_changes(
    rests: Path, strategy: str, shop: list[int]
) -> None:
    sent = []
    for quantities in ((1,), (2, 3, 4, 5, 6)):
        session = load(rests, strategy, *quantities).session_id
        with CaptureQueriesContext(connection) as queries:
            undo(session, "copy")
        sent.append(len(queries))
    assert sent[0] == sent[1]
