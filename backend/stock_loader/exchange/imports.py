"""`mode=import`: what is to be loaded is noted once, and how it ended is told as often as asked for."""

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from stock_loader.exchange.conf import ExchangeSettings
from stock_loader.exchange.finding import find
from stock_loader.exchange.models import ExchangeSession, ReceivedFile, StockImport
from stock_loader.exchange.progress import progress_text
from stock_loader.exchange.protocol import (
    SUCCESS,
    Answer,
    RefusedRequestError,
    failure,
    is_picture,
    key_of,
    progress,
    shown_name,
)
from stock_loader.exchange.snapshots import SNAPSHOT_KEY
from stock_loader.exchange.spool import Spool
from stock_loader.exchange.worker_process import worker_lock

if TYPE_CHECKING:
    from django.db.models import QuerySet

POLL_SECONDS = 0.2
PATIENCE = timedelta(seconds=60)
"""Within which the process that loads has to be there."""


def ask_for_import(session: ExchangeSession, name: str, settings: ExchangeSettings) -> StockImport | None:
    """Note that a file is to be loaded, or find that it was noted; None of what is only counted (pictures).

    Raises:
        RefusedRequestError: the file was not received in this session, or not whole.
    """
    file, member = find(session, key_of(name), settings)
    _refuse_unless_whole(file)
    if is_picture(member or file.key):
        return None
    if file.taken_by is not None and file.taken_by.key == SNAPSHOT_KEY:
        return file.taken_by  # it was loaded before anybody asked for it
    return _asked_before(session, key_of(name), file) or _noted(session, name, file, member)


def _asked_before(session: ExchangeSession, key: str, file: ReceivedFile) -> StockImport | None:
    """Return the import of this very file; another one of the same name, in another archive, is another import."""
    return StockImport.objects.filter(session=session, key=key, source=file.own_name).first()


def _noted(session: ExchangeSession, name: str, file: ReceivedFile, member: str) -> StockImport:
    """Note the import; pictures that came before go with it, for the shop's own importer."""
    key = key_of(name)
    generation = StockImport.objects.filter(session=session, key=key).count()
    values = {"key": key, "generation": generation, "name": shown_name(name), "member": member}
    pictures = [other.pk for other in _waiting(session) if is_picture(other.key)]
    try:
        with transaction.atomic():
            wanted = StockImport.objects.create(session=session, source=file.own_name, **values)
            ReceivedFile.objects.filter(pk__in=[file.pk, *pictures]).update(taken_by=wanted)
    except IntegrityError as error:
        asked = _asked_before(session, key, file)
        if asked is None:
            raise RefusedRequestError(gettext("another request is sending the same file.")) from error
        return asked
    return wanted


def _waiting(session: ExchangeSession) -> "QuerySet[ReceivedFile]":
    return ReceivedFile.objects.filter(session=session, taken_by=None, is_whole=True).exclude(stored_as="")


def _refuse_unless_whole(file: ReceivedFile) -> None:
    if not file.is_whole:
        raise RefusedRequestError(
            gettext("the file %(name)s did not arrive whole; send it again.") % {"name": file.name}
        )


def check_received(session: ExchangeSession, name: str, settings: ExchangeSettings) -> None:
    """Make sure that a file is there that is loaded later.

    Raises:
        RefusedRequestError: it is not, or not whole.
    """
    file, _ = find(session, key_of(name), settings)
    _refuse_unless_whole(file)


def answer_for(wanted: StockImport, settings: ExchangeSettings) -> Answer:
    """Wait a while for the end of an import; return how it ended, or how far it is."""
    deadline = time.monotonic() + settings.answer_seconds
    while not wanted.is_final and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        wanted.refresh_from_db()
    if wanted.state == StockImport.State.DONE:
        return SUCCESS
    if wanted.state == StockImport.State.FAILED:
        return failure(wanted.result)
    _refuse_if_nobody_loads(wanted, settings)
    return progress(progress_text(Spool(settings.spool), wanted))


def _refuse_if_nobody_loads(wanted: StockImport, settings: ExchangeSettings) -> None:
    """Have 1C not ask for ever where no process that loads is alive or can be started."""
    if wanted.state != StockImport.State.QUEUED or timezone.now() - wanted.created_at < PATIENCE:
        return
    with worker_lock(Spool(settings.spool)) as is_free:
        if is_free:
            raise RefusedRequestError(
                gettext("the process that loads is not running (exchange_worker); the file waits for it.")
            )
