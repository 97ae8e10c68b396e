"""Queries in a thread of their own, so that the load goes on reading while the database looks rows up."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

Result = TypeVar("Result")


class QueryThread:
    """A thread that works on this thread's connection, one query after the other.

    While a query is under way, this thread must not use the connection. Leaving the context waits for the last one.
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="look-ups", initializer=self._take_over)

    def start(self, query: Callable[[], Result]) -> Callable[[], Result]:
        """Start a query; return what waits for its result, or raises what it raised.

        If the system gives no thread, the query has been run when this returns.
        """
        try:
            return self._thread.submit(query).result
        except RuntimeError:
            result = query()
            return lambda: result

    def __enter__(self) -> Self:
        self._connection.inc_thread_sharing()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown()
        self._connection.dec_thread_sharing()

    def _take_over(self) -> None:
        """Have Django find the same connection in the thread: it keeps one a thread."""
        connections[self._connection.alias] = self._connection
