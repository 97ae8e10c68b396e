from datetime import datetime

import pytest

from stock_loader.commerceml.dates import latest_date, parse_document_date


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
