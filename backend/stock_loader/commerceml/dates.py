"""`ДатаФормирования`: when 1C wrote a document. ISO without a zone, sometimes not quite (`2014-06-01T0:36:33`)."""

from datetime import datetime

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
