"""Is the stock fresh: how old the last success is beside the usual interval, and how old its document."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from django.utils import timezone

from stock_loader.pages.sessions import SessionRow

INTERVALS = 20
"""Between the last successes, of which the usual one is the median."""
FEWEST_INTERVALS = 3
"""Fewer tell nothing usual."""
LATE = 2
"""Times the usual interval, after which something is wrong."""


class Freshness(NamedTuple):
    """How fresh the stock is."""

    last: SessionRow | None
    """The last load that succeeded; one that was skipped found nothing new, which is a success."""
    age: timedelta | None
    interval: timedelta | None
    document_date: str
    """Of the last load that loaded something, as its document says it."""
    document_age: timedelta | None

    @property
    def is_late(self) -> bool:
        """Tell whether the last success is older than it usually gets."""
        return self.age is not None and self.interval is not None and self.age > LATE * self.interval


def freshness_of(rows: Sequence[SessionRow], *, now: datetime) -> Freshness:
    """Return how fresh the stock is after the sessions, which are given the last first."""
    successes = [row for row in rows if row.is_real or row.state == "skipped"]
    times = [_aware(row.finished_at or row.started_at) for row in successes[: INTERVALS + 1]]
    gaps = [(later - earlier).total_seconds() for later, earlier in pairwise(times)]
    date = next((str(row.details["document_date"]) for row in rows if row.is_real and row.details["document_date"]), "")
    return Freshness(
        last=successes[0] if successes else None,
        age=now - times[0] if times else None,
        interval=timedelta(seconds=median(gaps)) if len(gaps) >= FEWEST_INTERVALS else None,
        document_date=date,
        document_age=_age(date, now),
    )


def _age(date: str, now: datetime) -> timedelta | None:
    try:
        return now - _aware(datetime.fromisoformat(date))
    except ValueError:
        return None


def _aware(time: datetime) -> datetime:
    """Return the time with a zone: documents and some shops have none."""
    return time if timezone.is_aware(time) else timezone.make_aware(time)
