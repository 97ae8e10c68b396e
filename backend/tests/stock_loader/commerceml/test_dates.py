from datetime import datetime, timedelta

import pytest

from stock_loader.commerceml.dates import latest_date, parse_document_date, refuse_older
from stock_loader.errors import OlderFileError

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2026-01-15T03:00:00", datetime(2026, 1, 15, 3)),
        ("2014-06-01T0:36:33", datetime(2014, 6, 1, 0, 36, 33)),
        ("2026-01-15T03:00:00.5", datetime(2026, 1, 15, 3, 0, 0, 500_000)),
        ("2026-01-15 03:00:00", datetime(2026, 1, 15, 3)),
        ("2026-01-15T03:00:00Z", datetime(2026, 1, 15, 3)),
        ("2026-01-15T03:00:00+03:00", datetime(2026, 1, 15, 3)),
        ("2026-01-15", datetime(2026, 1, 15)),
        (" 2026-01-15T03:00:00 ", datetime(2026, 1, 15, 3)),
        ("", None),
        ("yesterday", None),
        ("2026-02-30T00:00:00", None),
    ],
)
def test_date_as_1c_writes_it_is_read(text: str, date: datetime | None) -> None:
    assert parse_document_date(text) == date


def test_latest_of_several_dates() -> None:
    assert latest_date(["2026-01-15T03:00:01", "2026-01-15T03:00:07", "?"]) == "2026-01-15T03:00:07"


@pytest.mark.parametrize(("texts", "latest"), [([], ""), ([""], ""), (["?", "!"], "?")])
def test_unreadable_dates_are_passed_on(texts: list[str], latest: str) -> None:
    assert latest_date(texts) == latest


def test_older_file_is_refused() -> None:
    with pytest.raises(OlderFileError) as refusal:
        refuse_older("2026-01-15T01:59:59", last="2026-01-15T03:00:00", tolerance=HOUR)

    assert str(refusal.value) == (
        "written by 1C at 2026-01-15T01:59:59, before the file that was loaded last (2026-01-15T03:00:00). Nothing was "
        "loaded. Give the newest export; to load this one all the same, repeat with --force."
    )


@pytest.mark.parametrize(
    ("date", "last"),
    [
        ("2026-01-15T02:00:00", "2026-01-15T03:00:00"),
        ("2026-01-15T03:00:00", "2026-01-15T03:00:00"),
        ("2026-01-16T03:00:00", "2026-01-15T03:00:00"),
        ("", "2026-01-15T03:00:00"),
        ("2026-01-15T03:00:00", ""),
        ("?", "2026-01-15T03:00:00"),
    ],
)
def test_newer_file_or_unreadable_date_passes(date: str, last: str) -> None:
    refuse_older(date, last=last, tolerance=HOUR)
