"""What is removed: files that were kept long enough, old rows, the older half of a long log."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from stock_loader.exchange.conf import ExchangeSettings
from stock_loader.exchange.models import ExchangeRequest, ExchangeSession, ReceivedFile, StockImport
from stock_loader.exchange.spool import Spool
from stock_loader.exchange.worker_process import LOCK_NAME, LOG_NAME, OLD_LOG_NAME, shorten_log

if TYPE_CHECKING:
    from django.db.models import QuerySet


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
    shorten_log(spool)
    ends = now - timedelta(days=settings.keep_days)
    ExchangeSession.objects.filter(last_request_at__lt=ends, files__stored_as="").delete()
    ExchangeSession.objects.filter(last_request_at__lt=ends, files=None).delete()
    ExchangeRequest.objects.filter(session=None, at__lt=ends).delete()


def _remove_unknown(spool: Spool, *, older_than: float) -> None:
    """Remove files of which no row tells: of a process that died between the two, or of rows that were deleted."""
    known = set(ReceivedFile.objects.exclude(stored_as="").values_list("stored_as", flat=True))
    for name, changed_at in spool.names():
        if changed_at < older_than and name not in known | {LOCK_NAME, LOG_NAME, OLD_LOG_NAME}:
            spool.remove(name)


def _unfinished() -> "QuerySet[StockImport]":
    return StockImport.objects.filter(state__in=StockImport.UNFINISHED)
