"""What a load changed is put back exactly, and nothing else is touched."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.common.models import ImportSession
from apps.products.models import Product
from stock_loader.journal.changes import changes_of
from stock_loader.load.signals import stocks_loaded
from stock_loader.outcome import StockChange
from tests.stock_loader.load.undo_loads import counts, load, stock, undo
from tests.strategies import STRATEGIES

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("strategy", STRATEGIES),
    pytest.mark.usefixtures("english"),
]


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
        words = ("FOR NO KEY UPDATE", "enable_hashjoin")
        if connection.vendor == "mysql":
            words = ("FOR UPDATE", "SAVEPOINT")
        is_write = connection.vendor == "sqlite" or any(word in sql for word in words)
        for key in sold if connection.in_atomic_block and is_write else ():
            with connection.cursor() as cursor:
                cursor.execute("UPDATE products_product SET stock_quantity = 0 WHERE id = %s", [key])
                cursor.execute("DELETE FROM products_product WHERE id = %s", [shop[4]])
        return execute(sql, *arguments)

    with connection.execute_wrapper(sell):
        report = undo(loaded.session_id, strategy)
    assert (stock(), counts(report)) == ([0, 10, 10, 10], (3, 0, 1, 1))
    assert [change.product for change in changes_of(report.session_id)] == shop[1:4]


@pytest.mark.copy
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
