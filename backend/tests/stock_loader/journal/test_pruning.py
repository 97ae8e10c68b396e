from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.common.models import ImportSession
from stock_loader.journal.keeping import Journal
from stock_loader.journal.pages import JournalPage
from stock_loader.journal.pruning import (
    forget,
    forgotten_sessions,
    prunable_sessions,
    prune_sessions,
    sessions_beyond,
)
from stock_loader.outcome import StockChange

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def session(*, days: float, status: str = "completed", import_type: str = "stocks", **details: Any) -> int:
    """Record a session that ended `days` ago; return its number."""
    ended = timezone.now() - days * DAY
    created = ImportSession.objects.create(
        import_type=import_type, status=status, details=details, finished_at=ended if status != "started" else None
    )
    ImportSession.objects.filter(pk=created.pk).update(started_at=ended - timedelta(minutes=1))
    return created.pk


def prune(*, days: int = 90, import_type: str | None = None, batch_size: int = 1000) -> int:
    return prune_sessions(prunable_sessions(older_than=days * DAY, import_type=import_type), batch_size=batch_size)


def kept() -> set[int]:
    return set(ImportSession.objects.values_list("pk", flat=True))


def test_ended_sessions_older_than_the_age_go() -> None:
    session(days=91)
    session(days=91, status="failed")
    young = {session(days=89), session(days=89, status="failed"), session(days=0)}

    assert prune() == 2
    assert kept() == young


def test_last_completed_session_of_each_type_stays() -> None:
    session(days=300)
    stocks = session(days=200)
    prices = session(days=400, import_type="prices")
    session(days=100, status="failed")
    session(days=100, status="failed", import_type="prices")

    assert prune() == 3
    assert kept() == {stocks, prices}


@pytest.mark.parametrize("nothing_imported", [{"dry_run": True}, {"skipped": True}, {"undoes": 7}])
def test_last_session_that_imported_something_stays_beside_later_ones_that_did_not(
    nothing_imported: dict[str, Any],
) -> None:
    session(days=300, dry_run=False)
    imported = session(days=200, dry_run=False, skipped=False)
    session(days=150, **nothing_imported)
    last = session(days=100, **nothing_imported)

    assert prune() == 2
    assert kept() == {imported, last}


@pytest.mark.parametrize("status", ["started", "in_progress"])
def test_session_that_has_not_ended_stays(status: str) -> None:
    running = session(days=400, status=status)

    assert prune() == 0
    assert kept() == {running}


def test_ended_session_without_an_end_counts_from_its_start() -> None:
    old, young = session(days=91, status="failed"), session(days=89, status="failed")
    ImportSession.objects.update(finished_at=None)

    assert prune() == 1
    assert kept() == {young}
    assert old not in kept()


def test_one_import_type_leaves_the_others() -> None:
    session(days=100, status="failed")
    prices = session(days=100, status="failed", import_type="prices")

    assert prune(import_type="stocks") == 1
    assert kept() == {prices}


def test_no_sessions_delete_nothing() -> None:
    assert prune() == 0


@pytest.mark.parametrize(("count", "deletes"), [(0, 0), (4, 1), (10, 1), (11, 2), (30, 3)])
def test_every_batch_costs_three_queries(count: int, deletes: int) -> None:
    for _ in range(count):
        session(days=100, status="failed")

    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert prune(batch_size=10) == count

    assert kept() == set()
    sent = [query["sql"].split()[0] for query in queries]
    sent = [word for word in sent if word not in {"SAVEPOINT", "RELEASE"}]
    assert sent == ["SELECT", *["SELECT", "DELETE", "DELETE"] * deletes, "SELECT"]


@pytest.mark.django_db(transaction=True)
def test_every_batch_is_a_transaction_of_its_own() -> None:
    for _ in range(4):
        session(days=100, status="failed")

    with CaptureQueriesContext(connection) as queries:
        prune(batch_size=2)

    sent = [query["sql"].split()[0] for query in queries]
    assert sent == ["SELECT", *["SELECT", "BEGIN", "DELETE", "DELETE", "COMMIT"] * 2, "SELECT"]


def keep(session_id: int, *, changes: int = 3) -> None:
    Journal(session=session_id).keep(StockChange(key, key % 100, key % 89 + 100) for key in range(changes))


def journalled() -> set[int]:
    return set(JournalPage.objects.values_list("session", flat=True))


def test_journal_of_a_session_goes_with_it() -> None:
    old, young = session(days=91, status="failed"), session(days=1)
    for number in (old, young):
        keep(number)

    assert prune() == 1
    assert journalled() == {young}


def test_journal_of_a_session_that_somebody_deleted_is_found() -> None:
    gone, kept = session(days=1), session(days=1)
    for number in (gone, kept):
        keep(number, changes=1001)
    ImportSession.objects.filter(pk=gone).delete()

    assert list(forgotten_sessions()) == [gone]
    assert forget(forgotten_sessions()) == 1
    assert journalled() == {kept}


def test_journal_is_kept_up_to_a_size_and_the_last_session_in_any_case() -> None:
    numbers = [session(days=days) for days in (3, 2, 1)]
    for number in numbers:
        keep(number, changes=200_000)

    assert sessions_beyond(100) == []
    assert sessions_beyond(1) == numbers[1::-1]
    with CaptureQueriesContext(connection) as queries:
        assert forget(sessions_beyond(1)) == 2
    assert len(queries) == 2
    assert journalled() == {numbers[2]}
    assert kept() == set(numbers), "only the changes went"
    assert sessions_beyond(1) == []
