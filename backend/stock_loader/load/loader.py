"""The order of things in a load: lock, session, read, decide, write, report.

1. Take the run lock, or refuse. Holding it, whatever still says `started` is dead.
2. Record the session, outside the data transaction.
3. Read: parse to the end and find what differs. No row is locked meanwhile. What was not applied is listed.
4. Decide by the counts; a dry run lists before that what it would change.
5. Write: one transaction locks, compares again, lists what changes, updates, keeps the journal, and sets the session
   completed.
6. Tell: the list of changes gets its name, and the signal `stocks_loaded` goes out.
7. Whatever goes wrong sets the session failed, unless it ended already, and hides no first error.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from stock_loader.commerceml.dates import DocumentClock
from stock_loader.commerceml.files.chunks import StockFile
from stock_loader.commerceml.files.snapshot import Snapshot
from stock_loader.commerceml.order import in_order_of_dates
from stock_loader.commerceml.snapshot_reader import SnapshotReader, digest_of
from stock_loader.database.dialect import RunLock
from stock_loader.database.shop import mapping
from stock_loader.journal import sessions as import_log
from stock_loader.journal.keeping import refuse_missing_journal
from stock_loader.load.decision import decide, objections, tolerance
from stock_loader.load.document_warnings import arrival_warnings, date_warnings, unread_warnings
from stock_loader.load.finding_warnings import finding_warnings, is_without_stock, nothing_to_load, refuse_wrong_file
from stock_loader.load.load_details import choices, details_of, with_counts
from stock_loader.load.options import LoadOptions
from stock_loader.load.run import Run, run_alone
from stock_loader.load.step_times import Step, StepTimes
from stock_loader.load.stop_signals import StopRequest
from stock_loader.load.watchers import NOBODY, LoadWatcher
from stock_loader.load_warnings import LoadWarning
from stock_loader.outcome import Findings, LoadDetails, LoadReport, Written
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
    return run_alone(lambda connection, stop, lock: _Load(options, watcher, connection, stop, lock))


class _Load(Run):
    """One load."""

    def __init__(
        self,
        options: LoadOptions,
        watcher: LoadWatcher,
        connection: BaseDatabaseWrapper,
        stop: StopRequest,
        lock: RunLock,
    ) -> None:
        super().__init__(watcher, connection, stop, lock)
        self.wait_seconds = options.wait_seconds
        self.is_dry_run = options.dry_run
        self.keeps_journal = options.keeps_journal and not options.dry_run
        self.approve = options.approve
        self._options = options
        self._clock = DocumentClock(datetime.now(UTC), timezone.get_default_timezone())
        self._reader: SnapshotReader | None = None
        """What reads the documents, once they are known."""

    def carry_out(self) -> LoadReport:
        """Load."""
        if self.keeps_journal:
            refuse_missing_journal()
        self._options.warehouses.refuse_empty()
        with Snapshot(self._options.paths) as snapshot, self._listings() as listings:
            with self.stop.at_once():
                files = in_order_of_dates(snapshot.files(), self._clock)
                digest = digest_of(files) if self._options.skips_loaded else ""
            self.record.warn_of(unread_warnings(snapshot))
            self.watcher.on_files(files)
            if digest and import_log.was_loaded(digest, choices(self._options)):
                return self.record.complete(dataclasses.replace(self.record.details(), skipped=True, sha256=digest))
            strategy = self._chosen_strategy()
            try:
                return self._load(strategy, snapshot, files, listings)
            finally:
                close_quietly(strategy)

    def describe(
        self, warnings: Iterable[LoadWarning], steps: StepTimes, findings: Findings | None, written: Written | None
    ) -> LoadDetails:
        """Return what was asked for, what the documents are, and the counts."""
        details = details_of(self._options, self._reader, warnings, steps=steps)
        if self._reader is None or findings is None or written is None:
            return details
        return with_counts(details, self._reader, findings, written)

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
        self.record.steps.begin(Step.DECIDING)
        self.record.warn_of(arrival_warnings(snapshot, zeroes_missing=self._options.rules.zeroes_missing))
        with self.stop.at_once():
            listings.write_rejected(strategy, reader.file_of)
        if is_without_stock(self._options, reader, findings):
            nothing = Written(updated=0, changed=0, zeroed=0)
            return self.record.complete(dataclasses.replace(self.record.details(findings, nothing), skipped=True))
        if self._options.dry_run:
            self.list_changes(strategy, listings)
            listings.publish_changes()
        if self._options.dry_run and self._options.is_forced:
            self.watcher.on_objections(objections(self._options, findings, reader, self._clock))
        decide(self._options, findings, reader, self._clock)
        return self.write(strategy, findings, listings)

    def _reader_of(self, files: Sequence[StockFile]) -> SnapshotReader:
        return SnapshotReader(
            files,
            clock=self._clock,
            on_read=self._on_read,
            on_offers=self.watcher.on_offers,
            on_reading_again=self.watcher.on_reading_again,
            zeroes_no_stock_data=self._options.zeroes_no_stock_data,
            warehouses=self._options.warehouses,
            limits=mapping().limits(),
        )

    def _read(self, strategy: Strategy, reader: SnapshotReader) -> Findings:
        with self.stop.at_once():
            findings = strategy.read(reader.open_records)
        if not findings.total or is_without_stock(self._options, reader, findings):
            self.record.warn(nothing_to_load(findings))
            return findings
        refuse_wrong_file(self._options, reader, findings)
        self.record.warn_of(date_warnings(reader, self._clock, tolerance=tolerance()))
        self.record.warn_of(finding_warnings(self._options, reader, findings))
        return findings

    def _chosen_strategy(self) -> Strategy:
        options = self._options
        return chosen_strategy(
            options.strategy,
            self.connection,
            batch_size=options.batch_size,
            chunk_size=options.chunk_size,
            rules=options.rules,
            keeps_rejected=bool(options.rejected_file),
        )

    def _on_read(self, size: int) -> None:
        self.stop.heed()
        self.watcher.on_read(size)
