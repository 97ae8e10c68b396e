"""Loads what the exchange received, one import after the other, in the order in which they were asked for."""

import logging
import time

from django.db.models import F, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext

from stock_loader.errors import StockLoadError, one_line
from stock_loader.exchange.conf import ExchangeSettings
from stock_loader.exchange.loading import load, told
from stock_loader.exchange.models import ReceivedFile, StockImport
from stock_loader.exchange.snapshots import collect_idle
from stock_loader.exchange.spool import Spool
from stock_loader.exchange.tidying import remove_file, tidy
from stock_loader.exchange.worker_process import work_alone

logger = logging.getLogger("stocks.exchange")

PAUSE_SECONDS = 0.5
TIDY_SECONDS = 60
MAX_ATTEMPTS = 3
"""Of an import whose process died."""


def work(settings: ExchangeSettings, *, until_idle: bool) -> bool:
    """Load what is waiting, then wait for more; with `until_idle` only as long as more may become due.

    Return False where another worker is at work; without `until_idle` its end is waited for.
    """
    spool = Spool(settings.spool)

    def work() -> None:
        _recover()
        _work(settings, spool, until_idle=until_idle)

    return work_alone(spool, work, is_waited_for=lambda: _queued().exists(), until_idle=until_idle)


def _work(settings: ExchangeSettings, spool: Spool, *, until_idle: bool) -> None:
    tidied_at = float("-inf")
    while True:
        if time.monotonic() - tidied_at > TIDY_SECONDS:
            tidy(settings, spool)
            tidied_at = time.monotonic()
        may_become_due = collect_idle(settings)
        wanted = _queued().order_by("pk").first()
        if wanted is not None:
            run_import(wanted, settings, spool)
            continue
        if until_idle and not may_become_due:
            return
        time.sleep(PAUSE_SECONDS)


def run_import(wanted: StockImport, settings: ExchangeSettings, spool: Spool) -> None:
    """Load what one import names, and note how it ended, whatever happens.

    Raises:
        SystemExit: the process was asked to end; the import is queued again.
        DatabaseError: it cannot be noted.
    """
    StockImport.objects.filter(pk=wanted.pk).update(state=StockImport.State.LOADING, attempts=F("attempts") + 1)
    files = _files_of(wanted)
    with translation.override(settings.language):
        try:
            session_number = load(wanted, files, settings, spool)
        except StockLoadError as error:
            number = error.report.session_id if error.report else None
            _end(wanted, StockImport.State.FAILED, number, told(error, number, files, spool))
            return
        except SystemExit:
            StockImport.objects.filter(pk=wanted.pk).update(state=StockImport.State.QUEUED, attempts=F("attempts") - 1)
            raise
        except Exception as error:  # a bug, or the shop's own importer: the others that wait go on
            logger.exception("import %s of %s", wanted.pk, wanted.name)
            _end(wanted, StockImport.State.FAILED, None, _unexpected(error))
            return
        _end(wanted, StockImport.State.DONE, session_number)
    for file in files:
        if not file.unfinished_imports.exists() and not (wanted.member and file.stored_as == wanted.source):
            remove_file(file, spool)


def _files_of(wanted: StockImport) -> list[ReceivedFile]:
    """Return what is to be read: what the import took, and its own file, which a later one may have taken since."""
    meant = Q(taken_by=wanted)
    if wanted.source:
        meant |= Q(stored_as=wanted.source)
    return list(ReceivedFile.objects.filter(meant).order_by("pk"))


def _unexpected(error: Exception) -> str:
    text = gettext(
        "an error in the shop, nothing was loaded: %(error)s; the log of the process that loads has the rest."
    )
    return text % {"error": one_line(f"{type(error).__name__}: {error}")}


def _queued() -> "QuerySet[StockImport]":
    return StockImport.objects.filter(state=StockImport.State.QUEUED)


def _recover() -> None:
    """Queue again what a worker was loading that died: a load that did not end has changed nothing."""
    dead = StockImport.objects.filter(state=StockImport.State.LOADING)
    dead.filter(attempts__lt=MAX_ATTEMPTS).update(state=StockImport.State.QUEUED)
    text = gettext("the process that loads died %(times)s times; nothing was loaded.") % {"times": MAX_ATTEMPTS}
    dead.update(state=StockImport.State.FAILED, result=text, finished_at=timezone.now())


def _end(wanted: StockImport, state: str, number: int | None, result: str = "") -> None:
    StockImport.objects.filter(pk=wanted.pk).update(
        state=state, result=result, load_session=number, finished_at=timezone.now()
    )
