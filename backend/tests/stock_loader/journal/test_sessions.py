import json
import math
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from apps.common.models import ImportSession
from stock_loader.errors import SessionClosedError
from stock_loader.journal import sessions as import_log

pytestmark = pytest.mark.django_db(transaction=True)

AWKWARD: dict[str, tuple[Any, Any]] = {
    "nan": (math.nan, "nan"),
    "infinity": (-math.inf, "-inf"),
    "decimal": (Decimal("1.10"), "1.10"),
    "decimal nan": (Decimal("NaN"), "NaN"),
    "nul": ("a\0b", "a\\x00b"),
    "lone surrogate": ("a\ud800b", "a\\ud800b"),
    "pair": ("😀", "😀"),
    "nothing": (None, None),
    "truth": (True, True),
    "whole number": (10**20, 10**20),
    "fraction": (0.5, 0.5),
    "tuple": ((1, "\0"), [1, "\\x00"]),
    "keys": ({1: {"\0": math.nan}}, {"1": {"\\x00": "nan"}}),
    "object": (ValueError("why"), "why"),
}


@pytest.mark.parametrize("kind", AWKWARD)
def test_failure_is_recorded_whatever_it_holds(kind: str) -> None:
    given, kept = AWKWARD[kind]
    session = import_log.start({"file": "rests.xml"})

    assert import_log.fail(session, f"message: {given}", {"seen": given})

    row = ImportSession.objects.get(pk=session)
    assert (row.status, row.details) == ("failed", {"seen": kept})
    assert row.error_message.isprintable()
    assert row.error_message.startswith("message: ")


@pytest.mark.parametrize("kind", AWKWARD)
def test_refusal_is_recorded_whatever_it_holds(kind: str) -> None:
    given, kept = AWKWARD[kind]

    row = ImportSession.objects.get(pk=import_log.record_refusal(str(given), {"seen": given}))

    assert (row.status, row.details) == ("failed", {"seen": kept})
    assert row.finished_at is not None
    assert row.started_at <= row.finished_at <= timezone.now()


def test_long_lists_and_texts_are_cut() -> None:
    session = import_log.start({})
    details = {"not_found": [f"id {n}" for n in range(100_000)], "seen": "x" * 1_000_000}

    assert import_log.fail(session, "y" * 1_000_000, details)

    row = ImportSession.objects.get(pk=session)
    assert row.details["not_found"] == [f"id {n}" for n in range(1000)]
    assert row.details["seen"] == "x" * 9_999 + "…"
    assert row.error_message == "y" * 9_999 + "…"
    assert len(json.dumps(row.details)) < 50_000


def test_started_session_is_seen_as_running() -> None:
    session = import_log.start({"file": "rests.xml"})

    row = import_log.running_session()

    assert row is not None
    assert (row.pk, row.import_type, row.status, row.details) == (session, "stocks", "started", {"file": "rests.xml"})
    assert (import_log.running_session_id(), row.finished_at) == (session, None)
    assert not import_log.is_completed(session)


def test_completed_session_stays_completed() -> None:
    session = import_log.start({})
    import_log.complete(session, {"updated_count": 3})

    assert not import_log.fail(session, "too late", {})

    row = ImportSession.objects.get(pk=session)
    assert (row.status, row.details, row.error_message) == ("completed", {"updated_count": 3}, "")
    assert import_log.is_completed(session)


def test_session_that_somebody_closed_cannot_be_completed() -> None:
    session = import_log.start({})
    assert import_log.fail(session, "closed by hand", {})

    with pytest.raises(SessionClosedError) as closed:
        import_log.complete(session, {})

    assert str(closed.value) == (
        f"session #{session} was closed by somebody else while the load ran; nothing was loaded."
    )
    assert ImportSession.objects.get().error_message == "closed by hand"


def test_session_that_somebody_deleted_is_neither_completed_nor_failed() -> None:
    session = import_log.start({})
    ImportSession.objects.all().delete()

    assert not import_log.fail(session, "why", {})
    assert not import_log.is_completed(session)
    with pytest.raises(SessionClosedError):
        import_log.complete(session, {})


def test_dead_sessions_are_failed_and_no_others() -> None:
    dead = import_log.start({})
    completed = import_log.start({})
    import_log.complete(completed, {})
    other = ImportSession.objects.create(import_type="prices")
    before = timezone.now()

    assert import_log.fail_dead_sessions("died") == 1

    row = ImportSession.objects.get(pk=dead)
    assert (row.status, row.error_message) == ("failed", "died")
    assert row.finished_at is not None
    assert row.finished_at >= before
    assert ImportSession.objects.get(pk=completed).status == "completed"
    assert ImportSession.objects.get(pk=other.pk).status == "started"
