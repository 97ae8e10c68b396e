"""Old sessions go with what they keep in the journal, a batch at a time; those that later imports look back at stay.

What the journal keeps may also be bounded by its size: then the oldest changes go, and their sessions stay.
"""

from datetime import timedelta
from itertools import accumulate, islice
from typing import Any

from django.db import connections, router, transaction
from django.db.models import Count, Exists, F, Func, IntegerField, Max, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from stock_loader.database.choice import dialect_of
from stock_loader.database.shop import session_model
from stock_loader.journal.pages import JournalPage
from stock_loader.outcome import Status

BATCH_SIZE = 1000
"""Sessions a DELETE and a transaction: a few milliseconds of lock."""

ENDED = (Status.COMPLETED, Status.FAILED)

IS_NO_UNDO = Q(details__undoes__isnull=True) | Q(details__undoes=0)
IMPORTED = ~(Q(details__dry_run=True) | Q(details__skipped=True)) & IS_NO_UNDO
"""Of completed sessions. Dry runs, files that had been loaded before, and undos imported nothing."""

MIB = 2**20

BYTES_A_PAGE = 350
"""Of a row and its entries in the indexes, beside its lists; PostgreSQL and SQLite differ little."""


def prunable_sessions(*, older_than: timedelta, import_type: str | None = None) -> Any:
    """Return the query of the sessions that ended longer ago than `older_than`, without those that stay; one query.

    What has not ended stays. Of each import type two completed sessions stay whatever their age: the last one, and the
    last one that imported something, which tells the next load how old the shop's data are.
    """
    ended_at = Coalesce("finished_at", "started_at")
    old = _sessions().alias(ended_at=ended_at).filter(status__in=ENDED, ended_at__lt=timezone.now() - older_than)
    if import_type is not None:
        old = old.filter(import_type=import_type)
    return old.exclude(pk__in=_sessions_that_stay())


def prune_sessions(sessions: Any, *, batch_size: int = BATCH_SIZE) -> int:
    """Delete `sessions` and their pages; return how many sessions went.

    Three queries a batch, two of them in a transaction of its own.
    """
    pruned = 0
    while batch := list(sessions.order_by("pk").values_list("pk", flat=True)[:batch_size]):
        with transaction.atomic(using=_database()):
            _pages().filter(session__in=batch).delete()
            _, deleted = sessions.filter(pk__lte=batch[-1]).delete()
        pruned += deleted.get(session_model()._meta.label, 0)
    return pruned


def forgotten_sessions() -> "QuerySet[JournalPage, int]":
    """Return the numbers of sessions that have pages and are no more: somebody deleted them otherwise."""
    known = _sessions().filter(pk=OuterRef("session"))
    return _pages().filter(~Exists(known), number=1).values_list("session", flat=True)


def sessions_beyond(mebibytes: int) -> list[int]:
    """Return the numbers of the oldest sessions with pages, those beyond the last `mebibytes` MiB; one query.

    The last one is not among them, however large. Counted is what is stored, compressed where the database does so;
    space that deleted rows leave in the table is not.
    """
    size_of = dialect_of(connections[_database()]).size_function
    sizes = [Sum(Func(F(name), function=size_of, output_field=IntegerField())) for name in ("products", "old", "new")]
    rows = _pages().values("session").annotate(bytes=Count("pk") * BYTES_A_PAGE + sum(sizes[1:], sizes[0]))
    by_session = list(rows.order_by("-session").values_list("session", "bytes"))
    totals = accumulate(size for _, size in by_session)
    beyond = [session for (session, _), total in zip(by_session, totals, strict=True) if total > mebibytes * MIB]
    return beyond[1:] if len(beyond) == len(by_session) else beyond


def forget(sessions: "list[int] | QuerySet[JournalPage, int]", *, batch_size: int = BATCH_SIZE) -> int:
    """Delete the pages of these sessions; return how many sessions that were. One query a batch."""
    numbers = iter(list(sessions))
    count = 0
    while batch := list(islice(numbers, batch_size)):
        _pages().filter(session__in=batch).delete()
        count += len(batch)
    return count


def _sessions_that_stay() -> set[int]:
    completed = _sessions().filter(status=Status.COMPLETED).order_by()
    last = completed.values("import_type").annotate(last=Max("pk"), last_import=Max("pk", filter=IMPORTED))
    return {pk for row in last for pk in (row["last"], row["last_import"]) if pk is not None}


def _sessions() -> Any:
    return QuerySet(session_model(), using=_database())


def _pages() -> "QuerySet[JournalPage]":
    """Return the pages of sessions of this table; they stand in its database."""
    pages: QuerySet[JournalPage] = QuerySet(JournalPage, using=_database())
    return pages.filter(session_model=session_model()._meta.label)


def _database() -> str:
    return router.db_for_write(session_model())
