"""The order of things in a load: lock, session, read, decide, write, report.

1. Take the run lock, or refuse. Holding it, whatever still says `started` is dead.
2. Record the session, outside the data transaction.
3. Read: parse to the end and find what differs. No row is locked meanwhile. What was not applied is listed.
4. Decide by the counts; a dry run lists before that what it would change.
5. Write: one transaction locks, compares again, lists what changes, updates, and sets the session completed.
6. Tell: the list of changes gets its name, and the signal `stocks_loaded` goes out.
7. Whatever goes wrong sets the session failed, unless it ended already, and hides no first error.
"""

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from django.db import Error as DatabaseError
from django.db import router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone
from django.utils.translation import gettext

from stock_loader.commerceml.dates import DocumentClock
from stock_loader.commerceml.files.chunks import StockFile
from stock_loader.commerceml.files.snapshot import Snapshot
from stock_loader.commerceml.order import in_order_of_dates
from stock_loader.commerceml.snapshot_reader import SnapshotReader, digest_of
from stock_loader.database.choice import dialect_of
from stock_loader.database.dialect import RunLock
from stock_loader.database.faults import database_failed, interrupt_statement
from stock_loader.database.shop import mapping, refuse_wrong_settings, session_model
from stock_loader.errors import (
    AnotherLoadRunsError,
    LoadRefusedError,
    LoadStopped,
    StockLoadError,
)
from stock_loader.journal import sessions as import_log
from stock_loader.load.decision import decide, tolerance
from stock_loader.load.document_warnings import arrival_warnings, date_warnings, unread_warnings
from stock_loader.load.ending import LoadRecord
from stock_loader.load.finding_warnings import finding_warnings, is_without_stock, nothing_to_load, refuse_wrong_file
from stock_loader.load.load_details import choices
from stock_loader.load.options import LoadOptions
from stock_loader.load.run_lock import run_lock, take
from stock_loader.load.signals import stocks_loaded, tell_shop
from stock_loader.load.stop_signals import StopRequest, stop_on_signals
from stock_loader.load.watchers import NOBODY, LoadWatcher, undisturbing
from stock_loader.load.writing import write
from stock_loader.log import logger
from stock_loader.outcome import Findings, LoadReport, Written
from stock_loader.reports.destinations import refuse_shared_files
from stock_loader.reports.listings import Listings
from stock_loader.strategies import Strategy
from stock_loader.strategies.choice import chosen_strategy, close_quietly


def load_stocks(options: LoadOptions, *, watcher: LoadWatcher = NOBODY) -> LoadReport:
    """Load the stock file; return the report of the completed session.

    Raises:
        StockLoadError: the load failed; `error.report` is the report of the failed session, None where none could be
            recorded. Nothing of the stock was changed, unless the error says that this is not known.
        SystemExit: SIGTERM, SIGINT or SIGHUP came (143, 130, 129); the session says failed, or completed where the
            load was done already.
    """
    try:
        report = _load_stocks(options, watcher)
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


def _load_stocks(options: LoadOptions, watcher: LoadWatcher) -> LoadReport:
    refuse_wrong_settings()
    connection = mapping().connection
    try:
        _refuse_foreign_transaction(connection)
        interrupt = partial(interrupt_statement, connection)
        with stop_on_signals(interrupt) as stop, run_lock(connection, mapping().lock_name) as lock:
            return _Load(options, watcher, connection, stop, lock).run()
    except DatabaseError as error:
        raise database_failed(error, connection) from error


def _refuse_foreign_transaction(connection: BaseDatabaseWrapper) -> None:
    """Refuse where the load could not commit stock and session together and by itself."""
    if connection.in_atomic_block or not connection.get_autocommit():
        raise LoadRefusedError("a load cannot run inside a transaction of its caller: it must commit by itself.")
    if router.db_for_write(session_model()) != connection.alias:
        raise LoadRefusedError("products and import sessions must be in one database: they are committed together.")


