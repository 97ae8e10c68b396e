"""Looks at what is asked for and does it, one after the other, in the order in which it came.

A child says what it is: uploads are loaded, loads are undone. The process is that of `worker_process`.
"""

import logging
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from django.db.models import F, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext

from stock_loader.errors import OlderFileError, RefusedByGuardError, StockLoadError, one_line
from stock_loader.exchange.spool import Spool
from stock_loader.exchange.worker_process import shorten_log, work_alone
from stock_loader.journal import sessions as import_log
from stock_loader.load.progress_note import ProgressNote
from stock_loader.load.watchers import LoadWatcher
from stock_loader.outcome import LoadReport
from stock_loader.upload.abstract import PreviewedWork, State
from stock_loader.upload.conf import WorkSettings
from stock_loader.upload.previews import Preview, PreviewOutdatedError, preview_of, refuse_other_changes

logger = logging.getLogger("stocks.upload")

WAIT_SECONDS = 600
"""For another load (cron's, say) to end."""
CHANGES = ".changes.jsonl"
PROGRESS = ".progress"
"""No uploaded file gets a name that begins with a dot."""
PAUSE_SECONDS = 0.5
TIDY_SECONDS = 600
MAX_ATTEMPTS = 3
"""Of work whose process died."""

ANEW = (PreviewOutdatedError, RefusedByGuardError, OlderFileError)
"""What the work meets that its preview did not show: there is to be a new one."""

Work = TypeVar("Work", bound=PreviewedWork)


