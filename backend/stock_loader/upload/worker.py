"""Looks at uploads and loads them, one after the other, in the order in which they came."""

import logging
import shutil
import time
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext

from stock_loader.errors import OlderFileError, RefusedByGuardError, StockLoadError, one_line
from stock_loader.exchange.spool import Spool
from stock_loader.exchange.worker_process import work_alone
from stock_loader.journal import sessions as import_log
from stock_loader.upload.conf import UploadSettings
from stock_loader.upload.loading import folder_of, load, preview, told
from stock_loader.upload.models import Upload
from stock_loader.upload.previews import PreviewOutdatedError

logger = logging.getLogger("stocks.upload")

PAUSE_SECONDS = 0.5
TIDY_SECONDS = 600
MAX_ATTEMPTS = 3
"""Of an upload whose process died."""

State = Upload.State
ANEW = (PreviewOutdatedError, RefusedByGuardError, OlderFileError)
"""What a load meets that its preview did not show: there is to be a new one."""


def work(settings: UploadSettings, *, until_idle: bool) -> bool:
    """Do what waits, then wait for more; with `until_idle` end then.

    Return False where another worker is at work; without `until_idle` its end is waited for.
    """
    spool = Spool(settings.folder)

    def work() -> None:
        _recover(settings)
        _work(settings, spool, until_idle=until_idle)

    return work_alone(spool, work, is_waited_for=lambda: _waiting().exists(), until_idle=until_idle)


def _work(settings: UploadSettings, spool: Spool, *, until_idle: bool) -> None:
    tidied_at = float("-inf")
    while True:
        if time.monotonic() - tidied_at > TIDY_SECONDS:
            tidy(settings, spool)
            tidied_at = time.monotonic()
        upload = _waiting().order_by("changed_at", "pk").first()
        if upload is not None:
            carry_on(upload, settings)
        elif until_idle:
            return
        else:
            time.sleep(PAUSE_SECONDS)


def carry_on(upload: Upload, settings: UploadSettings) -> None:
    """Look at an upload or load it, and note how that ended, whatever happens.

    Raises:
        SystemExit: the process was asked to end; the upload waits again.
        DatabaseError: it cannot be noted.
    """
    waited = upload.state
    at_work = State.PREVIEWING if waited == State.TO_PREVIEW else State.LOADING
    if not upload.move(waited, state=at_work, attempts=F("attempts") + 1):
        return
    with translation.override(upload.language or translation.get_language()):
        try:
            _preview(upload, settings) if at_work == State.PREVIEWING else _load(upload, settings)
        except StockLoadError as error:
            _note_failure(error, upload, settings)
        except SystemExit:
            upload.move(at_work, state=waited, attempts=F("attempts") - 1)
            raise
        except Exception as error:  # a bug: the others that wait go on
            logger.exception("upload %s of %s", upload.pk, upload.names)
            _settle(upload, at_work, result=_unexpected(error))


def _preview(upload: Upload, settings: UploadSettings) -> None:
    number, found = preview(upload, settings)
    upload.move(State.PREVIEWING, state=State.PREVIEWED, attempts=0, preview=asdict(found), preview_session=number)


def _load(upload: Upload, settings: UploadSettings) -> None:
    report = load(upload, settings)
    upload.move(State.LOADING, state=State.DONE, attempts=0, load_session=report.session_id, result="")
    _remove_files(upload, settings)


def _note_failure(error: StockLoadError, upload: Upload, settings: UploadSettings) -> None:
    """Note why nothing was loaded; where the preview did not show it, have a new preview made."""
    text = told(error, upload, settings)
    number = error.report.session_id if error.report else None
    upload.refresh_from_db(fields=["state"])
    if upload.state == State.PREVIEWING:
        _settle(upload, State.PREVIEWING, result=text, preview={}, preview_session=number)
    elif isinstance(error, ANEW):
        upload.move(State.LOADING, state=State.TO_PREVIEW, attempts=0, result=text, load_session=number)
    else:
        _settle(upload, State.LOADING, result=text, load_session=number)


def _settle(upload: Upload, state: str, **values: Any) -> None:
    upload.move(state, state=State.FAILED, attempts=0, **values)


def _unexpected(error: Exception) -> str:
    text = gettext("an error in the shop: %(error)s; the log of the process that loads has the rest.")
    return text % {"error": one_line(f"{type(error).__name__}: {error}")}


def _waiting() -> "QuerySet[Upload]":
    return Upload.objects.filter(state__in=Upload.WAITING)


def _recover(settings: UploadSettings) -> None:
    """Carry on with what a worker was at that died: a load that did not complete has changed nothing."""
    for upload in Upload.objects.filter(state__in=[State.PREVIEWING, State.LOADING]):
        if upload.load_session and import_log.is_completed(upload.load_session):
            upload.move(State.LOADING, state=State.DONE, attempts=0, result="")
            _remove_files(upload, settings)
        elif upload.attempts < MAX_ATTEMPTS:
            waits = State.TO_PREVIEW if upload.state == State.PREVIEWING else State.TO_LOAD
            upload.move(upload.state, state=waits)
        else:
            text = gettext("the process that loads died %(times)s times; nothing was loaded.")
            _settle(upload, upload.state, result=text % {"times": MAX_ATTEMPTS})


def _remove_files(upload: Upload, settings: UploadSettings) -> None:
    shutil.rmtree(folder_of(upload, settings), ignore_errors=True)


def remove(upload: Upload, settings: UploadSettings) -> None:
    """Give up an upload that nothing is done with now."""
    if upload.move(*Upload.RESTING, state=State.REMOVED):
        _remove_files(upload, settings)


def tidy(settings: UploadSettings, spool: Spool) -> None:
    """Remove files that were kept long enough, folders of which no row tells, and old rows."""
    now = timezone.now()
    kept_since = now - timedelta(hours=settings.keep_hours)
    for upload in Upload.objects.filter(state__in=Upload.RESTING, changed_at__lt=kept_since):
        remove(upload, settings)
    over = Upload.objects.exclude(state__in=[*Upload.UNFINISHED, *Upload.RESTING])
    over.filter(changed_at__lt=now - timedelta(days=settings.keep_days)).delete()
    known = set(Upload.objects.filter(state__in=[*Upload.UNFINISHED, *Upload.RESTING]).values_list("folder", flat=True))
    for name, changed_at in spool.names():
        path = Path(spool.path(name))
        if changed_at < kept_since.timestamp() and name not in known and path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
