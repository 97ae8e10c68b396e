"""The row that says how a load went: written so that it never contradicts the stock.

`started` is committed at once. `completed` is set in the transaction that changes the stock, `failed` after that
transaction is known to be undone; both only on a row that still says `started`.
"""

import math
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, tzinfo
from itertools import islice
from typing import Any

from django.db import router, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from stock_loader.commerceml.dates import DocumentClock
from stock_loader.database.mapping import FIRST_TARGET
from stock_loader.database.shop import mapping, session_model
from stock_loader.errors import SessionClosedError
from stock_loader.outcome import Status

STOCKS = "stocks"
"""The type of a session of a load."""

MAX_TEXT_LENGTH = 10_000
"""Characters that are kept of one text."""
DATED_LOADS = 20
"""Loads among which one with a date is looked for."""
MAX_ITEMS = 1000
"""Items that are kept of one list; the loader lists 100 offers of a kind."""


def start(details: Mapping[str, object]) -> int:
    """Record that a load began; return the number of its session."""
    return int(_create(status=Status.STARTED, details=storable(details)).pk)


def complete(session_id: int, details: Mapping[str, object]) -> None:
    """Set the session completed, in the transaction of the caller.

    Raises:
        SessionClosedError: it does not say `started` any more.
    """
    if not _close(session_id, status=Status.COMPLETED, details=storable(details)):
        raise SessionClosedError(
            "session #%(session)s was closed by somebody else while the load ran; nothing was loaded.",
            session=session_id,
        )


def fail(session_id: int, message: str, details: Mapping[str, object]) -> bool:
    """Set the session failed unless it ended already; tell whether it was set.

    A transaction that completes the session and is not decided yet is waited for.
    """
    return _close(session_id, status=Status.FAILED, details=storable(details), error_message=_fitting(message))


def record_refusal(message: str, details: Mapping[str, object]) -> int:
    """Record a load that was refused before it began: failed from its first moment; return its number.

    One transaction of two statements: a model that sets `started_at` by itself does so after any time given to it.
    """
    with transaction.atomic(using=router.db_for_write(session_model())):
        refused = _create(status=Status.FAILED, details=storable(details), error_message=_fitting(message))
        _sessions().filter(pk=refused.pk).update(finished_at=max(timezone.now(), refused.started_at))
    return int(refused.pk)


def fail_dead_sessions(message: str) -> int:
    """Set failed what still says `started`; only for the holder of the run lock. Return how many there were."""
    dead = _stock_sessions().filter(status=Status.STARTED)
    return dead.update(status=Status.FAILED, finished_at=timezone.now(), error_message=_fitting(message))


def session(session_id: int) -> Any:
    """Return the session with this number."""
    return _sessions().get(pk=session_id)


def sessions_by_number(numbers: Collection[int]) -> dict[int, Any]:
    """Return those of these sessions that there are, by their numbers; one query."""
    return dict(_sessions().in_bulk(list(numbers)))


def running_session() -> Any:
    """Return the newest session that says `started`."""
    return _stock_sessions().filter(status=Status.STARTED).order_by("-pk").first()


def running_session_id() -> int | None:
    """Return the number of the newest session that says `started`."""
    return _stock_sessions().filter(status=Status.STARTED).order_by("-pk").values_list("pk", flat=True).first()


def was_loaded(sha256: str, choices: Mapping[str, object]) -> bool:
    """Tell whether the last completed load, no dry run, had documents with this digest, and these choices.

    One before the last does not count: what it brought has been overwritten, or taken back, for an undo is the last one
    too. Nor does one whose session does not say all choices: the version that wrote it matched by other rules.
    """
    details = _real_loads().values_list("details", flat=True).first()
    if details is None or details.get("sha256") != sha256:
        return False
    return all(name in details and details[name] == chosen for name, chosen in choices.items())