class _Load:
    """One load."""

    def __init__(
        self,
        options: LoadOptions,
        watcher: LoadWatcher,
        connection: BaseDatabaseWrapper,
        stop: StopRequest,
        lock: RunLock,
    ) -> None:
        self._options = options
        self._watcher = undisturbing(watcher)
        self._connection = connection
        self._limits = dialect_of(connection).session_limits()
        self._stop = stop
        self._lock = lock
        self._clock = DocumentClock(datetime.now(UTC), timezone.get_default_timezone())
        self._record = LoadRecord(options, connection, stop, lock)

    def run(self) -> LoadReport:
        """Carry the load out; record a failure before it goes on to the caller."""
        try:
            with self._stop.may_interrupt(), self._connection.execute_wrapper(self._stop.heed_and_execute):
                dialect_of(self._connection).refuse_unfit()
                take(self._lock, wait_seconds=self._options.wait_seconds, heed=self._stop.heed)
                self._limits.apply()
                self._watcher.on_session(self._record.begin())
                return self._carry_out()
        except BaseException as error:
            failure = self._record.settle(error)
            if failure is None and self._record.completed:
                return self._record.completed
            if failure is None or failure is error:
                raise
            raise failure from error
        finally:
            self._limits.put_back()

    def _carry_out(self) -> LoadReport:
        self._options.warehouses.refuse_empty()
        with Snapshot(self._options.paths) as snapshot, self._listings() as listings:
            with self._stop.at_once():
                files = in_order_of_dates(snapshot.files(), self._clock)
                digest = digest_of(files) if self._options.skips_loaded else ""
            self._record.warn_of(unread_warnings(snapshot))
            self._watcher.on_files(files)
            if digest and import_log.was_loaded(digest, choices(self._options)):
                return self._record.complete(dataclasses.replace(self._record.details(), skipped=True, sha256=digest))
            strategy = self._chosen_strategy()
            try:
                return self._load(strategy, snapshot, files, listings)
            finally:
                close_quietly(strategy)

    def _listings(self) -> Listings:
        destinations = {"--changes": self._options.changes_file, "--rejected": self._options.rejected_file}
        refuse_shared_files(destinations, self._options.paths)
        return Listings(
            changes=self._options.changes_file,
            rejected=self._options.rejected_file,
            shown=self._options.shown_changes if self._options.dry_run else 0,
        )

    def _load(
        self, strategy: Strategy, snapshot: Snapshot, files: Sequence[StockFile], listings: Listings
    ) -> LoadReport:
        reader = self._record.reader = self._reader_of(files)
        findings = self._read(strategy, reader)
        self._record.warn_of(arrival_warnings(snapshot, zeroes_missing=self._options.rules.zeroes_missing))
        with self._stop.at_once():
            listings.write_rejected(strategy, reader)
        if is_without_stock(self._options, reader, findings):
            nothing = Written(updated=0, changed=0, zeroed=0)
            return self._record.complete(dataclasses.replace(self._record.details(findings, nothing), skipped=True))
        if self._options.dry_run:
            self._list_changes(strategy, listings)
            listings.publish_changes()
        decide(self._options, findings, reader, self._clock)
        is_listed = listings.has_changes or stocks_loaded.has_listeners(mapping().model)
        report = write(
            strategy,
            findings,
            record=self._record,
            lock=self._lock,
            connection=self._connection,
            is_dry_run=self._options.dry_run,
            on_locked=partial(self._list_changes, strategy, listings) if is_listed else None,
        )
        if not self._options.dry_run:
            self._tell(strategy, report, listings)
        return report

    def _reader_of(self, files: Sequence[StockFile]) -> SnapshotReader:
        return SnapshotReader(
            files,
            clock=self._clock,
            on_read=self._on_read,
            on_offers=self._watcher.on_offers,
            on_reading_again=self._watcher.on_reading_again,
            zeroes_no_stock_data=self._options.zeroes_no_stock_data,
            warehouses=self._options.warehouses,
            limits=mapping().limits(),
        )

    def _read(self, strategy: Strategy, reader: SnapshotReader) -> Findings:
        with self._stop.at_once():
            findings = strategy.read(reader.open_records)
        if not findings.total or is_without_stock(self._options, reader, findings):
            self._record.warn(nothing_to_load(findings))
            return findings
        refuse_wrong_file(self._options, reader, findings)
        self._record.warn_of(date_warnings(reader, self._clock, tolerance=tolerance()))
        self._record.warn_of(finding_warnings(self._options, reader, findings))
        return findings

    def _chosen_strategy(self) -> Strategy:
        options = self._options
        return chosen_strategy(
            options.strategy,
            self._connection,
            batch_size=options.batch_size,
            chunk_size=options.chunk_size,
            rules=options.rules,
            keeps_rejected=bool(options.rejected_file),
        )

    def _on_read(self, size: int) -> None:
        self._stop.heed()
        self._watcher.on_read(size)

    def _list_changes(self, strategy: Strategy, listings: Listings) -> None:
        with self._stop.at_once():
            listings.write_changes(strategy)
        self._record.first_changes = listings.first_changes

    def _tell(self, strategy: Strategy, report: LoadReport, listings: Listings) -> None:
        """Say what was done to whoever wants to know; that this fails does not undo it."""
        try:
            listings.publish_changes()
        except StockLoadError as error:
            logger.warning("after session #%s was completed: %s", report.session_id, error.text(gettext))
        tell_shop(strategy, report.session_id)
