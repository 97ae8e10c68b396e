"""How long a request waits for a load that writes: SQLite takes one writer at a time, and 1C waits for an answer."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper

from stock_loader.database.choice import dialect_of
from stock_loader.exchange.models import ExchangeRequest


def exchange_connection() -> BaseDatabaseWrapper:
    """Return the connection to the database of the exchange's tables."""
    return connections[router.db_for_write(ExchangeRequest)]


def is_busy(error: BaseException) -> bool:
    """Tell whether a statement failed only because another writer was at work."""
    return dialect_of(exchange_connection()).is_conflict(error)


def is_not_migrated(error: BaseException) -> bool:
    """Tell whether a statement failed because a table or a column is missing."""
    return dialect_of(exchange_connection()).is_schema_missing(error)


@contextmanager
def waiting_at_most(seconds: float) -> Iterator[None]:
    """Have all statements within wait for other writers for so long together; time between them does not count.

    Within another one the inner one holds. Databases that lock rows only are left alone: nobody but the exchange
    locks its rows.
    """
    connection = exchange_connection()
    dialect = dialect_of(connection)
    left = seconds

    def bounded(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        nonlocal left
        dialect.wait_for_writers(max(0.0, left))
        began = time.monotonic()
        try:
            return execute(sql, params, many, context)
        finally:
            left -= time.monotonic() - began

    try:
        with connection.execute_wrapper(bounded):
            yield
    finally:
        if connection.connection is not None:
            dialect.wait_for_writers(None)
