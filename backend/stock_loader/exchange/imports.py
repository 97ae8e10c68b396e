"""`mode=import` and the end of an exchange: what is to be loaded is noted once, and told as often as asked for."""

import time
import zipfile
from collections.abc import Sequence
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from stock_loader.exchange.conf import ExchangeSettings
from stock_loader.exchange.models import ExchangeSession, ReceivedFile, StockImport
from stock_loader.exchange.progress import progress_text
from stock_loader.exchange.protocol import (
    SUCCESS,
    Answer,
    RefusedRequestError,
    base_name,
    failure,
    is_picture,
    key_of,
    progress,
    shown_name,
)
from stock_loader.exchange.spool import Spool

POLL_SECONDS = 0.2
SNAPSHOT_KEY = "*"


def ask_for_import(session: ExchangeSession, name: str) -> StockImport | None:
    """Note that a file is to be loaded, or find that it was noted; None of what is only counted (pictures).

    Raises:
        RefusedRequestError: the file was not received in this session, or not whole.
    """
    file, member = _find(session, key_of(name))
    if not file.is_whole:
        raise RefusedRequestError(
            gettext("the file %(name)s did not arrive whole; send it again.") % {"name": file.name}
        )
    if is_picture(file.key):
        return None
    if file.taken_by is not None and file.taken_by.key == SNAPSHOT_KEY:
        return file.taken_by  # it was loaded before anybody asked for it
    values = {"name": shown_name(name), "member": member}
    wanted, is_new = StockImport.objects.get_or_create(
        session=session, key=key_of(name), generation=file.generation, defaults=values
    )
    if is_new:
        ReceivedFile.objects.filter(pk=file.pk).update(taken_by=wanted)
    return wanted


def check_received(session: ExchangeSession, name: str) -> None:
    """Make sure that a file is there that is loaded later.

    Raises:
        RefusedRequestError: it is not, or not whole.
    """
    file, _ = _find(session, key_of(name))
    if not file.is_whole:
        raise RefusedRequestError(
            gettext("the file %(name)s did not arrive whole; send it again.") % {"name": file.name}
        )


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
    return progress(progress_text(Spool(settings.spool), wanted))


def complete_exchange(session: ExchangeSession) -> StockImport | None:
    """Note that all files of the user's exchange are to be loaded as one snapshot; None where there are none.

    The exchange is every session of the user since the last `complete`: the older clients make one for each portion.
    """
    sessions = ExchangeSession.objects.filter(user_name=session.user_name, is_complete=False)
    numbers = list(sessions.values_list("pk", flat=True))
    was_deactivated = sessions.filter(is_deactivated=True).exists()
    files = [file for file in _newest_of_each_name(numbers) if not is_picture(file.key) and file.stored_as]
    with transaction.atomic():
        sessions.filter(pk__in=numbers).update(is_complete=True)
        if not files:
            return StockImport.objects.filter(session=session, key=SNAPSHOT_KEY).first()
        return _snapshot(session, files, may_zero_missing=was_deactivated)


def collect_idle(settings: ExchangeSettings) -> bool:
    """Note what no `import` or `complete` followed within the idle time; tell whether more may become due."""
    waiting = ReceivedFile.objects.filter(taken_by=None, is_whole=True).exclude(stored_as="")
    due = timezone.now() - timedelta(minutes=settings.idle_minutes)
    oldest = timezone.now() - timedelta(hours=settings.keep_hours)
    waiting = waiting.filter(changed_at__gt=oldest)
    sessions = ExchangeSession.objects.filter(pk__in=waiting.values("session"), last_request_at__lt=due)
    for session in sessions.order_by("pk"):
        files = [file for file in waiting.filter(session=session).order_by("pk") if not is_picture(file.key)]
        if files:
            with transaction.atomic():
                _snapshot(session, files, may_zero_missing=False)
    return waiting.filter(taken_by=None).exists()


def _snapshot(session: ExchangeSession, files: Sequence[ReceivedFile], *, may_zero_missing: bool) -> StockImport:
    is_whole = all(file.is_whole for file in files)
    generation = StockImport.objects.filter(session=session, key=SNAPSHOT_KEY).count()
    try:
        wanted = StockImport.objects.create(
            session=session,
            key=SNAPSHOT_KEY,
            generation=generation,
            name=shown_name(", ".join(file.name for file in files)),
            may_zero_missing=may_zero_missing and is_whole,
        )
    except IntegrityError as error:
        raise RefusedRequestError(gettext("this exchange is being completed by another request.")) from error
    whole = [file.pk for file in files if file.is_whole]
    ReceivedFile.objects.filter(pk__in=whole, taken_by=None).update(taken_by=wanted)
    return wanted


def _newest_of_each_name(sessions: Sequence[int]) -> list[ReceivedFile]:
    """Return of files with one name the one sent last: what was sent again replaces what a cut exchange left."""
    newest: dict[str, ReceivedFile] = {}
    for file in ReceivedFile.objects.filter(session__in=sessions, taken_by=None).order_by("session", "pk"):
        newest[file.key] = file
    return list(newest.values())


def _find(session: ExchangeSession, key: str) -> tuple[ReceivedFile, str]:
    """Return the file of this session that the name means, and the member of it where it is an archive."""
    if not key:
        raise RefusedRequestError(gettext("the request names no file (filename)."))
    files = list(ReceivedFile.objects.filter(session=session).order_by("pk"))
    for file in files:
        if file.key == key:
            return file, ""
    named = [file for file in files if base_name(file.key) == base_name(key)]
    if len(named) == 1:
        return named[0], ""
    archives = [file for file in files if file.key.endswith(".zip")]
    for file in archives:
        return file, key
    raise RefusedRequestError(
        gettext("the file %(name)s was not received in this session; send it again.") % {"name": key}
    )


def member_named(archive: zipfile.ZipFile, key: str) -> str | None:
    """Return the name in the archive that the key means: the whole name, else the only one that ends like it."""
    names = {key_of(info.filename): info.filename for info in archive.infolist() if not info.is_dir()}
    if key in names:
        return names[key]
    alike = [name for found, name in names.items() if base_name(found) == base_name(key)]
    return alike[0] if len(alike) == 1 else None
