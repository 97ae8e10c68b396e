"""All files of an exchange as one thing to load: at its end, or when no request came for some minutes."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from stock_loader.exchange.conf import ExchangeSettings
from stock_loader.exchange.models import ExchangeSession, ReceivedFile, StockImport
from stock_loader.exchange.protocol import RefusedRequestError, is_picture, shown_name

SILENCE = timedelta(hours=6)
"""Between two exchanges; within one, 1C is silent while it prepares a portion."""
REPEATS = timedelta(hours=1)
"""How long a `complete` that comes again gets the result of the one before."""
SNAPSHOT_KEY = "*"


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
