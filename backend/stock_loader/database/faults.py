"""What to do about a database that waits, refuses or goes away."""

import logging
import sqlite3
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

from stock_loader.errors import DatabaseFailedError, one_line

logger = logging.getLogger("stocks.load")

TRANSACTION_STATUS_IDLE = 0
"""Of libpq; the driver's own constant would need the driver."""

RETRIED_SQLSTATES = frozenset({"40P01", "40001", "55P03"})
"""Deadlock, serialization failure, lock not available. Not 57014: a statement that was too slow is so again."""


def is_conflict(error: BaseException) -> bool:
    """Tell whether the transaction failed only because others were at work, and may pass when it is tried again."""
    cause = error.__cause__
    if isinstance(cause, sqlite3.OperationalError):
        return cause.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    return getattr(cause, "pgcode", None) in RETRIED_SQLSTATES


def database_failed(error: BaseException, connection: BaseDatabaseWrapper) -> DatabaseFailedError:
    """Return the error that tells what the database said."""
    return DatabaseFailedError("the database reported: %(reason)s", reason=reason(error, connection))


def reason(error: BaseException, connection: BaseDatabaseWrapper) -> str:
    """Return what the database said, the password of the connection blotted out."""
    said = " ".join(str(error).split()) or type(error).__name__
    password = str(connection.settings_dict.get("PASSWORD") or "")
    return one_line(said.replace(password, "***") if password else said)


def first_error(error: BaseException) -> BaseException:
    """Return what began it: out of memory or told to exit inside Django's commit, the connection complains last."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, MemoryError) or not isinstance(seen, Exception):
            return seen
        seen = seen.__context__
    return error


def is_idle(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether the connection stands and no transaction, known to Django or not, is open on it.

    In an open one what is written now might be undone later.
    """
    raw: Any = connection.connection
    if raw is None or not connection.autocommit:
        return False
    if connection.vendor == "sqlite":
        return not raw.in_transaction
    if connection.vendor == "postgresql":
        return bool(raw.info.transaction_status == TRANSACTION_STATUS_IDLE)
    return True


def limit_waiting(connection: BaseDatabaseWrapper) -> None:
    """Bound how long the open transaction waits for a lock and for one statement (PostgreSQL; one query)."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('lock_timeout', %s, true), set_config('statement_timeout', %s, true)",
            [f"{settings.STOCK_LOAD_LOCK_TIMEOUT_SECONDS}s", f"{settings.STOCK_LOAD_STATEMENT_TIMEOUT_SECONDS}s"],
        )


def interrupt_statement(connection: BaseDatabaseWrapper) -> None:
    """Have the statement at work return with an error; for use from another thread. Nothing at work: no effect."""
    raw: Any = connection.connection
    interrupt = getattr(raw, "interrupt" if connection.vendor == "sqlite" else "cancel", None)
    if interrupt is None:
        return
    try:
        with connection.wrap_database_errors:
            interrupt()
    except DatabaseError as error:
        logger.info("the statement could not be cancelled: %s", reason(error, connection))
