"""A table of which the server says that it is distributed is written without `FOR UPDATE`, which Citus does not do.

There is no Citus here: the catalogue that it would have is made up, the table is a plain one.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.products.models import Product
from stock_loader.journal.changes import changes_of
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.load.undo import UndoOptions, undo_load
from stock_loader.outcome import LoadReport, StockChange
from tests.reliability.shop import NEW, OLD, executed, statuses, stock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql, pytest.mark.usefixtures("shop")]


@pytest.fixture(params=["h", "n"])
def method(request: pytest.FixtureRequest, shop: None) -> Iterator[str]:
    """How the table is said to be distributed: by hash, or not but copied to all."""
    with executed(
        'CREATE TABLE pg_dist_partition (logicalrelid regclass, partmethod "char")',
        f"INSERT INTO pg_dist_partition VALUES ('products_product', '{request.param}')",
        undone_by="DROP TABLE pg_dist_partition",
    ):
        yield request.param


def load(file: str, **options: Any) -> LoadReport:
    return load_stocks(LoadOptions(file=file, strategy="copy", **options))


def is_locked_by_select(captured: CaptureQueriesContext) -> bool:
    return any("FOR NO KEY UPDATE" in query["sql"] for query in captured)


def writes_in_a_query(captured: CaptureQueriesContext) -> bool:
    return any("written AS (\nUPDATE" in query["sql"] for query in captured)


def test_load_that_lists_its_changes_and_its_undo(method: str, new_stock: str, tmp_path: Path) -> None:
    keys = list(Product.objects.order_by("pk").values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as captured:
        report = load(new_stock, changes_file=str(tmp_path / "changes.csv"))
        assert (stock(), report.details.updated_count) == (NEW, 10)
        assert list(changes_of(report.session_id)) == [
            StockChange(*change) for change in zip(keys, OLD, NEW, strict=True)
        ]
        Product.objects.filter(pk=keys[0]).update(stock_quantity=1)
        undone = undo_load(
            UndoOptions(session=report.session_id, strategy="copy", changes_file=str(tmp_path / "undone.csv"))
        )
    assert (undone.details.updated_count, undone.details.changed_since_count) == (9, 1)
    assert list(Product.objects.order_by("pk").values_list("stock_quantity", flat=True)) == [1, *OLD[1:]]
    assert statuses() == ["completed"] * 2
    assert is_locked_by_select(captured) is (method == "n")
    assert writes_in_a_query(captured) is (method == "n")


def test_products_that_others_change_or_delete_before_the_write_are_compared_again(method: str, new_stock: str) -> None:
    """So the update at once finds fewer rows than it should, and all are locked and compared."""
    keys = list(Product.objects.order_by("pk").values_list("pk", flat=True))

    def sell(execute: Any, sql: str, *arguments: Any) -> Any:
        if "set_config('enable_hashjoin'" in sql:
            Product.objects.filter(pk=keys[0]).update(stock_quantity=NEW[0])
            Product.objects.filter(pk=keys[1]).update(stock_quantity=3)
            Product.objects.filter(pk=keys[2]).delete()
        return execute(sql, *arguments)

    with CaptureQueriesContext(connection) as captured, connection.execute_wrapper(sell):
        report = load(new_stock)
    assert list(Product.objects.order_by("pk").values_list("stock_quantity", flat=True)) == [*NEW[:2], *NEW[3:]]
    details = report.details
    assert (details.updated_count, details.unchanged_count, details.not_found_count) == (8, 1, 1)
    assert list(changes_of(report.session_id))[:2] == [StockChange(keys[1], 3, NEW[1]), StockChange(keys[3], 5, NEW[3])]
    assert is_locked_by_select(captured) is (method == "n")
