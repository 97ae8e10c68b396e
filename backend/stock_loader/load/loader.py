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
import logging
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from django.db import Error as DatabaseError
from django.db import OperationalError, router, transaction
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
from stock_loader.database.faults import database_failed, first_error, interrupt_statement, reason
from stock_loader.database.shop import mapping, refuse_wrong_settings, session_model
from stock_loader.errors import (
    AnotherLoadRunsError,
    DatabaseFailedError,
    DocumentError,
    LoadRefusedError,
    LoadStopped,
    StockLoadError,
    one_line,
)
from stock_loader.journal import sessions as import_log
from stock_loader.load import load_details
from stock_loader.load.document_warnings import (
    arrival_warning,
    date_warnings,
    export_is_not_complete,
    unread_warnings,
)
from stock_loader.load.guards import check_guards, refuse_older, refuse_only_changes, refuse_several_exports
from stock_loader.load.options import LoadOptions
from stock_loader.load.run_lock import obtain, run_lock
from stock_loader.load.signals import ChangedProducts, WrittenChanges, stocks_loaded
from stock_loader.load.stop_signals import StopRequest, stop_on_signals
from stock_loader.load.unmatched import unmatched_warning
from stock_loader.load.watchers import NOBODY, LoadWatcher, undisturbing
from stock_loader.log import logger
from stock_loader.outcome import (
    NEEDS_NO_ANSWER,
    Findings,
    LoadDetails,
    LoadReport,
    LoadWarning,
    ProductChange,
    Status,
    WarningCode,
    Written,
)
from stock_loader.reports.destinations import refuse_shared_files
from stock_loader.reports.listings import Listings
from stock_loader.settings import setting, setting_name
from stock_loader.strategies import Strategy
from stock_loader.strategies.choice import chosen_strategy

