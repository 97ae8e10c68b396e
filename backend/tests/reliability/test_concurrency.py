"""Loaders, customers and a reader at once, in the style of Jepsen: every run's history must be explainable.

`STOCK_TEST_SECONDS=3600 pytest backend/tests/reliability/test_concurrency.py -m slow -s` runs for an hour each.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from apps.common.models import ImportSession
from apps.products.models import Product
from tests.reliability.conftest import Figures
from tests.reliability.history import EPOCH, History, anomalies
from tests.reliability.loads import BACKEND, environment_of
from tests.strategies import STRATEGIES, strategies_here

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.alone]

PRODUCTS = 400
CUSTOMERS = 3
RUNS_UNTIL_FOUND = 5
"""One is enough unless the machine is busy with others."""

LONG_SECONDS = float(os.environ.get("STOCK_TEST_SECONDS", "10"))


@pytest.fixture
def busy_shop(transactional_db: None) -> Iterator[None]:
    """Products as load number 1 would leave them, and a table of order lines that refers to them."""
    Product.objects.bulk_create(
        Product(onec_id=f"p{n}", sku=f"S{n}", name="", stock_quantity=EPOCH) for n in range(PRODUCTS)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE order_line (product_id bigint NOT NULL REFERENCES products_product (id),"
            " left_quantity integer NOT NULL)"
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE order_line")


class Run:
    """One run: its history and its figures."""

    def __init__(self, url: str, *, seconds: float, loaders: list[str], baskets: str, locks: str = "ordered") -> None:
        workers = [
            *(Worker(url, "loader", seconds, 2 + n, strategy, locks) for n, strategy in enumerate(loaders)),
            *(Worker(url, "customer", seconds, n, baskets, locks) for n in range(CUSTOMERS)),
            Worker(url, "reader", seconds, 0, "", locks),
        ]
        for worker in workers:
            worker.wait_until_ready()
        for worker in workers:
            worker.go()
        reports = [worker.report() for worker in workers]
        self.failed_loads = [message for report in reports for message in report.get("failed", ())]
        self.orders = sum(report.get("orders", 0) for report in reports)
        self.reads = sum(report.get("count", 0) for report in reports)
        self.history = History(
            loads=[1, *completed_loads()],
            orders=order_lines(),
            stock=dict(Product.objects.values_list("pk", "stock_quantity")),
            reads=[tuple(read) for read in reports[-1]["reads"]],
            errors=[error for report in reports for error in report["errors"]],
        )


class Worker:
    """A process that works."""

    def __init__(self, url: str, *arguments: object) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.workers", *map(str, arguments)],
            cwd=BACKEND,
            env=environment_of(url),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def wait_until_ready(self) -> None:
        """Wait until it has started."""
        assert self._process.stdout
        assert self._process.stdout.readline() == b"ready\n"

    def go(self) -> None:
        """Let it work."""
        assert self._process.stdin
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()

    def report(self) -> dict[str, Any]:
        """Wait for its end; return what it says."""
        out, err = self._process.communicate()
        assert self._process.returncode == 0, err.decode()
        report: dict[str, Any] = json.loads(out)
        return report


def completed_loads() -> list[int]:
    """The numbers of the completed loads in the order of their sessions, which is that of the run lock."""
    completed = ImportSession.objects.filter(status="completed").order_by("pk")
    files = completed.values_list("details__file", flat=True)
    return [int(re.findall(r"load (\d+)\.xml$", file)[0]) for file in files]


def order_lines() -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT product_id, left_quantity FROM order_line")
        return list(cursor.fetchall())


def tell(figures: Figures, run: Run, *, of: str, seconds: float) -> None:
    figures(
        f"{of}, {connection.vendor}",
        seconds=int(seconds),
        loads=len(run.history.loads) - 1,
        orders=run.orders,
        reads=run.reads,
        loads_per_second=round(len(run.history.loads) / seconds, 1),
        orders_per_second=round(run.orders / seconds),
        deadlocks=run.history.errors.count("40P01"),
    )


def both_loaders() -> list[str]:
    """One loader of each strategy where the database can do both."""
    return ["bulk_update", strategies_here()[-1]]


@pytest.mark.usefixtures("busy_shop")
@pytest.mark.parametrize(
    "seconds", [3, pytest.param(LONG_SECONDS, marks=pytest.mark.slow)], ids=["briefly", "for_long"]
)
def test_loads_and_orders_at_once_leave_no_anomaly(seconds: float, test_database_url: str, figures: Figures) -> None:
    """Baskets are taken in the order of keys, as every program must that locks several rows."""
    run = Run(test_database_url, seconds=seconds, loaders=both_loaders(), baskets="sorted")

    tell(figures, run, of="sorted baskets", seconds=seconds)
    assert anomalies(run.history) == []
    assert run.failed_loads == []
    assert len(run.history.loads) > (seconds if connection.vendor == "postgresql" else 2)
    assert run.orders > 5 * seconds
    assert len(run.history.reads) > 2


@pytest.mark.slow
@pytest.mark.postgresql
@pytest.mark.usefixtures("busy_shop")
def test_baskets_in_any_order_cost_deadlocks_but_lose_nothing(test_database_url: str, figures: Figures) -> None:
    """A shop whose orders lock rows in any order has deadlocks, also without loads; a load gives up after four."""
    run = Run(test_database_url, seconds=6, loaders=both_loaders(), baskets="unsorted")

    tell(figures, run, of="unsorted baskets", seconds=6)
    assert set(run.history.errors) <= {"40P01"}
    assert [anomaly for anomaly in anomalies(run.history) if not anomaly.startswith("refused: 40P01")] == []
    assert all("deadlock detected" in message for message in run.failed_loads)


@pytest.mark.slow
@pytest.mark.postgresql
@pytest.mark.usefixtures("busy_shop")
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_loader_without_ordered_locks_is_found_out(strategy: str, test_database_url: str, figures: Figures) -> None:
    """The same run and checker, the loader's ORDER BY of its locks replaced by any order."""
    for _ in range(RUNS_UNTIL_FOUND):
        run = Run(test_database_url, seconds=5, loaders=[strategy, strategy], baskets="sorted", locks="unordered")
        tell(figures, run, of=f"{strategy}, unordered locks", seconds=5)
        if any(anomaly.startswith("refused: 40P01 × ") for anomaly in anomalies(run.history)):
            return
    pytest.fail("not found out")
