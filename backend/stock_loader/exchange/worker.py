"""Loads what the exchange received, one import after the other, in the order in which they were asked for."""

import dataclasses
import logging
import time
import zipfile
from collections.abc import Sequence
from datetime import timedelta
from functools import cache

from django.db.models import F, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext

from stock_loader.console.call import load_options
from stock_loader.console.command import Command
from stock_loader.errors import StockLoadError, one_line
from stock_loader.exchange.conf import ExchangeSettings
from stock_loader.exchange.contents import has_stock_file, is_rests
from stock_loader.exchange.imports import collect_idle, member_named
from stock_loader.exchange.models import ExchangeRequest, ExchangeSession, ReceivedFile, StockImport
from stock_loader.exchange.progress import ProgressNote, note_path
from stock_loader.exchange.protocol import is_picture
from stock_loader.exchange.spool import Spool
from stock_loader.exchange.worker_process import LOCK_NAME, LOG_NAME, worker_lock
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.load.watchers import LoadWatcher

logger = logging.getLogger("stocks.exchange")

PAUSE_SECONDS = 0.5
OTHER_SECONDS = 2
TIDY_SECONDS = 60
WAIT_SECONDS = 600
"""For another load (cron's, say) to end."""
MAX_ATTEMPTS = 3
"""Of an import whose process died."""


def work(settings: ExchangeSettings, *, until_idle: bool) -> bool:
    """Load what is waiting, then wait for more; with `until_idle` only as long as more may become due.

    Return False where another worker is at work; without `until_idle` its end is waited for.
    """
    spool = Spool(settings.spool)
    while True:
        with worker_lock(spool) as is_alone:
            if not is_alone and until_idle:
                return False
            if not is_alone:
                time.sleep(OTHER_SECONDS)
                continue
            _recover()
            _work(settings, spool, until_idle=until_idle)
        if not _queued().exists():  # asked for while this worker was ending: nobody else would have been started
            return True


def _work(settings: ExchangeSettings, spool: Spool, *, until_idle: bool) -> None:
    tidied_at = float("-inf")
    while True:
        may_become_due = collect_idle(settings)
        wanted = _queued().order_by("pk").first()
        if wanted is not None:
            run_import(wanted, settings, spool)
            continue
        if time.monotonic() - tidied_at > TIDY_SECONDS:
            tidy(settings, spool)
            tidied_at = time.monotonic()
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
            session_number = _load(wanted, files, settings, spool)
        except StockLoadError as error:
            number = error.report.session_id if error.report else None
            _end(wanted, StockImport.State.FAILED, number, _told(error, number, files, spool))
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


def remove_file(file: ReceivedFile, spool: Spool) -> None:
    """Remove a file from the spool; its row stays."""
    spool.remove(file.stored_as)
    ReceivedFile.objects.filter(pk=file.pk, stored_as=file.stored_as).update(stored_as="")


def tidy(settings: ExchangeSettings, spool: Spool) -> None:
    """Remove files that were kept long enough, archives whose session is over, and old rows."""
    now = timezone.now()
    kept = ReceivedFile.objects.exclude(stored_as="").exclude(taken_by__in=_unfinished())
    kept = kept.exclude(stored_as__in=_unfinished().exclude(source="").values("source"))
    old = Q(changed_at__lt=now - timedelta(hours=settings.keep_hours))
    is_over = Q(session__last_request_at__lt=now - timedelta(minutes=settings.idle_minutes))
    is_loaded = Q(taken_by__state=StockImport.State.DONE)
    for file in kept.filter(old | (is_over & is_loaded)):
        remove_file(file, spool)
    _remove_unknown(spool, older_than=(now - timedelta(hours=settings.keep_hours)).timestamp())
    ends = now - timedelta(days=settings.keep_days)
    ExchangeSession.objects.filter(last_request_at__lt=ends, files__stored_as="").delete()
    ExchangeSession.objects.filter(last_request_at__lt=ends, files=None).delete()
    ExchangeRequest.objects.filter(session=None, at__lt=ends).delete()


def _remove_unknown(spool: Spool, *, older_than: float) -> None:
    """Remove files of which no row tells: of a process that died between the two, or of rows that were deleted."""
    known = set(ReceivedFile.objects.exclude(stored_as="").values_list("stored_as", flat=True))
    for name, changed_at in spool.names():
        if changed_at < older_than and name not in known | {LOCK_NAME, LOG_NAME}:
            spool.remove(name)


def _queued() -> "QuerySet[StockImport]":
    return StockImport.objects.filter(state=StockImport.State.QUEUED)


