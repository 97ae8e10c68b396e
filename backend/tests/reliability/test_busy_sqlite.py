"""Another process writes to the SQLite file: it is waited for, and tried again three times at most."""

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from django.db import connection

from stock_loader.errors import StockLoadError
from tests.reliability.shop import NEW, OLD, load, statuses, stock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]


@pytest.mark.sqlite
def test_other_writer_is_waited_for(new_stock: str) -> None:
    with closing(sqlite3.connect(connection.settings_dict["NAME"], check_same_thread=False)) as other:
        other.isolation_level = None

        def write_for_a_while() -> None:
            other.execute("BEGIN IMMEDIATE")
            threading.Timer(1, other.execute, ["COMMIT"]).start()

        began = time.monotonic()
        with connection.execute_wrapper(BeforeWriting(write_for_a_while)):
            load(new_stock)
        assert time.monotonic() - began > 0.9
    assert (stock(), statuses()) == (NEW, ["completed"])


class BeforeWriting:
    """Calls `meanwhile` once, before the load begins to write."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        self._meanwhile: Callable[[], object] | None = meanwhile

    def __call__(self, execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        if sql == "BEGIN IMMEDIATE" and self._meanwhile:
            meanwhile, self._meanwhile = self._meanwhile, None
            meanwhile()
        return execute(sql, *arguments)


@pytest.mark.sqlite
def test_other_writer_that_does_not_end_fails_the_load_after_three_more_tries(new_stock: str) -> None:
    begins = []

    def count_begins(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        if sql == "BEGIN IMMEDIATE":
            begins.append(sql)
            if len(begins) == 5:
                other.execute("COMMIT")
        return execute(sql, *arguments)

    with closing(sqlite3.connect(connection.settings_dict["NAME"], check_same_thread=False)) as other:
        other.isolation_level = None

        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 100")
        with (
            connection.execute_wrapper(count_begins),
            connection.execute_wrapper(BeforeWriting(lambda: other.execute("BEGIN IMMEDIATE"))),
            pytest.raises(StockLoadError, match=r"^the database reported: database is locked$"),
        ):
            load(new_stock)
    assert len(begins) == 4 + 1, "four tries, and the record of the failure on a new connection"
    assert (stock(), statuses()) == (OLD, ["failed"])
    connection.close()
