"""What a load changed is put back, by the same order of things as a load (`loader.py`).

The journal is read instead of a file. Whether the session can be undone at all is looked at before the run lock, and
what is to be undone is counted again while it is held.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import Error as DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext

from stock_loader.database.dialect import RunLock
from stock_loader.database.faults import database_failed
from stock_loader.database.shop import mapping, refuse_wrong_settings
from stock_loader.journal.keeping import refuse_missing_journal
from stock_loader.load.decision import refusals
from stock_loader.load.guards import Guards
from stock_loader.load.options import Approve
from stock_loader.load.run import Run, run_alone
from stock_loader.load.step_times import Step, StepTimes
from stock_loader.load.stop_signals import StopRequest
from stock_loader.load.undo_decision import changes_to_undo, undo_checks
from stock_loader.load.watchers import NOBODY, LoadWatcher
from stock_loader.load_warnings import LoadWarning
from stock_loader.outcome import Findings, LoadDetails, LoadReport, Written
from stock_loader.reports.destinations import refuse_shared_files
from stock_loader.reports.listings import Listings
from stock_loader.strategies.choice import DEFAULT_BATCH_SIZE, chosen_undo, close_quietly


@dataclass(frozen=True, kw_only=True)
class UndoOptions:
    """What the operator asked for; what is not said here is as in `LoadOptions`."""

    session: int
    """Whose changes are taken back."""
    strategy: str
    batch_size: int = DEFAULT_BATCH_SIZE
    dry_run: bool = False
    guards: Guards = field(default_factory=Guards)
    """Those of offers are not looked at."""
    is_forced: bool = False
    """Pass all guards, and undo what was undone already."""
    is_relative: bool = False
    """Take the difference off what is stored now."""
    wait_seconds: float = 0
    changes_file: str = ""
    rejected_file: str = ""
    """Where to write the products that were left as they are."""
    keeps_journal: bool = True
    shown_changes: int = 0
    asked_by: str = ""
    approve: Approve | None = None


def undo_load(options: UndoOptions, *, watcher: LoadWatcher = NOBODY) -> LoadReport:
    """Take back what a load, or an undo, changed; return the report of the completed session of its own.

    Raises:
        NothingToUndoError: there is nothing that could be; no session is recorded.
        StockLoadError, SystemExit: as `load_stocks` says.
    """
    refuse_wrong_settings()
    try:
        refuse_missing_journal()
        changes_to_undo(options.session)
    except DatabaseError as error:
        connection = mapping().connection
        raise database_failed(error, connection) from error
    return run_alone(lambda connection, stop, lock: _Undo(options, watcher, connection, stop, lock))


class _Undo(Run):
    """One undo."""

    def __init__(
        self,
        options: UndoOptions,
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

    def carry_out(self) -> LoadReport:
        """Undo."""
        options = self._options
        refuse_shared_files({"--changes": options.changes_file, "--rejected": options.rejected_file}, [])
        count = changes_to_undo(options.session)
        strategy = chosen_undo(
            options.strategy,
            self.connection,
            session=options.session,
            batch_size=options.batch_size,
            is_relative=options.is_relative,
        )
        try:
            with self._listings() as listings:
                with self.stop.at_once():
                    findings = strategy.read(on_compared=partial(self.watcher.on_changes, count))
                    self.record.steps.begin(Step.DECIDING)
                    listings.write_rejected(strategy, lambda _: f"#{options.session}")
                if options.dry_run:
                    self.list_changes(strategy, listings)
                    listings.publish_changes()
                self._decide(findings)
                return self.write(strategy, findings, listings)
        finally:
            close_quietly(strategy)

    def describe(
        self, warnings: Iterable[LoadWarning], steps: StepTimes, findings: Findings | None, written: Written | None
    ) -> LoadDetails:
        """Return what was asked for, and what became of each change."""
        options = self._options
        asked: dict[str, Any] = {
            "file": "",
            "strategy": options.strategy,
            "dry_run": options.dry_run,
            "target": mapping().target,
            "asked_by": options.asked_by,
            "undoes": options.session,
            "relative": options.is_relative,
            "warnings": [{"code": warning.code.value, "text": warning.text(gettext)} for warning in warnings],
            "duration_seconds": round(steps.total(), 3),
            "steps": steps.seconds(),
        }
        if findings is None or written is None:
            return LoadDetails(**asked)
        return LoadDetails(
            **asked,
            total_records=findings.total,
            updated_count=written.updated,
            unchanged_count=findings.unchanged + written.already_equal,
            not_found_count=findings.not_found + written.gone,
            changed_since_count=findings.changed_since + written.changed_since,
            changed_count=written.changed,
            zeroed_count=written.zeroed,
            kept=[_kept(product.as_dict(gettext)) for product in findings.kept_products],
        )

    def _listings(self) -> Listings:
        return Listings(
            changes=self._options.changes_file,
            rejected=self._options.rejected_file,
            shown=self._options.shown_changes if self._options.dry_run else 0,
        )

    def _decide(self, findings: Findings) -> None:
        """Let the undo pass, or refuse it; of a forced dry run tell what would refuse it.

        Raises:
            RefusedByGuardError: a limit is tripped, or it was undone already.
        """
        options = self._options
        checks = undo_checks(options.session, options.guards, findings)
        if options.is_forced and options.dry_run:
            self.watcher.on_objections(refusals(checks))
        elif not options.is_forced:
            for check in checks:
                check()


def _kept(listed: dict[str, object]) -> dict[str, object]:
    """Return the product as the details keep it: without the line of a file."""
    return {name: value for name, value in listed.items() if name != "line"}
