"""`ДатаФормирования`: when 1C wrote a document. ISO without a zone, sometimes not quite (`2014-06-01T0:36:33`)."""

from datetime import datetime, timedelta

from stock_loader.errors import OlderFileError

FORMATS = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d")
ZONE_SUFFIX_MARKS = ("Z", "+")


def parse_document_date(text: str) -> datetime | None:
    """Return the time that `text` gives, as it stands (a zone is cut off), or None where it gives none."""
    for mark in ZONE_SUFFIX_MARKS:
        text = text.partition(mark)[0]
    for form in FORMATS:
        try:
            return datetime.strptime(text.strip(), form)  # noqa: DTZ007  # 1C writes local time without a zone
        except ValueError:
            continue
    return None


def latest_date(texts: list[str]) -> str:
    """Return the latest of the dates, as it stands in its document; empty where none can be read."""
    dated = [(date, text) for text in texts if (date := parse_document_date(text))]
    return max(dated)[1] if dated else next(iter(texts), "")


def refuse_older(date: str, *, last: str, tolerance: timedelta) -> None:
    """Refuse a snapshot that 1C wrote before the one that was loaded last.

    Raises:
        OlderFileError: older by more than `tolerance`; never where one of the dates cannot be read.
    """
    this_date, last_date = parse_document_date(date), parse_document_date(last)
    if this_date and last_date and this_date + tolerance < last_date:
        raise OlderFileError(
            "written by 1C at %(date)s, before the file that was loaded last (%(last)s). Nothing was loaded. "
            "Give the newest export; to load this one all the same, repeat with --force.",
            date=date,
            last=last,
        )
