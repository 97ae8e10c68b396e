"""Which dates of documents are believed: those ahead of the clock are not, and zones count."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from apps.common.models import ImportSession
from tests.documents import offer
from tests.stock_loader.console.document_loads import NEW, OLD, from_now, load, products, quantities, write

pytestmark = pytest.mark.django_db(transaction=True)


def test_zone_of_a_date_is_respected(tmp_path: Path, settings: Settings) -> None:
    settings.TIME_ZONE = "Europe/Moscow"
    products(1, quantity=9)
    new = write(tmp_path / "new.xml", offer("p0", 2), date="2026-01-15 00:30:00.250+00:00")
    old = write(tmp_path / "old.xml", offer("p0", 1), date="2026-01-15T03:00:00")

    report = load(new, old)

    assert quantities() == [2]
    assert (report["details"]["document_date"], report["warned"]) == ("2026-01-15 00:30:00.250+00:00", [])


@pytest.mark.parametrize("date", ["9999-12-31T23:59:59", "9999-12-31T23:59:59-14:00", "2226-01-15T03:00:00"])
def test_date_far_ahead_is_warned_of_stored_and_compared_with_nothing(date: str, rests: Path) -> None:
    products(1, quantity=9)

    ahead = load(write(rests, offer("p0", 1), date=date))
    load(write(rests, offer("p0", 2), date=NEW))
    load(write(rests, offer("p0", 3), date=date))
    older = load(write(rests, offer("p0", 4), date=OLD), code=3)

    assert (ahead["warned"], ahead["details"]["document_date"]) == (["date_ahead"], date)
    assert ahead["details"]["warnings"][0]["text"].startswith(f"{rests} is dated {date}, more than a day ahead of now.")
    assert older["error_message"].startswith(f"written by 1C at {OLD}, before the file that was loaded last ({NEW}).")
    assert quantities() == [3]


def test_date_ahead_keeps_its_place_and_the_believed_one_is_the_date_of_all(tmp_path: Path) -> None:
    products(1, quantity=9)
    ahead = write(tmp_path / "a.xml", offer("p0", 1), date="9999-12-31T00:00:00")
    new = write(tmp_path / "b.xml", offer("p0", 2), date=NEW)

    report = load(ahead, new)

    assert (quantities(), report["warned"]) == ([2], ["date_ahead"])
    assert report["details"]["document_date"] == NEW


def test_date_within_a_day_is_believed(rests: Path) -> None:
    products(1, quantity=9)
    later, now = from_now(hours=23), from_now()

    assert load(write(rests, offer("p0", 1), date=later))["warned"] == []
    load(write(rests, offer("p0", 2), date=now), code=3)


def test_date_that_was_ahead_when_it_was_loaded_is_never_believed(rests: Path) -> None:
    products(1, quantity=9)
    load(write(rests, offer("p0", 1), date=NEW))
    ImportSession.objects.update(started_at=datetime(2026, 1, 10, tzinfo=UTC))

    load(write(rests, offer("p0", 2), date=OLD))

    assert quantities() == [2]


def test_load_goes_on_when_the_clock_was_set_back_since_the_last(rests: Path) -> None:
    """1C's clock and the shop's were ten days ahead, and were set right since."""
    products(1, quantity=9)
    load(write(rests, offer("p0", 1), date=from_now(days=10)))
    ImportSession.objects.update(started_at=datetime.now(UTC) + timedelta(days=10))

    assert load(write(rests, offer("p0", 2), date=from_now()))["warned"] == []

    assert (quantities(), ImportSession.objects.latest("pk").status) == ([2], "completed")


def test_change_of_the_time_zone_moves_both_dates(rests: Path, settings: Settings) -> None:
    products(1, quantity=9)
    settings.TIME_ZONE = "Asia/Vladivostok"
    load(write(rests, offer("p0", 1), date="2026-01-15T03:00:00"))
    settings.TIME_ZONE = "Europe/Kaliningrad"

    load(write(rests, offer("p0", 2), date="2026-01-15T03:05:00"))
    load(write(rests, offer("p0", 3), date="2026-01-15T01:00:00"), code=3)

    assert quantities() == [2]
