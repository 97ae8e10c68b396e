"""The row that says how a load went: written so that it never contradicts the stock.

`started` is committed at once. `completed` is set in the transaction that changes the stock, `failed` after that
transaction is known to be undone; both only on a row that still says `started`.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import connections, router
from django.utils import timezone

from apps.common.models import ImportSession
from apps.products.services.errors import SessionClosedError

if TYPE_CHECKING:
    from django.db.models import QuerySet

STOCKS = ImportSession.ImportType.STOCKS
Status = ImportSession.ImportStatus


def start(details: Mapping[str, object]) -> int:
    """Record that a load began; return the number of its session."""
    return ImportSession.objects.create(import_type=STOCKS, status=Status.STARTED, details=dict(details)).pk


def complete(session_id: int, details: Mapping[str, object]) -> None:
    """Set the session completed, in the transaction of the caller.

    Raises:
        SessionClosedError: it does not say `started` any more.
    """
    if not _close(session_id, status=Status.COMPLETED, details=dict(details)):
        raise SessionClosedError(
            "session #%(session)s was closed by somebody else while the load ran; nothing was loaded.",
            session=session_id,
        )


def fail(session_id: int, message: str, details: Mapping[str, object]) -> bool:
    """Set the session failed unless it ended already; tell whether it was set. On a dead connection, on a new one."""
    values = {"status": Status.FAILED, "details": dict(details), "error_message": message}
    connection = connections[router.db_for_write(ImportSession)]
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    return _close(session_id, **values)


def record_refusal(message: str, details: Mapping[str, object]) -> int:
    """Record a load that was refused before it began: failed from its first moment; return its number."""
    session = ImportSession.objects.create(
        import_type=STOCKS,
        status=Status.FAILED,
        finished_at=timezone.now(),
        details=dict(details),
        error_message=message,
    )
    return session.pk


def fail_dead_sessions(message: str) -> int:
    """Set failed what still says `started`; only for the holder of the run lock. Return how many there were."""
    dead = ImportSession.objects.filter(import_type=STOCKS, status=Status.STARTED)
    return dead.update(status=Status.FAILED, finished_at=timezone.now(), error_message=message)


def running_session() -> ImportSession | None:
    """Return the newest session that says `started`."""
    return ImportSession.objects.filter(import_type=STOCKS, status=Status.STARTED).order_by("-pk").first()


def was_loaded(sha256: str) -> bool:
    """Tell whether a completed load, no dry run, had documents with this digest."""
    return _real_loads().filter(details__sha256=sha256).exists()


def last_document_date() -> str:
    """Return the date of the documents of the last completed load, empty where there was none."""
    details = _real_loads().order_by("-pk").values_list("details", flat=True).first()
    return str((details or {}).get("document_date", ""))


def _real_loads() -> "QuerySet[ImportSession]":
    completed = ImportSession.objects.filter(import_type=STOCKS, status=Status.COMPLETED)
    return completed.filter(details__dry_run=False, details__skipped=False)


def status_of(session_id: int) -> str:
    """Return what the session says now."""
    return ImportSession.objects.values_list("status", flat=True).get(pk=session_id)


def _close(session_id: int, **values: object) -> bool:
    running = ImportSession.objects.filter(pk=session_id, status=Status.STARTED)
    return running.update(finished_at=timezone.now(), **values) == 1