def last_document_date(*, zone: tzinfo) -> str:
    """Return the date of the documents of the last completed load that has one to believe, empty where there was none.

    Looked at are the last few, without those that were undone. A date that lay too far ahead when its documents were
    loaded is never believed.
    """
    fields = ("pk", "details__undoes", "details__document_date", "started_at")
    last = list(_real_loads().values_list(*fields)[:DATED_LOADS])
    undone = undone_among((number, undoes) for number, undoes, _, _ in last)
    standing = ((str(date or ""), loaded_at) for number, _, date, loaded_at in last if number not in undone)
    dates = ((date, DocumentClock(_aware(loaded_at), zone)) for date, loaded_at in standing)
    return next((date for date, clock in dates if clock.believed(date)), "")


def undone_among(sessions: Iterable[tuple[int, int | None]]) -> dict[int, int]:
    """Return which of these sessions are undone, and by which; given are numbers and what they undo, the last first.

    An undo that is undone itself undoes nothing.
    """
    undone: dict[int, int] = {}
    for number, undoes in sessions:
        if undoes and number not in undone:
            undone[undoes] = number
    return undone


def undone_by(session_id: int) -> int | None:
    """Return the number of the session that undid this one; None where none did, or one that was undone itself."""
    undos = _real_loads().filter(pk__gt=session_id, details__undoes__gt=0)
    return undone_among(undos.values_list("pk", "details__undoes")).get(session_id)


def load_session(session_id: int) -> Any:
    """Return the session of a load or undo of this target with this number; None where there is none."""
    return _stock_sessions().filter(pk=session_id).first()


def _aware(time: datetime) -> datetime:
    """Return the time with a zone: a shop may keep its times without one (USE_TZ)."""
    return time if timezone.is_aware(time) else timezone.make_aware(time)


def _real_loads() -> "QuerySet[Any]":
    """Return the loads that wrote what they found, the last first."""
    completed = _stock_sessions().filter(status=Status.COMPLETED)
    return completed.filter(details__dry_run=False, details__skipped=False).order_by("-pk")


def is_completed(session_id: int) -> bool:
    """Tell whether the session says `completed` now."""
    return _sessions().filter(pk=session_id, status=Status.COMPLETED).exists()


def storable(value: Any) -> Any:
    """Return `value` as every database takes it, as text or inside JSON: the report of a failure must not fail itself.

    PostgreSQL takes no NUL and no half of a surrogate pair, no database NaN, and a list of every offer of a large file
    would cost more than the stock. What JSON has no type for becomes its text.
    """
    match value:
        case str():
            text = value if len(value) <= MAX_TEXT_LENGTH else f"{value[: MAX_TEXT_LENGTH - 1]}…"
            return text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode("utf-8")
        case bool() | int() | None:
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case Mapping():
            return {storable(str(key)): storable(kept) for key, kept in islice(value.items(), MAX_ITEMS)}
        case list() | tuple() | set() | frozenset():
            return [storable(kept) for kept in islice(value, MAX_ITEMS)]
        case _:
            return storable(str(value))


def _stock_sessions() -> "QuerySet[Any]":
    """Return the sessions of loads of this target, where they are written: a replica may lag behind."""
    sessions = _sessions().filter(import_type=STOCKS)
    target = mapping().target
    is_of_target = Q(details__target=target)
    if target == FIRST_TARGET:
        is_of_target |= Q(details__target__isnull=True)
    return sessions.filter(is_of_target)


def _fitting(message: str) -> Any:
    """Return the message as the shop's column takes it, which may be short."""
    limit = session_model()._meta.get_field("error_message").max_length
    return storable(message)[:limit]


def _sessions() -> "QuerySet[Any]":
    model = session_model()
    return QuerySet(model, using=router.db_for_write(model))


def _create(**values: object) -> Any:
    """Create a session with what every shop's model has; times that it sets itself (`auto_now_add`) are its own."""
    return _sessions().create(import_type=STOCKS, started_at=timezone.now(), **values)


def _close(session_id: int, **values: object) -> bool:
    running = _sessions().filter(pk=session_id, status=Status.STARTED)
    return running.update(finished_at=timezone.now(), **values) == 1
