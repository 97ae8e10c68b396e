"""Old import sessions go, a batch at a time; the ones that later imports look back at stay."""

from datetime import timedelta

from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from apps.common.models import ImportSession

BATCH_SIZE = 1000
"""Sessions a DELETE and a transaction: a few milliseconds of lock."""

ENDED = (ImportSession.ImportStatus.COMPLETED, ImportSession.ImportStatus.FAILED)

CHANGED_NOTHING = Q(details__dry_run=True) | Q(details__skipped=True)
"""Completed, yet nothing was imported: dry runs, and files that had been loaded before."""


def prunable_sessions(*, older_than: timedelta, import_type: str | None = None) -> "QuerySet[ImportSession]":
    """Return the sessions that ended longer ago than `older_than`, without those that stay. One query.

    What has not ended stays. Of each import type two completed sessions stay whatever their age: the last one, and the
    last one that imported something, which tells the next load how old the shop's data are.
    """
    ended_at = Coalesce("finished_at", "started_at")
    old = ImportSession.objects.alias(ended_at=ended_at).filter(
        status__in=ENDED, ended_at__lt=timezone.now() - older_than
    )
    if import_type is not None:
        old = old.filter(import_type=import_type)
    return old.exclude(pk__in=_sessions_that_stay())


def prune_sessions(sessions: "QuerySet[ImportSession]", *, batch_size: int = BATCH_SIZE) -> int:
    """Delete `sessions`; return how many went. Two queries a batch, and a transaction of its own."""
    pruned = 0
    while batch := list(sessions.order_by("pk").values_list("pk", flat=True)[:batch_size]):
        _, deleted = sessions.filter(pk__lte=batch[-1]).delete()
        pruned += deleted.get(ImportSession._meta.label, 0)
    return pruned


def _sessions_that_stay() -> set[int]:
    completed = ImportSession.objects.filter(status=ImportSession.ImportStatus.COMPLETED).order_by()
    last = completed.values("import_type").annotate(last=Max("pk"), last_import=Max("pk", filter=~CHANGED_NOTHING))
    return {pk for row in last for pk in (row["last"], row["last_import"]) if pk is not None}
