"""What a load and an undo have in common: the run lock, the session, the write, and the word of how it ended."""

from collections.abc import Callable, Iterable
from contextlib import closing
from functools import partial
from typing import Any

from django.db import Error as DatabaseError
from django.db import router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext

from stock_loader.database.choice import dialect_of
from stock_loader.database.dialect import RunLock
from stock_loader.database.faults import database_failed, interrupt_statement
from stock_loader.database.shop import SESSION_FIELDS, mapping, refuse_wrong_settings, session_model
from stock_loader.errors import AnotherLoadRunsError, LoadRefusedError, LoadStopped, StockLoadError
from stock_loader.journal.keeping import Journal
from stock_loader.journal.pages import JournalPage
from stock_loader.load.ending import LoadRecord
from stock_loader.load.options import Approve
from stock_loader.load.run_lock import run_lock, take
from stock_loader.load.signals import stocks_loaded, tell_shop
from stock_loader.load.step_times import Step, StepTimes
from stock_loader.load.stop_signals import StopRequest, stop_on_signals
from stock_loader.load.tables import check_tables
from stock_loader.load.watchers import LoadWatcher, undisturbing
from stock_loader.load.writing import write
from stock_loader.load_warnings import LoadWarning
from stock_loader.log import logger
from stock_loader.outcome import Findings, LoadDetails, LoadReport, Written
from stock_loader.reports.listings import Listings
from stock_loader.strategies import Strategy
from stock_loader.strategies.undo import Undo


class Run:
    """One load or undo. A child says in `carry_out` what it does, and in `describe` what its session tells."""

    wait_seconds: float
    is_dry_run: bool
    keeps_journal: bool
    approve: Approve | None = None

    def __init__(self, watcher: LoadWatcher, connection: BaseDatabaseWrapper, stop: StopRequest, lock: RunLock) -> None:
        self.watcher = undisturbing(watcher)
        self.connection = connection
        self.stop = stop
        self._limits = dialect_of(connection).session_limits()
        self._lock = lock
        self.record = LoadRecord(self.describe, connection, stop, lock)

    def run(self) -> LoadReport:
        """Carry it out; record a failure before it goes on to the caller."""
        try:
            with self.stop.may_interrupt(), self.connection.execute_wrapper(self.stop.heed_and_execute):
                dialect_of(self.connection).refuse_unfit(*self._touched_fields())
                check_tables(keeps_journal=self.keeps_journal)
                take(self._lock, wait_seconds=self.wait_seconds, heed=self.stop.heed, holder=self._lock_holder)
                self._limits.apply()
                self.watcher.on_session(self.record.begin())
                self.record.steps.begin(Step.READING)
                return self.carry_out()
        except BaseException as error:
            failure = self.record.settle(error)
            if failure is None and self.record.completed:
                return self.record.completed
            if failure is None or failure is error:
                raise
            raise failure from error
        finally:
            self._limits.put_back()

    def _lock_holder(self) -> int | None:
        return dialect_of(self.connection).lock_holder(mapping().lock_name)

    def carry_out(self) -> LoadReport:
        """Do what is to be done in the session that is recorded; return the report of the completed session."""
        raise NotImplementedError

    def describe(
        self, warnings: Iterable[LoadWarning], steps: StepTimes, findings: Findings | None, written: Written | None
    ) -> LoadDetails:
        """Return the details of the session, with its counts where they are known."""
        raise NotImplementedError

    def write(self, strategy: Strategy | Undo, findings: Findings, listings: Listings) -> LoadReport:
        """Write what was found and tell the shop of it; of a dry run only complete the session."""
        self.record.steps.begin(Step.WRITING)
        is_listed = listings.has_changes or stocks_loaded.has_listeners(mapping().model)
        report = write(
            strategy,
            findings,
            record=self.record,
            lock=self._lock,
            connection=self.connection,
            is_dry_run=self.is_dry_run,
            on_locked=partial(self._on_locked, strategy, listings) if is_listed or self.approve else None,
            journal=Journal(session=self.record.session_id or 0) if self.keeps_journal else None,
        )
        if not self.is_dry_run:
            self._tell(strategy, report, listings)
        return report

    def _touched_fields(self) -> tuple[list[Any], list[Any]]:
        """Return the fields that texts of the file are compared with, and those that are written."""
        shop, session = mapping(), session_model()
        compared = [key.field for key in (shop.onec_id, shop.sku) if key]
        written = [shop.quantity, *(session._meta.get_field(name) for name in SESSION_FIELDS)]
        return compared, written + (list(JournalPage._meta.concrete_fields) if self.keeps_journal else [])

    def _on_locked(self, strategy: Strategy | Undo, listings: Listings) -> None:
        """Have the changes approved, then list them."""
        if self.approve:
            with self.stop.at_once(), closing(strategy.changes()) as changes:
                self.approve(changes)
        self.list_changes(strategy, listings)

    def list_changes(self, strategy: Strategy | Undo, listings: Listings) -> None:
        """List what changes where that was asked for."""
        with self.stop.at_once():
            listings.write_changes(strategy)
        self.record.first_changes = listings.first_changes

    def _tell(self, strategy: Strategy | Undo, report: LoadReport, listings: Listings) -> None:
        """Say what was done to whoever wants to know; that this fails does not undo it."""
        try:
            listings.publish_changes()
        except StockLoadError as error:
            logger.warning("after session #%s was completed: %s", report.session_id, error.text(gettext))
        tell_shop(strategy, report.session_id)


Begin = Callable[[BaseDatabaseWrapper, StopRequest, RunLock], Run]


def run_alone(begin: Begin) -> LoadReport:
    """Carry out what `begin` makes, with the run lock and the signals of the process in hand; log how it ended.

    Raises:
        StockLoadError, SystemExit: as `load_stocks` says.
    """
    try:
        report = _run_alone(begin)
    except AnotherLoadRunsError as error:
        logger.warning("%s", error.text(gettext))
        raise
    except StockLoadError as error:
        logger.error("%s", error.text(gettext))  # a broken file needs no traceback
        raise
    except LoadStopped as stop:
        logger.warning("stopped with exit code %s", stop.code)
        raise
    logger.info("session #%s completed: %s products changed", report.session_id, report.details.changed_count)
    return report


def _run_alone(begin: Begin) -> LoadReport:
    refuse_wrong_settings()
    connection = mapping().connection
    try:
        _refuse_foreign_transaction(connection)
        interrupt = partial(interrupt_statement, connection)
        with stop_on_signals(interrupt) as stop, run_lock(connection, mapping().lock_name) as lock:
            return begin(connection, stop, lock).run()
    except DatabaseError as error:
        raise database_failed(error, connection) from error


def _refuse_foreign_transaction(connection: BaseDatabaseWrapper) -> None:
    """Refuse where the load could not commit stock and session together and by itself."""
    if connection.in_atomic_block or not connection.get_autocommit():
        raise LoadRefusedError("a load cannot run inside a transaction of its caller: it must commit by itself.")
    if router.db_for_write(session_model()) != connection.alias:
        raise LoadRefusedError("products and import sessions must be in one database: they are committed together.")
