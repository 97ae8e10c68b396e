"""While the file is read no row is locked and SQLite takes writes; a changed row is locked only for the write."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.db import connection

from apps.products.models import Product
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.load.watchers import LoadWatcher
from tests.documents import offer
from tests.documents import rests as document
from tests.reliability.conftest import Figures
from tests.reliability.loads import Loads
from tests.reliability.shop import NEW, PRODUCTS, statuses, stock, write_new_stock
from tests.servers import connected
from tests.strategies import STRATEGIES

pytestmark = [pytest.mark.django_db(transaction=True)]

SELL = "UPDATE products_product SET name = replace('#.', '#', name) WHERE stock_quantity > 0"

LOCKED = """
SELECT l.mode FROM pg_locks l
WHERE l.pid = %s AND l.relation = 'products_product'::regclass AND l.mode <> 'AccessShareLock'
"""


@contextmanager
def other_connection(url: str) -> Iterator[Any]:
    """A connection that waits for nobody and commits every statement."""
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=0, isolation_level=None)) as other:
            yield other.cursor()
    elif connection.vendor == "mysql":
        with connected(url) as cursor:
            cursor.execute("SET innodb_lock_wait_timeout = 0")
            yield cursor
    else:
        with closing(psycopg2.connect(url, options="-c lock_timeout=1")) as other:
            other.autocommit = True
            yield other.cursor()


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_others_write_while_the_file_is_read(strategy: str, rests: Path, test_database_url: str) -> None:
    file = write_new_stock(rests, padding=200_000)
    rows: list[int] = []
    locks: list[object] = []
    with other_connection(test_database_url) as other:

        def write_meanwhile(_size: int) -> None:
            other.execute(SELL)
            rows.append(other.rowcount)
            if connection.vendor == "postgresql":
                other.execute(LOCKED, [connection.connection.info.backend_pid])
                locks.extend(other.fetchall())

        options = LoadOptions(file=file, strategy=strategy, batch_size=4, chunk_size=4)
        load_stocks(options, watcher=LoadWatcher(on_read=write_meanwhile))
    assert len(rows) > 5
    assert (set(rows), locks) == ({PRODUCTS}, [])
    assert set(Product.objects.values_list("name", flat=True)) == {"." * len(rows)}
    assert (stock(), statuses()) == (NEW, ["completed"])


@pytest.mark.usefixtures("shop")
@pytest.mark.postgresql
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_order_line_of_a_locked_product_does_not_wait(
    strategy: str, loads: Loads, new_stock: str, test_database_url: str
) -> None:
    """A foreign key takes FOR KEY SHARE of the product, which `FOR NO KEY UPDATE` lets pass."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE order_line (product_id bigint NOT NULL REFERENCES products_product)")
    try:
        assert loads.start("--file", new_stock, "--strategy", strategy, pause_before="before COMMIT")
        with other_connection(test_database_url) as other:
            with pytest.raises(psycopg2.errors.LockNotAvailable):
                other.execute(SELL)
            other.execute("INSERT INTO order_line SELECT id FROM products_product")
            assert other.rowcount == PRODUCTS
        loads.go_on()
        assert loads.end() == 0
        assert (stock(), statuses()) == (NEW, ["completed"])
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE order_line")


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_hundred_thousand_changed_rows_are_locked_for_seconds_at_most(
    strategy: str, rests: Path, test_database_url: str, figures: Figures
) -> None:
    count = 100_000
    Product.objects.bulk_create(
        (Product(onec_id=f"p{n}", sku=f"S{n}", name="", stock_quantity=5) for n in range(count)), batch_size=10_000
    )
    rests.write_text(document(*(offer(f"p{n}", 7) for n in range(count))), encoding="utf-8")
    longest_in_write, duration = longest_write_of_others(
        test_database_url, lambda: load_stocks(LoadOptions(file=str(rests), strategy=strategy))
    )
    assert Product.objects.filter(stock_quantity=7).count() == count
    figures(
        f"{count} changed rows, {strategy}, {connection.vendor}",
        longest_lock_seconds=f"{longest_in_write:.2f}",
        load_seconds=f"{duration:.2f}",
    )
    assert longest_in_write < 15


def longest_write_of_others(url: str, work: Callable[[], object]) -> tuple[float, float]:
    """Do `work` while another session changes a product again and again; return its longest wait, and the time."""
    waits = [0.0]
    has_ended = threading.Event()

    def write() -> None:
        with patient_connection(url) as other:
            while not has_ended.is_set():
                began = time.monotonic()
                other.execute(
                    "UPDATE products_product SET name = 'x' WHERE id = (SELECT min(id) FROM products_product)"
                )
                waits.append(time.monotonic() - began)
                time.sleep(0.005)

    thread = threading.Thread(target=write)
    thread.start()
    began = time.monotonic()
    try:
        work()
    finally:
        has_ended.set()
        thread.join()
    return max(waits), time.monotonic() - began


@contextmanager
def patient_connection(url: str) -> Iterator[Any]:
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=60, isolation_level=None)) as other:
            yield other.cursor()
    else:
        with connected(url) as cursor:
            yield cursor
