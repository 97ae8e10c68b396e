"""The sessions of loads as a list shows them: a page at a time, found by their numbers, never counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import router
from django.db.models import Q, QuerySet

from stock_loader.database.shop import session_model
from stock_loader.journal.sessions import STOCKS
from stock_loader.load_warnings import NEEDS_NO_ANSWER
from stock_loader.outcome import Status
from stock_loader.pages.wording import STATES

PAGE_SIZE = 50
"""Sessions a page."""

REAL = Q(status=Status.COMPLETED, details__dry_run=False, details__skipped=False)
SHOWN = {
    "": Q(),
    "real": REAL,
    "failed": Q(status=Status.FAILED),
    "running": Q(status=Status.STARTED),
    "skipped": Q(details__skipped=True),
    "dry_run": Q(details__dry_run=True),
    "undo": Q(details__undoes__gt=0),
}
"""What the list can be narrowed to."""

DETAILS = (
    "file",
    "dry_run",
    "skipped",
    "undoes",
    "document_date",
    "warnings",
    "duration_seconds",
    "changed_count",
    "zeroed_count",
    "not_found_count",
    "ambiguous_count",
    "invalid_count",
    "duplicate_count",
    "no_stock_data_count",
)
"""What is read of the details: they may hold 300 offers besides."""


@dataclass(frozen=True, kw_only=True)
class SessionRow:
    """One session in a list."""

    number: int
    state: str
    """A key of `STATES`."""
    started_at: datetime
    finished_at: datetime | None
    error: str
    details: Mapping[str, Any]
    """Those of `DETAILS`; what the session does not say is None."""

    @property
    def state_text(self) -> str:
        """Return the state in words."""
        return str(STATES[self.state])

    @property
    def not_applied(self) -> int:
        """Return how many offers were not applied, but for those not found."""
        names = ("ambiguous_count", "invalid_count", "duplicate_count", "no_stock_data_count")
        return sum(self.details.get(name) or 0 for name in names)

    @property
    def is_real(self) -> bool:
        """Tell whether it wrote what it found."""
        return self.state in {"completed", "warned"}


class SessionPage(NamedTuple):
    """A part of the list, the newest first."""

    rows: list[SessionRow]
    before: int | None
    """Where the next one begins; None of the last."""


def stock_sessions() -> "QuerySet[Any]":
    """Return the sessions of loads, the newest first, where they are written: a replica may lag behind."""
    model = session_model()
    sessions: QuerySet[Any] = QuerySet(model, using=router.db_for_write(model))
    return sessions.filter(import_type=STOCKS).order_by("-pk")


def sessions_before(
    before: int | None, *, shown: str = "", file: str = "", numbers: list[int] | None = None
) -> SessionPage:
    """Return the page of sessions below the number `before`; one query.

    `shown` is a key of `SHOWN`, `file` a part of a path, `numbers` those among which are looked for.
    """
    found = stock_sessions().filter(SHOWN.get(shown, SHOWN[""]))
    if before is not None:
        found = found.filter(pk__lt=before)
    if file:
        found = found.filter(details__file__icontains=file)
    if numbers is not None:
        found = found.filter(pk__in=numbers)
    rows = rows_of(found[: PAGE_SIZE + 1])
    return SessionPage(rows[:PAGE_SIZE], rows[PAGE_SIZE - 1].number if len(rows) > PAGE_SIZE else None)


def rows_of(sessions: "QuerySet[Any]") -> list[SessionRow]:
    """Return the sessions as rows; one query that reads of the details only what a list shows."""
    paths = [f"details__{name}" for name in DETAILS]
    found = sessions.values_list("pk", "status", "started_at", "finished_at", "error_message", *paths)
    rows = []
    for number, status, started_at, finished_at, error, *said in found:
        details = dict(zip(DETAILS, said, strict=True))
        rows.append(
            SessionRow(
                number=number,
                state=state_of(status, details),
                started_at=started_at,
                finished_at=finished_at,
                error=error,
                details=details,
            )
        )
    return rows


def state_of(status: str, details: Mapping[str, Any]) -> str:
    """Return the key of `STATES` of a session."""
    if status == Status.FAILED:
        return "failed"
    if status != Status.COMPLETED:
        return "running"
    if details.get("dry_run"):
        return "dry_run"
    if details.get("skipped"):
        return "skipped"
    return "warned" if serious_warnings(details) else "completed"


def serious_warnings(details: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the warnings that ask for an answer."""
    said = details.get("warnings")
    warnings = said if isinstance(said, list) else []
    return [one for one in warnings if isinstance(one, dict) and one.get("code") not in NEEDS_NO_ANSWER]
