"""A load whose process is stopped (SIGSTOP, a machine that sleeps) while the world goes on; then it goes on too."""

import signal

import pytest
from django.db import connection

from apps.common.models import ImportSession
from stock_loader.errors import AnotherLoadRunsError
from tests.patience import wait_until
from tests.reliability.loads import Loads
from tests.reliability.sessions import end_session, is_gone
from tests.reliability.shop import NEW, OLD, load, statuses, stock
from tests.strategies import STRATEGIES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]

DIED = "The process died before the load ended; nothing was loaded."


def go_on(loads: Loads) -> int:
    loads.signal(signal.SIGCONT)
    loads.go_on()
    return loads.end()


def test_stopped_load_keeps_others_out_and_completes_later(loads: Loads, new_stock: str) -> None:
    assert loads.start("--file", new_stock, pause_before="before read")
    loads.signal(signal.SIGSTOP)
    with pytest.raises(AnotherLoadRunsError):
        load(new_stock)
    assert (stock(), statuses()) == (OLD, ["started", "failed"])
    assert go_on(loads) == 0
    assert (stock(), statuses()) == (NEW, ["completed", "failed"])


@pytest.mark.postgresql
@pytest.mark.mariadb
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("step", ["before read", "before COMMIT"])
def test_stopped_load_whose_session_was_ended_does_not_write_when_it_goes_on(
    step: str, strategy: str, loads: Loads, new_stock: str
) -> None:
    """Another load has run meanwhile, and orders have come: what the first one found is of yesterday."""
    waiting = loads.start("--file", new_stock, "--strategy", strategy, pause_before=step)
    assert waiting
    loads.signal(signal.SIGSTOP)
    end_session(waiting["backend"])
    load(new_stock)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE products_product SET stock_quantity = 77")
    assert go_on(loads) == 1
    assert set(stock()) == {77}
    assert statuses() == ["failed", "completed"]
    assert ImportSession.objects.earliest("pk").error_message == DIED


@pytest.mark.postgresql
@pytest.mark.mariadb
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_load_stopped_while_it_holds_rows_is_ended_by_the_server(strategy: str, loads: Loads, new_stock: str) -> None:
    """`idle_in_transaction_session_timeout`, of MariaDB `idle_transaction_timeout`, is the limit of a statement."""
    more = {"pause_before": "before COMMIT", "STOCK_LOAD_STATEMENT_TIMEOUT_SECONDS": 1}
    waiting = loads.start("--file", new_stock, "--strategy", strategy, **more)  # type: ignore[arg-type]
    assert waiting
    loads.signal(signal.SIGSTOP)
    assert not is_gone(waiting["backend"])()
    wait_until(is_gone(waiting["backend"]))
    assert stock() == OLD
    assert go_on(loads) == 1
    assert (stock(), statuses()) == (OLD, ["failed"])
    load(new_stock)
    assert (stock(), statuses()) == (NEW, ["failed", "completed"])