def _unfinished() -> "QuerySet[StockImport]":
    return StockImport.objects.filter(state__in=StockImport.UNFINISHED)


def _recover() -> None:
    """Queue again what a worker was loading that died: a load that did not end has changed nothing."""
    dead = StockImport.objects.filter(state=StockImport.State.LOADING)
    dead.filter(attempts__lt=MAX_ATTEMPTS).update(state=StockImport.State.QUEUED)
    text = gettext("the process that loads died %(times)s times; nothing was loaded.") % {"times": MAX_ATTEMPTS}
    dead.update(state=StockImport.State.FAILED, result=text, finished_at=timezone.now())


def _load(wanted: StockImport, files: list[ReceivedFile], settings: ExchangeSettings, spool: Spool) -> int | None:
    """Load the stock files among `files`; return the number of the load's session, None where there are none."""
    if not any(not wanted.source or file.stored_as == wanted.source for file in files):
        raise StockLoadError("%(name)s is no longer there as it was received; send it again.", name=wanted.name)
    stock_files = []
    for file in files:
        member = wanted.member if file.stored_as == wanted.source else ""
        path = _path(member, file, spool)
        if not is_picture(member or file.key) and has_stock_file(path, name=file.name, member=member):
            stock_files.append(path)
        elif take := settings.take_other_file():
            take(spool.path(file.stored_as), member or file.name, wanted.session.user_name)
    if not stock_files:
        return None
    options = _options(wanted, stock_files, settings)
    if not any(is_rests(wanted.member or file.name) for file in files):  # an offers.xml may hold prices alone
        options = dataclasses.replace(options, may_lack_stock=True)
    size = sum(spool.path(file.stored_as).stat().st_size for file in files)
    note = ProgressNote(note_path(spool, wanted), size=size)
    watcher = LoadWatcher(on_read=note.on_read, on_offers=note.on_offers, on_reading_again=note.on_reading_again)
    try:
        return load_stocks(options, watcher=watcher).session_id
    finally:
        note.remove()


def _path(wanted_member: str, file: ReceivedFile, spool: Spool) -> str:
    """Return what the loader is to read: the file, or `archive!member`.

    Raises:
        StockLoadError: the file is gone or shorter than what was received, or has no such member.
    """
    path = spool.path(file.stored_as)
    if not file.stored_as or not path.is_file() or path.stat().st_size != file.size:
        raise StockLoadError("%(name)s is no longer there as it was received; send it again.", name=file.name)
    if not wanted_member:
        return str(path)
    try:
        with zipfile.ZipFile(path) as archive:
            member = member_named(archive, wanted_member)
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise StockLoadError("%(name)s is no readable zip archive; send it again.", name=file.name) from error
    if member is None:
        raise StockLoadError(
            "there is no %(member)s in %(name)s; send both again.", member=wanted_member, name=file.name
        )
    return f"{path}!{member}"


def _options(wanted: StockImport, paths: Sequence[str], settings: ExchangeSettings) -> LoadOptions:
    """Return the options of the setting for these files; what is missing is set to 0 only after a whole exchange."""
    options = dataclasses.replace(load_options(_parsed(settings.options)), file=list(paths))
    if not wanted.may_zero_missing:
        options = dataclasses.replace(options, rules=dataclasses.replace(options.rules, zeroes_missing=False))
    return dataclasses.replace(
        options,
        exports_are_whole=wanted.may_zero_missing,
        skips_loaded=True,
        wait_seconds=max(options.wait_seconds, WAIT_SECONDS),
        dry_run=False,
    )


@cache
def _parsed(arguments: tuple[str, ...]) -> dict[str, object]:
    """Return what the command line of a load makes of the setting's arguments."""
    parser = Command().create_parser("manage.py", "load_product_stocks")
    return vars(parser.parse_args(["--file", "-", *arguments]))


def _end(wanted: StockImport, state: str, number: int | None, result: str = "") -> None:
    StockImport.objects.filter(pk=wanted.pk).update(
        state=state, result=result, load_session=number, finished_at=timezone.now()
    )


def _told(error: StockLoadError, number: int | None, files: Sequence[ReceivedFile], spool: Spool) -> str:
    """Return what the user of 1C is told: the names that 1C gave, and the number of the load's session."""
    text = error.text(gettext)
    for file in files:
        text = text.replace(str(spool.path(file.stored_as)), file.name)
    if number is None:
        return text
    return gettext("%(error)s (session #%(session)s)") % {"error": text, "session": number}