MAX_RETRIES = 3
"""Of a transaction that others were in the way of."""
RETRY_PAUSE_SECONDS = 0.2


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
        self._dialect = dialect_of(connection)
        self._limits = self._dialect.session_limits()
        self._stop = stop
        self._lock = lock
        self._began = time.monotonic()
        self._clock = DocumentClock(datetime.now(UTC), timezone.get_default_timezone())
        self._session_id: int | None = None
        self._is_alone = False
        self._completed: LoadReport | None = None
        self._reader: SnapshotReader | None = None
        self._first_changes: tuple[ProductChange, ...] = ()
        self._warnings: dict[str, LoadWarning] = {}

    def run(self) -> LoadReport:
        """Carry the load out; record a failure before it goes on to the caller."""
        try:
            with self._stop.may_interrupt(), self._connection.execute_wrapper(self._stop.heed_and_execute):
                self._dialect.refuse_unfit()
                self._take_lock()
                self._limits.apply()
                import_log.fail_dead_sessions(gettext("The process died before the load ended; nothing was loaded."))
                self._is_alone = True
                self._session_id = import_log.start(dataclasses.asdict(self._details()))
                self._watcher.on_session(self._session_id)
                return self._carry_out()
        except BaseException as error:
            failure = self._settle(error)
            if failure is None and self._completed:
                return self._completed
            if failure is None or failure is error:
                raise
            raise failure from error
        finally:
            self._limits.put_back()

    def _warn(self, warning: LoadWarning) -> None:
        """Keep the warning for the report, however the load ends; every step may call it, the same one counts once."""
        text = warning.text(gettext)
        if text not in self._warnings:
            self._warnings[text] = warning
            logger.log(logging.INFO if warning.code in NEEDS_NO_ANSWER else logging.WARNING, "%s", text)

    def _take_lock(self) -> None:
        if obtain(self._lock, wait_seconds=self._options.wait_seconds, heed=self._stop.heed):
            return
        running = import_log.running_session()
        if running is None:
            raise AnotherLoadRunsError("another load is running. Try again when it has ended.")
        raise AnotherLoadRunsError(
            "another load is running: session #%(session)s since %(since)s. Try again when it has ended.",
            session=running.pk,
            since=timezone.localtime(running.started_at).isoformat(sep=" ", timespec="seconds"),
        )

    def _carry_out(self) -> LoadReport:
        self._options.warehouses.refuse_empty()
        with Snapshot(self._options.paths) as snapshot, self._listings() as listings:
            with self._stop.at_once():
                files = in_order_of_dates(snapshot.files(), self._clock)
                digest = digest_of(files) if self._options.skips_loaded else ""
            self._warn_of(unread_warnings(snapshot))
            self._watcher.on_files(files)
            if digest and import_log.was_loaded(digest, load_details.choices(self._options)):
                return self._complete(dataclasses.replace(self._details(), skipped=True, sha256=digest))
            strategy = self._chosen_strategy()
            try:
                return self._load(strategy, snapshot, files, listings)
            finally:
                _close_quietly(strategy)

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
        reader = self._reader = self._reader_of(files)
        findings = self._read(strategy, reader)
        self._heed_arrivals(snapshot)
        with self._stop.at_once():
            listings.write_rejected(strategy, reader)
        if self._is_without_stock(reader, findings):
            nothing = Written(updated=0, changed=0, zeroed=0)
            return self._complete(dataclasses.replace(self._details(findings, nothing), skipped=True))
        if self._options.dry_run:
            self._list_changes(strategy, listings)
            listings.publish_changes()
        self._decide(findings, reader)
        report = self._write(strategy, findings, listings)
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
        if self._is_without_stock(reader, findings):
            self._warn(
                LoadWarning(
                    "none of the %(offers)s offers has a quantity: no stock was changed.",
                    code=WarningCode.FILE_WITHOUT_STOCK,
                    offers=findings.total,
                )
            )
        elif findings.total:
            self._refuse_wrong_file(reader, findings)
            self._warn_of(date_warnings(reader, self._clock, tolerance=self._tolerance))
            self._warn_of_excluded(reader)
            if warning := unmatched_warning(findings, mapping()):
                self._warn(warning)
            self._warn_of_hidden_rows(findings)
            self._warn_of_keys(findings)
            self._warn_of_totals(findings)
        else:
            self._warn(LoadWarning("the file has no offer: no stock was changed.", code=WarningCode.NO_OFFERS))
        return findings

    def _is_without_stock(self, reader: SnapshotReader, findings: Findings) -> bool:
        """Tell whether the snapshot is one of prices, say, and the operator said that such ones come too.

        Not where the lack of a quantity shall mean 0: the whole shop would sell nothing.
        """
        may_be = self._options.may_lack_stock and not self._options.zeroes_no_stock_data
        return bool(findings.total) and not reader.has_stock_data and may_be

    def _refuse_wrong_file(self, reader: SnapshotReader, findings: Findings) -> None:
        """Refuse offers of which none has what they were loaded for: a quantity, and every chosen warehouse."""
        error: StockLoadError | None = None
        if not reader.has_stock_data:
            error = DocumentError(
                "not a stock file: none of its %(offers)s offers has a quantity. Give the rests.xml of the export; if "
                "files of prices come too, --file-without-stock warn.",
                offers=findings.total,
            )
        elif unseen := self._options.warehouses.chosen - reader.seen_warehouses:
            error = StockLoadError(
                "the warehouse %(warehouse)s does not occur in the file; check --warehouse (setting %(setting)s).",
                setting=setting_name("WAREHOUSES"),
                warehouse=min(unseen),
            )
        if error:
            error.file = " ".join(self._options.paths)
            raise error

    def _warn_of(self, warnings: Iterable[LoadWarning]) -> None:
        for warning in warnings:
            self._warn(warning)

    def _heed_arrivals(self, snapshot: Snapshot) -> None:
        """Tell of stock files that came while others were read; what is missing cannot be known without them."""
        if arrived := snapshot.arrived():
            if self._options.rules.zeroes_missing:
                raise export_is_not_complete(arrived)
            self._warn_of([arrival_warning(arrived)])

    @property
    def _tolerance(self) -> timedelta:
        """Return by how much documents of one export may differ."""
        return timedelta(seconds=setting("OLDER_TOLERANCE_SECONDS"))

    def _warn_of_hidden_rows(self, findings: Findings) -> None:
        """Warn where offers without a product may have one that the database keeps from this role."""
        table = str(mapping().model._meta.db_table)
        if findings.not_found and self._dialect.hides_rows(table):
            self._warn(
                LoadWarning(
                    "row-level security of the table %(table)s may hide products from this user; of the %(count)s "
                    "offers counted as not found, some may have one. Load as a role with BYPASSRLS.",
                    code=WarningCode.HIDDEN_ROWS,
                    table=table,
                    count=findings.not_found,
                )
            )

    def _warn_of_excluded(self, reader: SnapshotReader) -> None:
        """Warn of excluded warehouses that no offer names: a typing error would put their stock on sale."""
        for warehouse in sorted(self._options.warehouses.excluded - reader.seen_warehouses):
            self._warn(
                LoadWarning(
                    "the excluded warehouse %(warehouse)s does not occur in the file, so nothing of it was left out; "
                    "check --exclude-warehouse (setting %(setting)s).",
                    setting=setting_name("EXCLUDED_WAREHOUSES"),
                    code=WarningCode.UNSEEN_EXCLUDED_WAREHOUSE,
                    warehouse=warehouse,
                )
            )

    def _warn_of_keys(self, findings: Findings) -> None:
        """Warn of ids that lead to several rows, which the models or the database should forbid."""
        if findings.ambiguous_key:
            self._warn(
                LoadWarning(
                    "ids of the file lead to several rows of %(model)s each (offers: %(count)s); none of them was "
                    "changed. Look for rows with the same id, and forbid them.",
                    code=WarningCode.KEY_NOT_UNIQUE,
                    model=mapping().model._meta.label,
                    count=findings.ambiguous_key,
                )
            )

    def _warn_of_totals(self, findings: Findings) -> None:
        """Warn where own offers say as much as their variants: a writer of totals would make all of that twice."""
        if findings.equal_totals:
            self._warn(
                LoadWarning(
                    "own offers of products (%(count)s, such as %(onec_id)s) say as much as their variants together "
                    "and were added to them. If 1C writes totals there, load again with --own-offer total (setting "
                    "%(setting)s).",
                    code=WarningCode.OWN_OFFERS_LIKE_TOTALS,
                    count=findings.equal_totals,
                    onec_id=findings.first_equal_total,
                    setting=setting_name("OWN_OFFER"),
                )
            )

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

    def _decide(self, findings: Findings, reader: SnapshotReader) -> None:
        """Refuse what the operator would not want; nothing is written yet."""
        zeroes_missing = self._options.rules.zeroes_missing and findings.total
        if zeroes_missing and not self._options.exports_are_whole:
            refuse_only_changes(reader.documents)
        if self._options.is_forced:
            return
        if zeroes_missing:
            refuse_several_exports(reader.dates, tolerance=self._tolerance)
        last = import_log.last_document_date(zone=self._clock.zone)
        refuse_older(reader.document_date, last=last, tolerance=self._tolerance, clock=self._clock)
        check_guards(
            self._options.guards,
            findings,
            in_stock=mapping().in_stock().count,
            products=mapping().rows().count,
        )

    def _list_changes(self, strategy: Strategy, listings: Listings) -> None:
        with self._stop.at_once():
            listings.write_changes(strategy)
        self._first_changes = listings.first_changes

    def _tell(self, strategy: Strategy, report: LoadReport, listings: Listings) -> None:
        """Say what was done to whoever wants to know; that this fails does not undo it."""
        try:
            listings.publish_changes()
        except StockLoadError as error:
            logger.warning("after session #%s was completed: %s", report.session_id, error.text(gettext))
        model = mapping().model
        if not stocks_loaded.has_listeners(model):
            return
        responses = stocks_loaded.send_robust(
            sender=model,
            session=import_log.session(report.session_id),
            changes=WrittenChanges(strategy.written_changes),
            product_ids=ChangedProducts(strategy.written_changes),
        )
        for receiver, response in responses:
            if isinstance(response, Exception):
                logger.error("the receiver %r of stocks_loaded failed", receiver, exc_info=response)

    def _write(self, strategy: Strategy, findings: Findings, listings: Listings) -> LoadReport:
        for retry in range(MAX_RETRIES + 1):
            try:
                return self._write_once(strategy, findings, listings)
            except OperationalError as error:
                if retry == MAX_RETRIES or not self._dialect.is_conflict(error):
                    raise
                time.sleep(RETRY_PAUSE_SECONDS * (retry + 1))
        raise AssertionError

    def _write_once(self, strategy: Strategy, findings: Findings, listings: Listings) -> LoadReport:
        """Update the products and complete the session, both or neither."""
        self._completed = None
        with transaction.atomic(using=self._connection.alias, durable=True):
            self._refuse_lost_lock()
            if self._options.dry_run:
                written = _as_found(findings)
            else:
                self._dialect.limit_waiting()
                written = strategy.write(findings, on_locked=lambda: self._list_changes(strategy, listings))
            return self._complete(self._details(findings, written))

    def _complete(self, details: LoadDetails) -> LoadReport:
        report = self._report(Status.COMPLETED, details)
        import_log.complete(report.session_id, dataclasses.asdict(details))
        self._completed = report
        return report

    def _refuse_lost_lock(self) -> None:
        """Refuse to write without the run lock: another load may be at work."""
        if self._lock.is_lost():
            raise DatabaseFailedError(
                "the run lock was lost with its database session. A pooler before PostgreSQL must keep sessions."
            )

    def _settle(self, error: BaseException) -> BaseException | None:
        """Record the failure and return what to raise; None where the load turns out to be completed."""
        failure = LoadStopped(self._stop.exit_code) if self._stop.signal else self._as_load_error(first_error(error))
        message = failure.text(gettext) if isinstance(failure, StockLoadError) else self._description(failure)
        details = self._details()
        try:
            is_recorded = self._record(message, details)
            is_completed = not is_recorded and import_log.is_completed(self._session_id or 0)
        except DatabaseError as second:
            logger.info("session #%s was not set failed: %s", self._session_id, reason(second, self._connection))
            return self._unless_completed(failure)
        if is_completed and self._completed and isinstance(failure, Exception):
            logger.warning("after session #%s was completed: %s", self._session_id, message)
            return None
        if isinstance(failure, StockLoadError | LoadStopped):
            failed = self._report(Status.FAILED, details, message) if is_recorded else None
            failure.report = self._completed if is_completed else failed
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
        if self._session_id is None and self._is_alone and not self._lock.is_lost():
            self._session_id = import_log.running_session_id()  # begun, and its number was not learned
        if self._session_id is None:
            self._session_id = import_log.record_refusal(message, dataclasses.asdict(details))
            return True
        return import_log.fail(self._session_id, message, dataclasses.asdict(details))

    def _unless_completed(self, failure: BaseException) -> BaseException:
        """Return the failure as far as it can be told while the database does not answer."""
        if self._completed is None or not isinstance(failure, DatabaseFailedError):
            return failure
        return DatabaseFailedError(
            "the database went away while the load was being committed. Session #%(session)s says completed if it was; "
            "if not, nothing was loaded. The database reported: %(reason)s",
            reason=failure.parameters.get("reason", ""),
            session=self._session_id,
        )

    def _as_load_error(self, error: BaseException) -> BaseException:
        """Return what the caller shall see: what can be expected as an error of this project, all else as it is."""
        if isinstance(error, DatabaseError):
            return database_failed(error, self._connection)
        if isinstance(error, MemoryError):
            return StockLoadError("out of memory. Give the process more, or use --strategy copy or smaller batches.")
        return error

    def _description(self, failure: BaseException) -> str:
        if self._stop.signal:
            return gettext("Stopped by %(signal)s; nothing was loaded.") % {"signal": self._stop.signal.name}
        return one_line(f"{type(failure).__name__}: {failure}")

    def _report(self, status: Status, details: LoadDetails, message: str = "") -> LoadReport:
        return LoadReport(
            session_id=self._session_id or 0,
            status=status,
            details=details,
            error_message=message,
            changes=self._first_changes,
        )

    def _details(self, findings: Findings | None = None, written: Written | None = None) -> LoadDetails:
        details = load_details.details_of(
            self._options, self._reader, self._warnings.values(), seconds=time.monotonic() - self._began
        )
        if self._reader is None or findings is None or written is None:
            return details
        return load_details.with_counts(details, self._reader, findings, written)


def _as_found(findings: Findings) -> Written:
    """Return what a dry run would have written."""
    return Written(
        updated=findings.to_update, changed=findings.to_change, zeroed=findings.to_zero, missing=findings.missing
    )


def _close_quietly(strategy: Strategy) -> None:
    """Let the strategy clean up; a dead connection has nothing left to clean."""
    try:
        strategy.close()
    except DatabaseError as error:
        logger.debug("cleaning up after the load: %s", error)
