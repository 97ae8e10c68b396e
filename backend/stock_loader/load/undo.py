"""What a load changed is put back, by the same order of things as a load (`loader.py`).

The journal is read instead of a file. Whether the session can be undone at all is looked at before the run lock, and
what is to be undone is counted again while it is held.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import Error as DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext

from stock_loader.database.dialect import RunLock
from stock_loader.database.faults import database_failed
from stock_loader.database.shop import mapping, refuse_wrong_settings
from stock_loader.errors import NothingToUndoError, RefusedByGuardError
from stock_loader.journal import sessions as import_log
from stock_loader.journal.changes import count_changes
from stock_loader.journal.keeping import refuse_missing_journal
from stock_loader.load.guards import Guards, tripped_limit
from stock_loader.load.run import Run, run_alone
from stock_loader.load.stop_signals import StopRequest
from stock_loader.load.watchers import NOBODY, LoadWatcher
from stock_loader.load_warnings import LoadWarning
from stock_loader.outcome import Findings, LoadDetails, LoadReport, Status, Written
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


def undo_load(options: UndoOptions, *, watcher: LoadWatcher = NOBODY) -> LoadReport:
    """Take back what a load, or an undo, changed; return the report of the completed session of its own.

    Raises:
        NothingToUndoError: there is nothing that could be; no session is recorded.
        StockLoadError, SystemExit: as `load_stocks` says.
    """
    refuse_wrong_settings()
    try:
        refuse_missing_journal()
        refuse_nothing_to_undo(options.session)
    except DatabaseError as error:
        connection = mapping().connection
        raise database_failed(error, connection) from error
    return run_alone(lambda connection, stop, lock: _Undo(options, watcher, connection, stop, lock))


def refuse_nothing_to_undo(session_id: int) -> None:
    """Let a session be undone, or not; two queries.

    Raises:
        NothingToUndoError: it did not complete, changed nothing, or not all that it changed stands in the journal.
    """
    session = import_log.load_session(session_id)
    if session is None:
        raise NothingToUndoError(
            "there is no session #%(session)s of a load of %(target)s.", session=session_id, target=mapping().target
        )
    details: dict[str, Any] = session.details if isinstance(session.details, dict) else {}
    if session.status != Status.COMPLETED or details.get("dry_run") or not details.get("changed_count"):
        raise NothingToUndoError(
            "session #%(session)s (%(status)s) changed no stock: there is nothing to undo.",
            session=session_id,
            status=gettext("a dry run") if details.get("dry_run") else session.status,
        )
    kept = count_changes(session_id)
    if kept != details["changed_count"]:
        raise NothingToUndoError(
            "session #%(session)s changed %(changed)s products, and the journal has %(kept)s of these changes: it was "
            "switched off, pruned, or did not exist yet. Load an older export, or correct the stock otherwise.",
            session=session_id,
            changed=details["changed_count"],
            kept=kept,
        )


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
        self._options = options

    def carry_out(self) -> LoadReport:
        """Undo."""
        options = self._options
        refuse_shared_files({"--changes": options.changes_file, "--rejected": options.rejected_file}, [])
        refuse_nothing_to_undo(options.session)
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
                    findings = strategy.read()
                    listings.write_rejected(strategy, lambda _: f"#{options.session}")
                if options.dry_run:
                    self.list_changes(strategy, listings)
                    listings.publish_changes()
                self._decide(findings)
                return self.write(strategy, findings, listings)
        finally:
            close_quietly(strategy)

    def describe(
        self, warnings: Iterable[LoadWarning], seconds: float, findings: Findings | None, written: Written | None
    ) -> LoadDetails:
        """Return what was asked for, and what became of each change."""
        options = self._options
        asked: dict[str, Any] = {
            "file": "",
            "strategy": options.strategy,
            "dry_run": options.dry_run,
            "target": mapping().target,
            "undoes": options.session,
            "relative": options.is_relative,
            "warnings": [{"code": warning.code.value, "text": warning.text(gettext)} for warning in warnings],
            "duration_seconds": round(seconds, 3),
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
        """Let the undo pass, or refuse it.

        Raises:
            RefusedByGuardError: a limit is tripped, or it was undone already.
        """
        if self._options.is_forced:
            return
        if undone_by := import_log.undone_by(self._options.session):
            raise RefusedByGuardError(
                "session #%(session)s was undone already, by session #%(undo)s. Nothing was changed. To undo it once "
                "more, repeat with --force; to take the undo back, undo session #%(undo)s.",
                session=self._options.session,
                undo=undone_by,
            )
        tripped = tripped_limit(
            self._options.guards,
            findings,
            in_stock=mapping().in_stock().count,
            products=mapping().rows().count,
        )
        if tripped:
            raise RefusedByGuardError(
                "%(what)s Nothing was undone. To undo it all the same, repeat with --force.", what=tripped
            )


def _kept(listed: dict[str, object]) -> dict[str, object]:
    """Return the product as the details keep it: without the line of a file."""
    return {name: value for name, value in listed.items() if name != "line"}
