"""How a load is recorded and how its end is told: the session's row, the report, the error that the caller sees.

`completed` is set in the transaction that changes the stock. Whatever goes wrong sets the session failed, unless it
ended already, and hides no first error.
"""

import dataclasses
import logging
from collections.abc import Callable, Iterable

from django.db import Error as DatabaseError
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext

from stock_loader.database.choice import dialect_of
from stock_loader.database.dialect import RunLock
from stock_loader.database.faults import database_failed, first_error, reason
from stock_loader.errors import DatabaseFailedError, LoadStopped, StockLoadError, one_line
from stock_loader.journal import sessions as import_log
from stock_loader.load.step_times import StepTimes
from stock_loader.load.stop_signals import StopRequest
from stock_loader.load_warnings import NEEDS_NO_ANSWER, LoadWarning
from stock_loader.log import logger
from stock_loader.outcome import Findings, LoadDetails, LoadReport, ProductChange, Status, Written

Describe = Callable[[Iterable[LoadWarning], StepTimes, Findings | None, Written | None], LoadDetails]
"""Makes the details of a session of its warnings, its times, and, where they are known, its counts."""


class LoadRecord:
    """What is known of one load, and its session in the database."""

    def __init__(self, describe: Describe, connection: BaseDatabaseWrapper, stop: StopRequest, lock: RunLock) -> None:
        self.session_id: int | None = None
        self.completed: LoadReport | None = None
        """The report of the transaction that was begun last, once it said `completed`; it may not be committed."""
        self.first_changes: tuple[ProductChange, ...] = ()
        self.steps = StepTimes()
        self._describe = describe
        self._connection = connection
        self._dialect = dialect_of(connection)
        self._stop = stop
        self._lock = lock
        self._holds_run_lock = False
        self._warnings: dict[str, LoadWarning] = {}

    def begin(self) -> int:
        """Record that the load began, for the holder of the run lock: whatever still says `started` is dead."""
        import_log.fail_dead_sessions(gettext("The process died before the load ended; nothing was loaded."))
        self._holds_run_lock = True
        self.session_id = import_log.start(dataclasses.asdict(self.details()))
        return self.session_id

    def warn(self, warning: LoadWarning) -> None:
        """Keep the warning for the report, however the load ends; every step may call it, the same one counts once."""
        text = warning.text(gettext)
        if text not in self._warnings:
            self._warnings[text] = warning
            logger.log(logging.INFO if warning.code in NEEDS_NO_ANSWER else logging.WARNING, "%s", text)

    def warn_of(self, warnings: Iterable[LoadWarning]) -> None:
        """Keep all of `warnings`."""
        for warning in warnings:
            self.warn(warning)

    def details(self, findings: Findings | None = None, written: Written | None = None) -> LoadDetails:
        """Return what can be said of the load by now; with its counts once it was read and written."""
        return self._describe(self._warnings.values(), self.steps, findings, written)

    def complete(self, details: LoadDetails) -> LoadReport:
        """Set the session completed, in the transaction of the caller; return the report.

        Raises:
            SessionClosedError: somebody else ended it.
        """
        report = self._report(Status.COMPLETED, details)
        import_log.complete(report.session_id, dataclasses.asdict(details))
        self.completed = report
        return report

    def settle(self, error: BaseException) -> BaseException | None:
        """Record the failure and return what to raise; None where the load turns out to be completed."""
        failure = LoadStopped(self._stop.exit_code) if self._stop.signal else self._as_load_error(first_error(error))
        message = failure.text(gettext) if isinstance(failure, StockLoadError) else self._description(failure)
        details = self.details()
        try:
            is_recorded = self._record(message, details)
            is_completed = not is_recorded and import_log.is_completed(self.session_id or 0)
        except DatabaseError as second:
            logger.info("session #%s was not set failed: %s", self.session_id, reason(second, self._connection))
            return self._unless_completed(failure)
        if is_completed and self.completed and isinstance(failure, Exception):
            logger.warning("after session #%s was completed: %s", self.session_id, message)
            return None
        if isinstance(failure, StockLoadError | LoadStopped):
            failed = self._report(Status.FAILED, details, message) if is_recorded else None
            failure.report = self.completed if is_completed else failed
        return failure

    def _record(self, message: str, details: LoadDetails) -> bool:
        """Set the session failed unless it ended; where this connection is of no more use, on a new one."""
        try:
            if self._dialect.is_idle() and not self._lock.is_lost():
                return self._fail(message, details)
        except DatabaseError as error:
            logger.info("trying again on a new connection: %s", reason(error, self._connection))
        self._connection.close()
        self._lock.end_lost_session()
        with transaction.atomic(using=self._connection.alias):
            self._dialect.limit_waiting()
            return self._fail(message, details)

    def _fail(self, message: str, details: LoadDetails) -> bool:
        if self.session_id is None and self._holds_run_lock and not self._lock.is_lost():
            self.session_id = import_log.running_session_id()  # begun, and its number was not learned
        if self.session_id is None:
            self.session_id = import_log.record_refusal(message, dataclasses.asdict(details))
            return True
        return import_log.fail(self.session_id, message, dataclasses.asdict(details))

    def _unless_completed(self, failure: BaseException) -> BaseException:
        """Return the failure as far as it can be told while the database does not answer."""
        if self.completed is None or not isinstance(failure, DatabaseFailedError):
            return failure
        return DatabaseFailedError(
            "the database went away while the load was being committed. Session #%(session)s says completed if it was; "
            "if not, nothing was loaded. The database reported: %(reason)s",
            reason=failure.parameters.get("reason", ""),
            session=self.session_id,
        )

    def _as_load_error(self, error: BaseException) -> BaseException:
        """Return what the caller shall see: what can be expected as an error of this project, all else as it is."""
        if isinstance(error, MemoryError) or self._dialect.is_out_of_memory(error):
            if self._dialect.has_copy:
                return StockLoadError(
                    "out of memory. Give the process more, or use --strategy copy or smaller batches."
                )
            return StockLoadError("out of memory. Give the process more, or use smaller batches.")
        if isinstance(error, DatabaseError):
            return database_failed(error, self._connection)
        return error

    def _description(self, failure: BaseException) -> str:
        if self._stop.signal:
            return gettext("Stopped by %(signal)s; nothing was loaded.") % {"signal": self._stop.signal.name}
        return one_line(f"{type(failure).__name__}: {failure}")

    def _report(self, status: Status, details: LoadDetails, message: str = "") -> LoadReport:
        return LoadReport(
            session_id=self.session_id or 0,
            status=status,
            details=details,
            error_message=message,
            changes=self.first_changes,
        )
