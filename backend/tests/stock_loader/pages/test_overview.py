"""The overview: freshness, the last load, and the picture of the last ones."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.common.models import ImportSession
from stock_loader.pages.loads_picture import DOWN, SLOT, UP, Block

URL = "/admin/stock_pages/stockload/"


@pytest.fixture
def loaded_hourly(make_session: Callable[..., int]) -> Callable[[float], None]:
    """Record five loads, an hour between them, the last one some hours ago."""

    def made(hours_ago: float) -> None:
        for place in range(5):
            number = make_session(document_date="2026-01-15T03:00:00")
            at = timezone.now() - timedelta(hours=hours_ago + 4 - place)
            ImportSession.objects.filter(pk=number).update(started_at=at, finished_at=at)

    return made


def test_late_success_is_told_beside_the_usual_interval(client: Client, loaded_hourly: Callable[[float], None]) -> None:
    loaded_hourly(2.1)
    page = client.get(URL)
    assert page.context["freshness"].is_late
    assert "The stock is out of date." in page.content.decode()
    assert "2 h 6 min" in page.content.decode()
    assert "1 h 0 min" in page.content.decode()


def test_success_within_twice_the_interval_is_fresh(client: Client, loaded_hourly: Callable[[float], None]) -> None:
    loaded_hourly(1.9)
    page = client.get(URL)
    age = page.context["freshness"].document_age
    assert abs(age - (timezone.now() - timezone.make_aware(datetime(2026, 1, 15, 3)))) < timedelta(minutes=1)
    assert "as fresh as usual" in page.content.decode()


def test_failed_loads_and_dry_runs_make_nothing_fresh(
    client: Client, make_session: Callable[..., int], loaded_hourly: Callable[[float], None]
) -> None:
    loaded_hourly(5)
    make_session(dry_run=True)
    make_session(status="failed", error_message="no such file")
    page = client.get(URL)
    assert page.context["freshness"].is_late
    assert "no such file" in page.content.decode()


def test_bars_are_to_scale_and_lead_to_their_sessions(client: Client, make_session: Callable[..., int]) -> None:
    first = make_session(changed_count=1000, zeroed_count=500, not_found_count=7)
    make_session(skipped=True)
    second = make_session(status="failed")
    third = make_session(changed_count=1, zeroed_count=0, not_found_count=0)
    page = client.get(URL)
    bars = page.context["picture"].bars
    assert [(bar.x, bar.row.number) for bar in bars] == [(0, first), (SLOT, second), (2 * SLOT, third)]
    assert bars[0].blocks == [
        Block("changed", UP // 2, UP // 2),
        Block("zeroed", 0, UP // 2),
        Block("not_found", UP, DOWN),
    ]
    assert [block.name for block in bars[1].blocks] == ["refused"]
    assert bars[2].blocks == [Block("changed", UP - 2, 2)]
    assert f'<a href="{URL}sessions/{first}/" aria-label="#{first} completed, ' in page.content.decode()


def test_loads_that_did_not_come_leave_room_and_days_have_names(
    client: Client, make_session: Callable[..., int]
) -> None:
    day = timezone.localtime().replace(hour=12, minute=0) - timedelta(days=2)
    for hours in (0, 1, 2, 3, 7, 8, 40):
        at = day + timedelta(hours=hours)
        ImportSession.objects.filter(pk=make_session()).update(started_at=at, finished_at=at)
    page = client.get(URL)
    picture = page.context["picture"]
    assert [bar.x // SLOT for bar in picture.bars] == [0, 1, 2, 3, 7, 8, 15]
    assert picture.width == 16 * SLOT
    assert [tick.x // SLOT for tick in picture.ticks] == [0, 15]
    assert f'y="202">{day:%d.%m.}</text>' in page.content.decode()


def test_overview_asks_once_whatever_there_is(
    client: Client, make_session: Callable[..., int], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert "Nothing was loaded yet." in client.get(URL).content.decode()
    for _ in range(60):
        make_session()
    with django_assert_num_queries(5):
        assert len(client.get(URL).context["picture"].bars) == 40
