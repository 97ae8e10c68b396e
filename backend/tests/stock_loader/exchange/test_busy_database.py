"""The shop's database is busy or gone: 1C has its answer within ten seconds all the same."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest

from tests.stock_loader.exchange.site import PROJECT, Site
from tests.stock_loader.exchange.stock_files import NEW, stock_file

Serve = Callable[..., Site]
ANSWER_WITHIN_SECONDS = 10
DOWN = "failure\nthe shop's database does not answer; try again later."


@contextmanager
def written_to(site: Site) -> Iterator[None]:
    """Be in the middle of writing, as a load is."""
    path = site.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@pytest.mark.sqlite
def test_import_is_answered_in_time_while_a_load_writes(site_with: Serve) -> None:
    site = site_with(START_WORKER=False, ANSWER_SECONDS=5)
    client = site.client("new")
    client.begin()
    client.send("rests.xml", stock_file())
    with written_to(site):
        began = time.monotonic()
        answer = client.call("import", filename="rests.xml")
        assert time.monotonic() - began < ANSWER_WITHIN_SECONDS
    assert answer.startswith("progress\nThe shop's database is busy with a load; asked at ")
    assert client.call("import", filename="rests.xml").startswith("progress\nWaiting for its turn, ")
    with written_to(site):
        began = time.monotonic()
        assert client.call("import", filename="rests.xml").startswith("progress\nWaiting for its turn, ")
        assert time.monotonic() - began < ANSWER_WITHIN_SECONDS
    site.manage("exchange_worker", "--until-idle")
    assert client.call("import", filename="rests.xml") == "success"
    assert site.stock() == NEW


@pytest.mark.slow
@pytest.mark.sqlite
def test_sign_in_is_answered_in_time_while_a_load_writes(site_with: Serve) -> None:
    client = site_with().client()
    with written_to(site_with()):
        began = time.monotonic()
        assert client.call("checkauth") == DOWN
        assert time.monotonic() - began < ANSWER_WITHIN_SECONDS
    assert client.demand("checkauth")


@contextmanager
def gone(site: Site, server_url: str) -> Iterator[None]:
    """Take the database away and bring it back."""
    if site.database_url.startswith("sqlite"):
        path = Path(site.database_url.removeprefix("sqlite:///"))
        path.rename(path.with_suffix(".away"))
        path.mkdir()
        try:
            yield
        finally:
            path.rmdir()
            path.with_suffix(".away").rename(path)
        return
    name = urlsplit(site.database_url).path.strip("/")
    with closing(psycopg2.connect(server_url)) as server:
        server.autocommit = True
        cursor = server.cursor()
        cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


@pytest.mark.postgresql
@pytest.mark.sqlite
def test_database_that_is_gone_is_told_and_the_exchange_goes_on_when_it_is_back(
    site_with: Serve, server_url: str
) -> None:
    site = site_with()
    client = site.client("new")
    client.begin()
    client.send("rests.xml", stock_file())
    site.until(lambda: not site.query("SELECT 1 FROM stock_exchange_stockimport"))
    with gone(site, server_url):
        assert [client.call(mode, filename="rests.xml") for mode in ("checkauth", "init", "import")] == [DOWN] * 3
        assert client.call("file", body=b"x", filename="other.xml") == DOWN
    client.have_imported("rests.xml")
    assert (site.stock(), site.loads()) == (NEW, ["completed"])


def test_missing_table_is_told_with_what_to_do(site: Site) -> None:
    client = site.client("new")
    table = "stock_exchange_exchangesession"
    site.query(f"ALTER TABLE {table} RENAME TO put_aside")
    try:
        told = client.call("checkauth")
    finally:
        site.query(f"ALTER TABLE put_aside RENAME TO {table}")
    assert told == "failure\na table or column of the shop is missing. Run manage.py migrate."
    client.begin()


def test_worker_without_its_tables_says_what_to_do(site_with: Serve) -> None:
    site = site_with(START_WORKER=False)
    table = "stock_exchange_stockimport"
    site.query(f"ALTER TABLE {table} RENAME TO put_aside")
    try:
        command = [sys.executable, "-m", "django", "exchange_worker", "--until-idle"]
        done = subprocess.run(
            command, env=site.environment, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False
        )
    finally:
        site.query(f"ALTER TABLE put_aside RENAME TO {table}")
    told = "CommandError: a table or column of the shop is missing. Run manage.py migrate.\n"
    assert (done.returncode, done.stderr) == (1, told)
