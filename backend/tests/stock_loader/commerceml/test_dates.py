from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from stock_loader.commerceml.dates import DocumentClock, parse_document_date

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
CLOCK = DocumentClock(NOW, UTC)
FAR_ZONES = [ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Pacific/Pago_Pago"), ZoneInfo("America/New_York"), UTC]


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-01-15T03:00:00", datetime(2026, 1, 15, 0, tzinfo=UTC)),
        ("2014-06-01T0:36:33", datetime(2014, 5, 31, 20, 36, 33, tzinfo=UTC)),
        ("2026-01-15T03:00:00.5", datetime(2026, 1, 15, 0, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-01-15T03:00:00.1234567", datetime(2026, 1, 15, 0, 0, 0, 123_456, tzinfo=UTC)),
        ("2026-01-15 03:00:00", datetime(2026, 1, 15, 0, tzinfo=UTC)),
        ("2026-01-15T03:00", datetime(2026, 1, 15, 0, tzinfo=UTC)),
        ("2026-01-15", datetime(2026, 1, 14, 21, tzinfo=UTC)),
        (" 2026-01-15T03:00:00 ", datetime(2026, 1, 15, 0, tzinfo=UTC)),
        ("2026-01-15T03:00:00Z", datetime(2026, 1, 15, 3, tzinfo=UTC)),
        ("2026-01-15T03:00:00.000+03:00", datetime(2026, 1, 15, 0, tzinfo=UTC)),
        ("2026-01-15 03:00:00.000 +0500", datetime(2026, 1, 14, 22, tzinfo=UTC)),
        ("2026-01-15T03:00:00-08", datetime(2026, 1, 15, 11, tzinfo=UTC)),
        ("", None),
        ("yesterday", None),
        ("2026-02-30T00:00:00", None),
        ("2026-01-15T25:00:00", None),
        ("2026-01-15T03:00:00+99:00", None),
        ("99999-01-15T03:00:00", None),
        ("-2026-01-15T03:00:00", None),
        ("٢٠٢٦-01-15T03:00:00", None),
        ("0000-00-00T00:00:00", None),
        ("0001-01-01T00:00:00", None),
    ],
)
def test_date_is_a_moment_and_local_time_without_a_zone(text: str, time: datetime | None) -> None:
    assert parse_document_date(text, zone=MOSCOW) == time


@pytest.mark.parametrize("zone", FAR_ZONES)
@pytest.mark.parametrize("text", ["9999-12-31T23:59:59", "9999-12-31T23:59:59.999999-14:00", "0001-12-31T00:00:00"])
def test_date_at_the_end_of_time_is_no_traceback(text: str, zone: ZoneInfo) -> None:
    clock = DocumentClock(NOW, zone)

    assert clock.believed(text) is None
    assert clock.is_ahead(text) is text.startswith("9")
    assert clock.span([text, "2026-01-15T03:00:00Z"]).length == timedelta(0)


@pytest.mark.parametrize(
    ("text", "is_believed"),
    [("2026-01-16T12:00:00", True), ("2026-01-16T12:00:01", False), ("0002-01-01T00:00:00", True)],
)
def test_date_more_than_a_day_ahead_is_not_believed(text: str, is_believed: bool) -> None:
    assert (CLOCK.believed(text) is not None, CLOCK.is_ahead(text)) == (is_believed, not is_believed)


def test_dates_span_from_the_earliest_to_the_latest_that_is_believed() -> None:
    texts = ["2026-01-15T03:00:07", "?", "9999-12-31T00:00:00", "2026-01-15T05:00:00+02:00", ""]

    span = CLOCK.span(texts)

    assert (span.earliest, span.latest) == ("2026-01-15T05:00:00+02:00", "2026-01-15T03:00:07")
    assert span.length == timedelta(seconds=7)
    assert CLOCK.span(["?", ""]) == ("", "", timedelta(0))


def test_offset_of_an_hour_is_one_of_an_hour() -> None:
    later = parse_document_date("2026-01-15T03:00:00-01:30", zone=UTC)
    assert later == datetime(2026, 1, 15, 3, tzinfo=timezone(timedelta(hours=-1, minutes=-30)))