class PreviewedWorker(Generic[Work]):
    """Does the work of one model, with the settings of its kind."""

    model: type[Work]

    def __init__(self, settings: WorkSettings) -> None:
        self.settings = settings

    def run(self, work: Work, watcher: LoadWatcher, **options: Any) -> LoadReport:
        """Do it with these options of a load or undo (`LoadOptions`, `UndoOptions`), and tell `watcher`.

        Raises:
            StockLoadError: nothing was written.
        """
        raise NotImplementedError

    def size(self, work: Work) -> int:  # noqa: ARG002
        """Return how many bytes are to be read; 0 where it is not told by bytes how far it is."""
        return 0

    def told(self, error: StockLoadError, work: Work) -> str:  # noqa: ARG002
        """Return what the error says to people."""
        return error.text(gettext)

    def folder_of(self, work: Work) -> Path:
        """Return the folder of the work."""
        return Path(self.settings.folder) / work.folder

    def work(self, *, until_idle: bool) -> bool:
        """Do what waits, then wait for more; with `until_idle` end then.

        Return False where another worker is at work; without `until_idle` its end is waited for.
        """
        spool = Spool(self.settings.folder)

        def work() -> None:
            self._recover()
            self._work(spool, until_idle=until_idle)

        return work_alone(spool, work, is_waited_for=lambda: self._waiting().exists(), until_idle=until_idle)

    def carry_on(self, work: Work) -> None:
        """Look at it or do it, and note how that ended, whatever happens.

        Raises:
            SystemExit: the process was asked to end; the work waits again.
            DatabaseError: it cannot be noted.
        """
        waited = work.state
        at_work, step = (State.PREVIEWING, self._preview) if waited == State.TO_PREVIEW else (State.LOADING, self._load)
        if not work.move(waited, state=at_work, attempts=F("attempts") + 1):
            return
        with translation.override(work.language or translation.get_language()):
            try:
                step(work)
            except StockLoadError as error:
                self._note_failure(error, work)
            except SystemExit:
                work.move(at_work, state=waited, attempts=F("attempts") - 1)
                raise
            except Exception as error:  # a bug: the others that wait go on
                logger.exception("%s %s", work._meta.label, work)
                _fail(work, at_work, result=_unexpected(error))

    def remove(self, work: Work) -> None:
        """Give up what nothing is done about now."""
        if work.move(*self.model.RESTING, state=State.REMOVED):
            self._remove_files(work)

    def tidy(self, spool: Spool) -> None:
        """Remove files that were kept long enough, folders of which no row tells, old rows, the older half of a log."""
        now = timezone.now()
        kept_since = now - timedelta(hours=self.settings.keep_hours)
        for work in self._all().filter(state__in=self.model.RESTING, changed_at__lt=kept_since):
            self.remove(work)
        lasting = [*self.model.UNFINISHED, *self.model.RESTING]
        ends = now - timedelta(days=self.settings.keep_days)
        self._all().exclude(state__in=lasting).filter(changed_at__lt=ends).delete()
        known = set(self._all().filter(state__in=lasting).values_list("folder", flat=True))
        for name, changed_at in spool.names():
            path = Path(spool.path(name))
            if changed_at < kept_since.timestamp() and name not in known and path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
        shorten_log(spool)

    def _work(self, spool: Spool, *, until_idle: bool) -> None:
        tidied_at = float("-inf")
        while True:
            if time.monotonic() - tidied_at > TIDY_SECONDS:
                self.tidy(spool)
                tidied_at = time.monotonic()
            work = self._waiting().order_by("changed_at", "pk").first()
            if work is not None:
                self.carry_on(work)
            elif until_idle:
                return
            else:
                time.sleep(PAUSE_SECONDS)

    def _preview(self, work: Work) -> None:
        """Find out what it would do."""
        changes = Spool(str(self.folder_of(work))).path(CHANGES)
        objections: list[StockLoadError] = []
        changes.unlink(missing_ok=True)
        report = self._watched(
            work,
            {"on_objections": objections.extend},
            dry_run=True,
            is_forced=True,
            changes_file=str(changes),
            asked_by=work.user_name,
        )
        if not changes.exists():  # skipped: nothing in it is stock
            changes.touch(mode=0o600)
        found = asdict(preview_of(report, changes, objections))
        work.move(State.PREVIEWING, state=State.PREVIEWED, attempts=0, preview=found, preview_session=report.session_id)

    def _load(self, work: Work) -> None:
        """Do it, if that still does what the preview showed."""
        shown = self.folder_of(work) / CHANGES
        report = self._watched(
            work,
            {"on_session": partial(_note_session, work)},
            dry_run=False,
            is_forced=work.is_forced,
            approve=refuse_other_changes(shown, limit=self.settings.drift),
            asked_by=work.loaded_by,
        )
        work.move(State.LOADING, state=State.DONE, attempts=0, load_session=report.session_id, result="")
        self._remove_files(work)

    def _watched(self, work: Work, watched: dict[str, Callable[..., object]], **options: Any) -> LoadReport:
        """Run it, with a note of how far it is."""
        note = ProgressNote(self.folder_of(work) / PROGRESS, size=self.size(work))
        watcher = LoadWatcher(
            on_read=note.on_read,
            on_offers=note.on_offers,
            on_reading_again=note.on_reading_again,
            on_changes=note.on_changes,
            **watched,
        )
        try:
            return self.run(work, watcher, **options)
        finally:
            note.remove()

    def _note_failure(self, error: StockLoadError, work: Work) -> None:
        """Note why nothing was written; where the preview did not show it, have a new preview made."""
        text = self.told(error, work)
        number = error.report.session_id if error.report else None
        work.refresh_from_db(fields=["state"])
        if work.state == State.PREVIEWING:
            _fail(work, State.PREVIEWING, result=text, preview={}, preview_session=number)
        elif isinstance(error, ANEW):
            work.move(State.LOADING, state=State.TO_PREVIEW, attempts=0, result=text, load_session=number)
        else:
            _fail(work, State.LOADING, result=text, load_session=number)

    def _recover(self) -> None:
        """Carry on with what a worker was at that died: a load that did not complete has changed nothing."""
        for work in self._all().filter(state__in=[State.PREVIEWING, State.LOADING]):
            if work.load_session and import_log.is_completed(work.load_session):
                work.move(State.LOADING, state=State.DONE, attempts=0, result="")
                self._remove_files(work)
            elif work.attempts < MAX_ATTEMPTS:
                waits = State.TO_PREVIEW if work.state == State.PREVIEWING else State.TO_LOAD
                work.move(work.state, state=waits)
            else:
                text = gettext("the process at work died %(times)s times; nothing was written.")
                _fail(work, work.state, result=text % {"times": MAX_ATTEMPTS})

    def _remove_files(self, work: Work) -> None:
        shutil.rmtree(self.folder_of(work), ignore_errors=True)

    def _all(self) -> "QuerySet[Work]":
        found: QuerySet[Work] = self.model._default_manager.all()  # noqa: SLF001  # Django's own name
        return found

    def _waiting(self) -> "QuerySet[Work]":
        return self._all().filter(state__in=self.model.WAITING)


def preview_in(work: PreviewedWork) -> Preview | None:
    """Return what the work would do; None where that is not known."""
    return Preview(**work.preview) if work.preview else None


def _note_session(work: PreviewedWork, number: int) -> None:
    work.move(State.LOADING, load_session=number)


def _fail(work: PreviewedWork, state: str, **values: Any) -> None:
    work.move(state, state=State.FAILED, attempts=0, **values)


def _unexpected(error: Exception) -> str:
    text = gettext("an error in the shop: %(error)s; the log of the process that loads has the rest.")
    return text % {"error": one_line(f"{type(error).__name__}: {error}")}
