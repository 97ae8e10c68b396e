"""Queries in a thread of their own, on the connection of the thread that started it."""

import threading
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections

from apps.products.models import Product
from stock_loader.database.query_thread import QueryThread

pytestmark = pytest.mark.django_db(transaction=True)


def test_query_runs_elsewhere_on_the_same_connection() -> None:
    seen: list[Any] = []

    def query() -> int:
        seen.append(threading.current_thread())
        return Product.objects.count()

    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE only_here AS SELECT 7 AS number")
    with QueryThread(connections["default"]) as queries:
        assert queries.start(query)() == 0
        assert queries.start(numbers)() == [7]
    assert seen != [threading.current_thread()]
    assert numbers() == [7]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE only_here")


def numbers() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM only_here")
        return [number for (number,) in cursor.fetchall()]


def test_error_reaches_who_waits() -> None:
    with QueryThread(connections["default"]) as queries, pytest.raises(DatabaseError, match="only_here"):
        queries.start(numbers)()
    assert Product.objects.count() == 0


def test_end_waits_for_the_query_under_way() -> None:
    begun, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def query() -> None:
        begun.set()
        may_end.wait()
        ended.set()

    with QueryThread(connections["default"]) as queries:
        queries.start(query)
        begun.wait()
        threading.Timer(0.05, may_end.set).start()
    assert ended.is_set()


def test_connection_belongs_to_one_thread_again_afterwards() -> None:
    with QueryThread(connections["default"]) as queries:
        queries.start(Product.objects.count)()
    assert not connection.allow_thread_sharing


def test_system_without_threads_runs_queries_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    with QueryThread(connections["default"]) as queries:
        assert queries.start(Product.objects.count)() == 0
