"""Others are in the way of a load into MariaDB: it waits for locks, tries conflicts again, and ends on a signal."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, connection

from stock_loader.database.mysql import error_code
from stock_loader.errors import StockLoadError
from tests.patience import wait_until
from tests.reliability.loads import Loads
from tests.reliability.sessions import another_session
from tests.reliability.shop import NEW, OLD, last_message, load, statuses, stock
from tests.strategies import STRATEGIES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mariadb, pytest.mark.usefixtures("shop")]

LEVELS = ["READ COMMITTED", "REPEATABLE READ"]
"""Django's own, and that of the server: a shop chooses by `isolation_level` in OPTIONS."""


class Attempts:
    """Counts the transactions that a load began to write in; calls `meanwhile` in each, after its first query."""

    def __init__(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        self.count = 0
        self.codes: list[object] = []
        """Of each statement that the database refused."""
        self._meanwhile = meanwhile

    def __call__(self, execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        try:
            result = execute(sql, *arguments)
        except DatabaseError as error:
            self.codes.append(error_code(error))
            raise
        if sql.startswith("SET SESSION") and connection.in_atomic_block:
            self.count += 1
            self._meanwhile()
        return result


def lock_row(other: Any, row: int, change: str = "name = 'taken'") -> None:
    other.cursor().execute(f"UPDATE products_product SET {change} WHERE onec_id = 'p{row}'")


def is_waiting_for_a_row(observer: Any, session: int) -> bool:
    """Look after a pause: the server keeps what it said as long as it is asked again within a tenth of a second."""
    time.sleep(0.15)
    observer.rollback()
    cursor = observer.cursor()
    cursor.execute(
        "SELECT count(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT' AND trx_mysql_thread_id = %s",
        [session],
    )
    return bool(cursor.fetchone()[0])


@contextmanager
def isolated(level: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION TRANSACTION ISOLATION LEVEL {level}")
    try:
        yield
    finally:
        connection.close()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_locked_row_fails_the_load_after_three_more_tries(
    strategy: str, test_database_url: str, new_stock: str, settings: LazySettings
) -> None:
    settings.STOCK_LOAD_LOCK_TIMEOUT_SECONDS = 0.1
    attempts = Attempts()
    with another_session(test_database_url) as other:
        lock_row(other, 7)
        with connection.execute_wrapper(attempts), pytest.raises(StockLoadError) as failed:
            load(new_stock, strategy=strategy)
    assert "Lock wait timeout exceeded" in str(failed.value)
    assert (attempts.count, attempts.codes) == (4, [1205] * 4)
    assert (stock(), statuses(), last_message()) == (OLD, ["failed"], str(failed.value))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_row_that_is_freed_meanwhile_is_loaded(
    strategy: str, level: str, test_database_url: str, new_stock: str, settings: LazySettings
) -> None:
    settings.STOCK_LOAD_LOCK_TIMEOUT_SECONDS = 0.1
    with another_session(test_database_url) as other, isolated(level):
        lock_row(other, 7)
        attempts = Attempts(lambda: other.rollback() if attempts.count == 2 else None)
        with connection.execute_wrapper(attempts):
            load(new_stock, strategy=strategy)
    assert attempts.count == 2
    assert (stock(), statuses()) == (NEW, ["completed"])


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_sale_between_reading_and_writing_is_seen(
    strategy: str, level: str, test_database_url: str, new_stock: str
) -> None:
    """Also one that is committed after the writing transaction began: locking reads see what is stored now."""
    with another_session(test_database_url) as other, isolated(level):

        def sell() -> None:
            lock_row(other, 0, f"stock_quantity = {NEW[0]}, stock_updated_at = NOW(6)")
            lock_row(other, 3, "stock_quantity = 4, stock_updated_at = NOW(6)")
            other.commit()

        with connection.execute_wrapper(Attempts(sell)):
            report = load(new_stock, strategy=strategy)
    assert (stock(), statuses()) == (NEW, ["completed"])
    assert report.details.changed_count == len(NEW) - 1


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_load_that_is_ended_by_a_deadlock_runs_again(strategy: str, test_database_url: str, new_stock: str) -> None:
    """Another session holds row 7 and then wants row 0, which the load holds while it waits for 7.

    The server ends the one that has written less.
    """
    attempts = Attempts()
    with another_session(test_database_url) as other, another_session(test_database_url) as observer:
        other.cursor().execute("CREATE TEMPORARY TABLE heavy (n int)")
        other.cursor().execute("INSERT INTO heavy SELECT seq FROM seq_1_to_1000")
        lock_row(other, 7)
        connection.ensure_connection()
        session = connection.connection.thread_id()

        def want_the_first_row() -> None:
            wait_until(lambda: is_waiting_for_a_row(observer, session))
            lock_row(other, 0)
            other.rollback()

        crossing = threading.Thread(target=want_the_first_row)
        crossing.start()
        try:
            with connection.execute_wrapper(attempts):
                load(new_stock, strategy=strategy)
        finally:
            crossing.join()
    assert (attempts.count, attempts.codes) == (2, [1213])
    assert (stock(), statuses()) == (NEW, ["completed"])


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_statement_that_takes_too_long_fails_the_load_at_once(
    strategy: str, new_stock: str, settings: LazySettings
) -> None:
    settings.STOCK_LOAD_STATEMENT_TIMEOUT_SECONDS = 1
    attempts = Attempts()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TRIGGER dawdle BEFORE UPDATE ON products_product FOR EACH ROW SET @slept = SLEEP(60)")
    try:
        with connection.execute_wrapper(attempts), pytest.raises(StockLoadError, match="max_statement_time exceeded"):
            load(new_stock, strategy=strategy)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER dawdle")
    assert attempts.count == 1
    assert (stock(), statuses()) == (OLD, ["failed"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_signal_ends_a_load_that_waits_for_a_row(
    strategy: str, number: signal.Signals, test_database_url: str, loads: Loads, new_stock: str
) -> None:
    """The driver waits inside the client library, where no Python handler runs: KILL QUERY."""
    with another_session(test_database_url) as other, another_session(test_database_url) as observer:
        lock_row(other, 7)
        step = loads.start(
            *("--file", new_stock, "--strategy", strategy),
            pause_before="before SET SESSION innodb_lock_wait_timeout",
            STOCK_LOAD_LOCK_TIMEOUT_SECONDS=3600,
        )
        assert step
        loads.go_on()
        wait_until(lambda: is_waiting_for_a_row(observer, step["backend"]))
        loads.signal(number)
        assert loads.end() == 128 + number
    assert (stock(), statuses()) == (OLD, ["failed"])
    assert last_message() == f"Stopped by {number.name}; nothing was loaded."
