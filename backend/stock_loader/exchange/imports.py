"""`mode=import` and the end of an exchange: what is to be loaded is noted once, and told as often as asked for."""

import time
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

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
from stock_loader.exchange.worker_process import worker_lock

if TYPE_CHECKING:
    from django.db.models import QuerySet

POLL_SECONDS = 0.2
PATIENCE = timedelta(seconds=60)
"""Within which the process that loads has to be there."""
SILENCE = timedelta(hours=6)
"""Between two exchanges; within one, 1C is silent while it prepares a portion."""
REPEATS = timedelta(hours=1)
"""How long a `complete` that comes again gets the result of the one before."""
SNAPSHOT_KEY = "*"


def ask_for_import(session: ExchangeSession, name: str, settings: ExchangeSettings) -> StockImport | None:
    """Note that a file is to be loaded, or find that it was noted; None of what is only counted (pictures).

    Raises:
        RefusedRequestError: the file was not received in this session, or not whole.
    """
    file, member = _find(session, key_of(name), settings)
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
    file, _ = _find(session, key_of(name), settings)
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


def complete_exchange(session: ExchangeSession) -> StockImport | None:
    """Note that all files of the user's exchange are to be loaded as one snapshot; None where there are none.

    The exchange is every session of the user since the last `complete`: the older clients make one for each portion.
    """
    sessions = ExchangeSession.objects.filter(user_name=session.user_name, is_complete=False)
    numbers = _of_one_exchange(list(sessions))
    newest = _newest_of_each_name(numbers)
    files = [file for file in newest if file.stored_as and file.taken_by_id is None]
    may_zero_missing = _is_all(newest, files) and _was_deactivated(numbers, newest)
    with transaction.atomic():
        sessions.update(is_complete=True)
        if not files:
            return _last_snapshot(session)
        return _snapshot(session, files, may_zero_missing=may_zero_missing)


def _of_one_exchange(newest_first: Sequence[ExchangeSession]) -> list[int]:
    """Return the sessions up to a long silence: before it was an exchange that nobody completed."""
    numbers: list[int] = []
    began = timezone.now()
    for session in newest_first:
        if began - session.last_request_at > SILENCE:
            break
        numbers.append(session.pk)
        began = session.started_at
    return numbers


def _is_all(newest: Sequence[ReceivedFile], files: Sequence[ReceivedFile]) -> bool:
    """Tell whether `files` are all that was sent: no part of it loaded before, refused or cut off."""
    kept = {file.pk for file in files}
    return all(file.is_whole and file.pk in kept for file in newest if not is_picture(file.key))


def _was_deactivated(numbers: Sequence[int], files: Sequence[ReceivedFile]) -> bool:
    """Tell whether `deactivate` came after the files: one of an exchange that broke before says nothing of these."""
    last = max((file.session_id for file in files), default=0)
    return ExchangeSession.objects.filter(pk__in=numbers, pk__gte=last, is_deactivated=True).exists()


def _last_snapshot(session: ExchangeSession) -> StockImport | None:
    """Return what a `complete` that comes again asks for: the snapshot of this session, or the user's last one."""
    snapshots = StockImport.objects.filter(key=SNAPSHOT_KEY)
    recent = snapshots.filter(session__user_name=session.user_name, created_at__gt=timezone.now() - REPEATS)
    return snapshots.filter(session=session).first() or recent.first()


def collect_idle(settings: ExchangeSettings) -> bool:
    """Note what no `import` or `complete` followed within the idle time; tell whether more may become due.

    The time is the user's, over all sessions: an exchange of an older client that is still sending is not idle.
    """
    waiting = ReceivedFile.objects.filter(taken_by=None, is_whole=True).exclude(stored_as="")
    due = timezone.now() - timedelta(minutes=settings.idle_minutes)
    oldest = timezone.now() - timedelta(hours=settings.keep_hours)
    waiting = waiting.filter(changed_at__gt=oldest)
    sessions = ExchangeSession.objects.filter(pk__in=waiting.values("session"))
    if settings.when == "complete":
        busy = ExchangeSession.objects.filter(last_request_at__gte=due).values("user_name")
        sessions = sessions.exclude(user_name__in=busy)
    for session in sessions.filter(last_request_at__lt=due).order_by("pk"):
        files = list(waiting.filter(session=session).order_by("pk"))
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
    for file in ReceivedFile.objects.filter(session__in=sessions).order_by("session", "pk"):
        newest[file.key] = file
    return list(newest.values())


def _find(session: ExchangeSession, key: str, settings: ExchangeSettings) -> tuple[ReceivedFile, str]:
    """Return the file of this session that the name means, and the member of it where it is an archive."""
    if not key:
        raise RefusedRequestError(gettext("the request names no file (filename)."))
    files = list(ReceivedFile.objects.filter(session=session).order_by("-pk"))
    for file in files:
        if file.key == key:
            return file, ""
    named = [file for file in files if base_name(file.key) == base_name(key)]
    if len(named) == 1:
        return named[0], ""
    archives = [file for file in files if file.key.endswith(".zip")]
    if archives:
        return _archive_of(archives, key, Spool(settings.spool)), key
    raise RefusedRequestError(
        gettext("the file %(name)s was not received in this session; send it again.") % {"name": key}
    )


def _archive_of(archives: Sequence[ReceivedFile], key: str, spool: Spool) -> ReceivedFile:
    """Return the newest archive that has the member; else the one it was asked of before, or the newest of all."""
    for file in archives:
        unreadable = suppress(OSError, zipfile.BadZipFile, NotImplementedError, ValueError)
        with unreadable, zipfile.ZipFile(spool.path(file.own_name)) as archive:
            if member_named(archive, key) is not None:
                return file
    asked = StockImport.objects.filter(session=archives[0].session, key=key).values_list("source", flat=True)
    return next((file for file in archives if file.own_name in set(asked)), archives[0])


def member_named(archive: zipfile.ZipFile, key: str) -> str | None:
    """Return the name in the archive that the key means: the whole name, else the only one that ends like it."""
    names = {key_of(info.filename): info.filename for info in archive.infolist() if not info.is_dir()}
    if key in names:
        return names[key]
    alike = [name for found, name in names.items() if base_name(found) == base_name(key)]
    return alike[0] if len(alike) == 1 else None
