"""`ДатаФормирования`: when 1C wrote a document.

1C writes its server's local time without a zone, sometimes not quite as ISO has it (`2014-06-01T0:36:33`); MoySklad
writes milliseconds and a zone. A date with a zone is that moment; one without is local time in the zone that the shop
is set to. `0001-01-01T00:00:00` is how 1C writes that there is no date.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple

BELIEVED_AHEAD = timedelta(days=1)
"""How far ahead of now a date may lie: as far as the zones of 1C and of the shop may differ."""

_DATE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[T ] ?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,20}))?)?)?"
    r"\s*(?:(Z)|([+-])(\d{2}):?(\d{2})?)?",
    re.ASCII,
)
_NO_YEAR = 1


class DateSpan(NamedTuple):
    """The dates of several documents; both empty where none is believed."""

    earliest: str
    """As it stands in its document."""
    latest: str
    length: timedelta


class DocumentClock(NamedTuple):
    """What the dates of documents are measured by."""

    now: datetime
    zone: tzinfo
    """That of dates which name none."""

    def time_of(self, text: str) -> datetime | None:
        """Return the moment that `text` gives, None where it gives none."""
        return parse_document_date(text, zone=self.zone)

    def is_ahead(self, text: str) -> bool:
        """Tell whether the date lies so far ahead that it cannot be true."""
        time = self.time_of(text)
        return time is not None and time - self.now > BELIEVED_AHEAD

    def believed(self, text: str) -> datetime | None:
        """Return the moment that `text` gives; None where it gives none, or one that cannot be true."""
        return None if self.is_ahead(text) else self.time_of(text)

    def span(self, texts: Iterable[str]) -> DateSpan:
        """Return from when to when the dates reach that are believed."""
        believed = [(time, text) for text in texts if (time := self.believed(text))]
        if not believed:
            return DateSpan("", "", timedelta(0))
        (first, earliest), (last, latest) = min(believed), max(believed)
        return DateSpan(earliest, latest, last - first)


def parse_document_date(text: str, *, zone: tzinfo) -> datetime | None:
    """Return the moment that `text` gives, in UTC; None where it gives none. `zone` is that of a date without one."""
    match = _DATE.fullmatch(text.strip())
    if not match:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    microsecond = int((match[7] or "")[:6].ljust(6, "0"))
    try:
        time = datetime(year, month, day, hour, minute, second, microsecond, _zone(match) or zone)
    except ValueError:
        return None
    return None if year == _NO_YEAR else _in_utc(time)


def _zone(match: re.Match[str]) -> tzinfo | None:
    """Return the zone that the date names, None where it names none.

    Raises:
        ValueError: a day or more.
    """
    if match[8]:
        return UTC
    if not match[9]:
        return None
    offset = timedelta(hours=int(match[10]), minutes=int(match[11] or 0))
    return timezone(offset if match[9] == "+" else -offset)


def _in_utc(time: datetime) -> datetime:
    """Return the same moment in UTC; one that lies beyond the last of Python's years, as that."""
    try:
        return time.astimezone(UTC)
    except OverflowError:
        return time.replace(tzinfo=UTC)
