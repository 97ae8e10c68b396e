"""Others are in the way: locks are waited for, conflicts tried again, three times at most."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import psycopg2
import pytest
from django.conf import LazySettings
from django.db import DatabaseError, connection, transaction
from django.db.transaction import TransactionManagementError

from stock_loader.database.postgresql import sqlstate
from stock_loader.errors import LoadRefusedError, StockLoadError
from tests.patience import wait_until
from tests.reliability.loads import Loads
from tests.reliability.shop import NEW, OLD, last_message, load, statuses, stock
from tests.strategies import STRATEGIES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]

postgresql = pytest.mark.postgresql


class Attempts:
    """Counts the transactions that a load began to write in; calls `meanwhile` in each, after its first query."""

    def __init__(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        self.count = 0
        self.codes: list[object] = []
        """SQLSTATE of each statement that the database refused."""
        self._meanwhile = meanwhile

    def __call__(self, execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        try:
            result = execute(sql, *arguments)
        except DatabaseError as error:
            self.codes.append(sqlstate(error))
            raise
        if "set_config('lock_timeout'" in sql or sql == "BEGIN IMMEDIATE":
            self.count += 1
            self._meanwhile()
        return result


@contextmanager
def another_session(url: str) -> Iterator[Any]:
    with closing(psycopg2.connect(url)) as other:
        yield other


def is_waiting_for_a_row(observer: Any, backend: int) -> bool:
    observer.rollback()
    with observer.cursor() as cursor:
        cursor.execute("SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s", [backend])
        return bool(cursor.fetchone()[0])


def lock_row(other: Any, row: int) -> None:
    with other.cursor() as cursor:
        cursor.execute("UPDATE products_product SET name = 'taken' WHERE onec_id = %s", [f"p{row}"])


@postgresql
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
    assert str(failed.value).startswith("the database reported: canceling statement due to lock timeout")
    # The fourth attempt failed; the transaction that records the failure may set the limit once more.
    assert attempts.count == 4
    assert (stock(), statuses(), last_message()) == (OLD, ["failed"], str(failed.value))


@postgresql
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_row_that_is_freed_meanwhile_is_loaded(
    strategy: str, test_database_url: str, new_stock: str, settings: LazySettings
) -> None:
    settings.STOCK_LOAD_LOCK_TIMEOUT_SECONDS = 0.1
    with another_session(test_database_url) as other:
        lock_row(other, 7)
        attempts = Attempts(lambda: other.rollback() if attempts.count == 2 else None)
        with connection.execute_wrapper(attempts):
            load(new_stock, strategy=strategy)
    assert attempts.count == 2
    assert (stock(), statuses()) == (NEW, ["completed"])


@postgresql
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_statement_that_takes_too_long_fails_the_load_at_once(
    strategy: str, new_stock: str, settings: LazySettings
) -> None:
    settings.STOCK_LOAD_STATEMENT_TIMEOUT_SECONDS = 1
    attempts = Attempts()
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$"
        )
        cursor.execute("CREATE TRIGGER dawdle BEFORE UPDATE ON products_product FOR EACH ROW EXECUTE FUNCTION dawdle()")
    try:
        with connection.execute_wrapper(attempts), pytest.raises(StockLoadError) as failed:
            load(new_stock, strategy=strategy)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION dawdle CASCADE")
    assert str(failed.value).startswith("the database reported: canceling statement due to statement timeout")
    assert attempts.count == 1
    assert (stock(), statuses()) == (OLD, ["failed"])


@postgresql
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_load_that_is_ended_by_a_deadlock_runs_again(strategy: str, test_database_url: str, new_stock: str) -> None:
    """Another session holds row 7 and then wants row 0, which the load holds while it waits for 7."""
    attempts = Attempts()
    with another_session(test_database_url) as other, another_session(test_database_url) as observer:
        lock_row(other, 7)
        with other.cursor() as cursor, connection.cursor() as own:
            cursor.execute("SET deadlock_timeout = '1h'")  # the server ends the one who looks for a deadlock
            own.execute("SET deadlock_timeout = '4s'")  # how long the other one has to complete it
        backend = connection.connection.info.backend_pid

        def want_the_first_row() -> None:
            wait_until(lambda: is_waiting_for_a_row(observer, backend))
            lock_row(other, 0)
            other.rollback()

        crossing = threading.Thread(target=want_the_first_row)
        crossing.start()
        try:
            with connection.execute_wrapper(attempts):
                load(new_stock, strategy=strategy)
        finally:
            crossing.join()
            connection.close()
    assert (attempts.count, attempts.codes) == (2, ["40P01"])
    assert (stock(), statuses()) == (NEW, ["completed"])


@postgresql
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_serialization_failure_runs_again(strategy: str, test_database_url: str, new_stock: str) -> None:
    """In REPEATABLE READ a row that changed after the transaction's first query cannot be locked."""
    with another_session(test_database_url) as other:

        def sell_one() -> None:
            if attempts.count == 1:
                with other.cursor() as cursor:
                    cursor.execute(
                        "UPDATE products_product SET stock_quantity = 4, stock_updated_at = now() WHERE onec_id = 'p3'"
                    )
                other.commit()

        attempts = Attempts(sell_one)
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        try:
            with connection.execute_wrapper(attempts):
                load(new_stock, strategy=strategy)
        finally:
            connection.close()
    assert attempts.count == 2
    assert (stock(), statuses()) == (NEW, ["completed"])


def test_load_inside_a_transaction_of_the_caller_is_refused_before_any_write(new_stock: str) -> None:
    expected = r"^a load cannot run inside a transaction of its caller: it must commit by itself\.$"
    with transaction.atomic(), pytest.raises(LoadRefusedError, match=expected):
        load(new_stock)
    assert (stock(), statuses()) == (OLD, [])


def test_load_with_autocommit_off_is_refused_before_any_write(new_stock: str) -> None:
    transaction.set_autocommit(False)
    try:
        with pytest.raises(LoadRefusedError, match=r"^a load cannot run inside a transaction of its caller"):
            load(new_stock)
        transaction.rollback()
    finally:
        with suppress(TransactionManagementError):
            transaction.set_autocommit(True)
    assert (stock(), statuses()) == (OLD, [])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@postgresql
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_signal_ends_a_load_that_waits_for_a_row(
    strategy: str, number: signal.Signals, test_database_url: str, loads: Loads, new_stock: str
) -> None:
    """The driver waits inside the C library of PostgreSQL, where no Python handler runs."""
    with another_session(test_database_url) as other, another_session(test_database_url) as observer:
        lock_row(other, 7)
        step = loads.start(
            *("--file", new_stock, "--strategy", strategy),
            pause_before="before SELECT set_config('lock_",
            STOCK_LOAD_LOCK_TIMEOUT_SECONDS=3600,
        )
        assert step
        loads.go_on()
        wait_until(lambda: is_waiting_for_a_row(observer, step["backend"]))
        loads.signal(number)
        assert loads.end() == 128 + number
    assert (stock(), statuses()) == (OLD, ["failed"])
    assert last_message() == f"Stopped by {number.name}; nothing was loaded."


def test_signal_ends_a_load_that_waits_while_it_reads(loads: Loads, new_stock: str) -> None:
    """It waits in a system call that nothing ends: what is read may be a pipe that brings nothing for hours."""
    assert loads.start("--file", new_stock, pause_before="before read")
    loads.signal(signal.SIGTERM)
    assert loads.end() == 143
    assert (stock(), statuses()) == (OLD, ["failed"])
