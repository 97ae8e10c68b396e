"""Loads behind a pooler: one that shares sessions is refused, and what it does with a run lock cuts nobody."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from typing import Any

import psycopg2
import pytest
from django.db import connection
from django.db.utils import ConnectionHandler

from config.settings import database
from stock_loader.database.advisory_lock import ADVISORY_KEY, AdvisoryLock, lock_holder
from stock_loader.errors import AnotherLoadRunsError
from stock_loader.load.run_lock import obtain, run_lock
from tests.patience import PATIENCE_SECONDS
from tests.pooler import pgbouncer
from tests.reliability.conftest import Figures
from tests.reliability.loads import BACKEND, environment_of
from tests.reliability.shop import NEW, OLD, load, statuses, stock

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("shop"),
    pytest.mark.postgresql,
]
REFUSED = "Error during the update: a pooler before PostgreSQL shares database sessions"


def command(url: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    program = [sys.executable, str(BACKEND.parent / "manage.py"), "load_product_stocks", "--verbosity", "0", *arguments]
    return subprocess.run(program, env=environment_of(url), capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize(
    ("pool_mode", "more"), [("transaction", ""), ("transaction", "default_pool_size = 1"), ("session", "")]
)
def test_pooler_must_keep_sessions(pool_mode: str, more: str, test_database_url: str, new_stock: str) -> None:
    with pgbouncer(test_database_url, pool_mode, more=more) as url:
        ended = command(url, "--file", new_stock)
    if pool_mode == "session":
        assert (ended.returncode, ended.stderr) == (0, "")
        assert (stock(), statuses()) == (NEW, ["completed"])
    else:
        assert ended.returncode == 1
        assert ended.stderr.startswith(REFUSED)
        assert (stock(), statuses()) == (OLD, ["failed"])


def test_pooler_that_shares_by_statement_is_refused(test_database_url: str, new_stock: str) -> None:
    """It takes no transaction, so the refusal cannot be recorded either."""
    with pgbouncer(test_database_url, "statement") as url:
        ended = command(url, "--file", new_stock)
    assert ended.returncode == 1
    assert ended.stderr.startswith(REFUSED)
    assert (stock(), lock_holder(connection, "")) == (OLD, None)


@pytest.mark.parametrize("more", ["", "server_round_robin = 1"])
def test_loads_at_once_behind_a_pooler_that_shares_sessions_are_all_refused(
    more: str, test_database_url: str, new_stock: str, figures: Figures
) -> None:
    """Two at a time, so that each finds sessions that the other has used; `STOCK_TEST_LOADS` says how many."""
    count = int(os.environ.get("STOCK_TEST_LOADS", "4"))
    with pgbouncer(test_database_url, "transaction", more=more) as url, ThreadPoolExecutor(2) as pool:
        one = partial(command, url, "--file", new_stock, "--wait", "60")
        ended = list(pool.map(lambda _: one(), range(count)))
    refused = [load for load in ended if load.stderr.startswith(REFUSED)]
    figures(f"behind pgbouncer, {more or 'transaction mode'}", loads=count, refused=len(refused))
    assert [load.stderr for load in ended if load not in refused] == []
    assert (stock(), set(statuses())) == (OLD, {"failed"})


@contextmanager
def connected(url: str, count: int) -> Iterator[list[Any]]:
    """Connections of Django's to the database at `url`."""
    with ExitStack() as stack:
        made = [ConnectionHandler({"default": database(url)})["default"] for _ in range(count)]
        for one in made:
            stack.callback(one.close)
        yield made


def process_of(client: Any) -> int:
    with client.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_session_that_a_pooler_gave_to_another_client_is_not_ended(test_database_url: str, new_stock: str) -> None:
    """The load lost it and is told so; the client in the middle of its transaction goes on."""
    with pgbouncer(test_database_url, "transaction") as url, connected(url, 2) as (ours, client):
        lock = AdvisoryLock(ours)
        assert lock.try_obtain()
        held = lock_holder(connection, "")
        client.set_autocommit(False)
        assert process_of(client) == held
        assert lock.is_lost()
        lock.end_lost_session()
        assert process_of(client) == held, "its transaction goes on"

        with pytest.raises(AnotherLoadRunsError) as refused:
            load(new_stock)
        assert str(refused.value).startswith(
            "another load is running, or a pooler keeps the lock of one that ended: the database session "
            f"{held} holds the run lock, and no import session says started."
        )
        client.rollback()
        lock.release()
        assert lock_holder(connection, "") is None
    load(new_stock)
    assert (stock(), statuses()) == (NEW, ["failed", "completed"])


def test_session_in_the_transaction_of_a_load_is_ended_behind_a_pooler(test_database_url: str) -> None:
    """A line that was cut leaves it with locks on rows; it serves nobody else until its transaction ends."""
    with pgbouncer(test_database_url, "session") as url, connected(url, 2) as (ours, again):
        lock = AdvisoryLock(ours)
        assert lock.try_obtain()
        ours.set_autocommit(False)
        assert not lock.is_lost()
        ours.connection, again.connection = again.connection, ours.connection  # as after a reconnect
        ours.connect()
        lock.end_lost_session()
        with run_lock(connection) as free:
            assert obtain(free, wait_seconds=PATIENCE_SECONDS, heed=int), "a server ends a session in its own time"


def test_session_is_left_alone_that_no_longer_has_the_lock(test_database_url: str) -> None:
    with connected(test_database_url, 2) as (ours, other):
        lock = AdvisoryLock(ours)
        assert lock.try_obtain()
        with ours.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_KEY])
        other.ensure_connection()
        ours.connection, other.connection = other.connection, ours.connection
        lock.end_lost_session()
        assert process_of(other)


def test_lock_of_a_session_that_no_load_uses_is_told(test_database_url: str, new_stock: str) -> None:
    with closing(psycopg2.connect(test_database_url)) as held, held.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_KEY])
        with pytest.raises(AnotherLoadRunsError) as refused:
            load(new_stock)
        assert f"the database session {held.info.backend_pid} holds the run lock" in str(refused.value)
    assert (stock(), statuses()) == (OLD, ["failed"])
