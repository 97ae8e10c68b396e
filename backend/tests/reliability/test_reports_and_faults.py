"""The fault loop with all that a load may write beside the stock: files and signal say what the data say."""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from apps.products.models import Product
from stock_loader.errors import StockLoadError
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.load.signals import stocks_loaded
from stock_loader.strategies import MatchRules
from tests.documents import offer
from tests.documents import rests as document
from tests.reliability.shop import OLD, reset_shop, statuses, stock
from tests.reliability.test_fault_loop import REASONS, FailingStatements
from tests.strategies import STRATEGIES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]

NEW = [0, 11, *OLD[2:9], 0]
"""Of variants that are sold out, of two that are not, of what the file names as it is, of what it does not name."""


@pytest.fixture
def told() -> Iterator[list[int]]:
    """The products of which the signal told."""
    told: list[int] = []

    def receive(product_ids: Any, **_: object) -> None:
        told.extend(product_ids)

    stocks_loaded.connect(receive, sender=Product)
    yield told
    stocks_loaded.disconnect(receive, sender=Product)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_failing_statement_leaves_files_that_tell_no_lie(
    strategy: str, rests: Path, tmp_path: Path, told: list[int]
) -> None:
    variants = [offer("p0#a", 0), offer("p1#a", 5), offer("p1#b", 6), offer("x", 1)]
    rests.write_text(document(*variants, *(offer(f"p{n}", OLD[n]) for n in range(2, 9))), encoding="utf-8")
    changes, rejected = tmp_path / "changes.jsonl", tmp_path / "rejected.jsonl"
    options = LoadOptions(
        file=str(rests),
        strategy=strategy,
        batch_size=2,
        chunk_size=2,
        rules=MatchRules(sums_variants=True, zeroes_missing=True),
        exports_are_whole=True,
        changes_file=str(changes),
        rejected_file=str(rejected),
    )
    for number in count(1):
        reset_shop()
        for path in (changes, rejected):
            path.unlink(missing_ok=True)
        told.clear()
        faults = FailingStatements(number, number)
        error = error_of(options, faults)
        if error is None:
            assert (stock(), statuses()) == (NEW, ["completed"]), number
            assert quantities_in(changes) == [(5, 0), (5, 11), (5, 0)], number
        else:
            assert error == REASONS[connection.vendor]
            assert (stock(), set(statuses()), told, changes.exists()) == (OLD, {"failed"}, [], False), number
        assert not list(tmp_path.glob(".*")), number
        if faults.sent < number:
            break
    assert len(told) == 3
    assert [json.loads(line)["onec_id"] for line in rejected.read_text().splitlines()] == ["x"]
    assert number > 20


def error_of(options: LoadOptions, faults: FailingStatements) -> str | None:
    try:
        with connection.execute_wrapper(faults):
            load_stocks(options)
    except StockLoadError as error:
        return str(error)
    return None


def quantities_in(path: Path) -> list[tuple[int, int]]:
    return [(line["old"], line["new"]) for line in map(json.loads, path.read_text("utf-8").splitlines())]
