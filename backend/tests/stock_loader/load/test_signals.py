"""The signal `stocks_loaded`: when it is sent, and what it tells."""

import logging
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from apps.common.models import ImportSession
from apps.products.models import Product
from stock_loader.errors import DocumentError, LoadStopped
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.load.signals import stocks_loaded
from stock_loader.strategies import MatchRules
from tests.documents import offer
from tests.documents import rests as document
from tests.strategies import STRATEGIES

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def listening(receive: Callable[..., Any]) -> Iterator[None]:
    stocks_loaded.connect(receive, sender=Product)
    try:
        yield
    finally:
        stocks_loaded.disconnect(receive, sender=Product)


@pytest.fixture(autouse=True)
def products() -> list[Product]:
    return Product.objects.bulk_create(
        Product(onec_id=f"p{n}", sku=f"S{n}", name="", stock_quantity=5) for n in range(4)
    )


def options(path: Path, *offers: str, strategy: str = "bulk_update", **more: Any) -> LoadOptions:
    path.write_text(document(*offers), encoding="utf-8")
    return LoadOptions(file=str(path), strategy=strategy, batch_size=2, **more)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_receivers_learn_the_session_and_what_changed(strategy: str, rests: Path, products: list[Product]) -> None:
    heard: list[object] = []

    def receive(session: ImportSession, product_ids: Any, **_: object) -> None:
        heard.extend([session.pk, session.status, connection.in_atomic_block, list(product_ids), list(product_ids)])
        heard.append(next(iter(product_ids)))

    load = options(
        rests,
        offer("p3", 1),
        offer("p1", 5),
        offer("p0", 2),
        strategy=strategy,
        rules=MatchRules(zeroes_missing=True),
        exports_are_whole=True,
    )
    with listening(receive):
        report = load_stocks(load)

    changed = [products[0].pk, products[2].pk, products[3].pk]
    assert heard == [report.session_id, "completed", False, changed, changed, products[0].pk]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_load_that_changes_nothing_is_told_too(strategy: str, rests: Path) -> None:
    heard = []
    with listening(lambda product_ids, **_: heard.append(list(product_ids))):
        load_stocks(options(rests, offer("p0", 5), strategy=strategy))

    assert heard == [[]]


def test_dry_run_skipped_file_and_failure_are_not_told(rests: Path) -> None:
    load_stocks(options(rests, offer("p0", 1)))
    heard: list[object] = []
    with listening(lambda **_: heard.append("loaded")):
        load_stocks(options(rests, offer("p0", 1), skips_loaded=True))
        load_stocks(options(rests, offer("p0", 2), dry_run=True))
        rests.write_text("<x/>")
        with pytest.raises(DocumentError):
            load_stocks(LoadOptions(file=str(rests), strategy="bulk_update"))

    assert heard == []


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_receiver_that_fails_changes_nothing_and_is_logged(
    strategy: str, rests: Path, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[object] = []

    def fail(**_: object) -> None:
        raise ZeroDivisionError

    with listening(fail), listening(lambda product_ids, **_: heard.extend(product_ids)):
        report = load_stocks(options(rests, offer("p0", 1), strategy=strategy))

    assert (report.status, ImportSession.objects.get().status, len(heard)) == ("completed", "completed", 1)
    (record,) = [
        record for record in caplog.records if record.name == "stocks.load" and record.levelno >= logging.ERROR
    ]
    assert record.getMessage().endswith("of stocks_loaded failed")
    assert record.exc_info
    assert record.exc_info[0] is ZeroDivisionError


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_load_stopped_while_receivers_work_says_completed(strategy: str, rests: Path) -> None:
    def receive(product_ids: Any, **_: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        Product.objects.count()

    with listening(receive), pytest.raises(LoadStopped) as stopped:
        load_stocks(options(rests, offer("p0", 1), strategy=strategy))

    assert stopped.value.code == 143
    assert stopped.value.report is not None
    assert stopped.value.report.status == ImportSession.objects.get().status == "completed"
    assert Product.objects.get(onec_id="p0").stock_quantity == 1
