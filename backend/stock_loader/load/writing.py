"""The write: one transaction updates the rows and completes the session; tried again where others were in the way."""

import time
from collections.abc import Callable

from django.db import OperationalError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from stock_loader.database.choice import dialect_of
from stock_loader.database.dialect import RunLock
from stock_loader.errors import DatabaseFailedError
from stock_loader.journal.keeping import Journal
from stock_loader.load.ending import LoadRecord
from stock_loader.outcome import Findings, LoadReport, Written
from stock_loader.strategies import Strategy
from stock_loader.strategies.undo import Undo

MAX_RETRIES = 3
"""Of a transaction that others were in the way of."""
RETRY_PAUSE_SECONDS = 0.2


def write(  # noqa: PLR0913  # what one transaction needs
    strategy: Strategy | Undo,
    findings: Findings,
    *,
    record: LoadRecord,
    lock: RunLock,
    connection: BaseDatabaseWrapper,
    is_dry_run: bool,
    on_locked: Callable[[], object] | None,
    journal: Journal | None,
) -> LoadReport:
    """Update the rows, keep the journal and complete the session, all or nothing; of a dry run only the session.

    `on_locked` is called when the rows are locked and before they are updated; without it that is one statement.

    Raises:
        DatabaseFailedError: the run lock was lost: another load may be at work.
        SessionClosedError: somebody else ended the session.
        OperationalError: others were in the way `MAX_RETRIES` times more than once.
    """
    dialect = dialect_of(connection)
    for retry in range(MAX_RETRIES + 1):
        record.completed = None
        try:
            with transaction.atomic(using=connection.alias, durable=True):
                _refuse_lost_lock(lock)
                if is_dry_run:
                    return record.complete(record.details(findings, _as_found(findings)))
                dialect.limit_waiting()
                written = strategy.write(findings, on_locked=on_locked, journal=journal)
                return record.complete(record.details(findings, written))
        except OperationalError as error:
            if retry == MAX_RETRIES or not dialect.is_conflict(error):
                raise
            time.sleep(RETRY_PAUSE_SECONDS * (retry + 1))
    raise AssertionError


def _refuse_lost_lock(lock: RunLock) -> None:
    if lock.is_lost():
        raise DatabaseFailedError(
            "the run lock was lost with its database session. A pooler before the database must keep sessions."
        )


def _as_found(findings: Findings) -> Written:
    """Return what a dry run would have written."""
    return Written(
        updated=findings.to_update, changed=findings.to_change, zeroed=findings.to_zero, missing=findings.missing
    )
