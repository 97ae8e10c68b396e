"""Two loads at once: one runs, one is refused or waits; the live one is never marked dead."""

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from apps.common.models import ImportSession
from stock_loader.errors import AnotherLoadRunsError, DatabaseFailedError, LoadRefusedError
from stock_loader.load import run_lock
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.load.watchers import LoadWatcher
from tests.patience import PATIENCE_SECONDS
from tests.reliability.loads import BACKEND, Loads, environment_of
from tests.reliability.sessions import end_session
from tests.reliability.shop import NEW, OLD, last_message, load, statuses, stock
from tests.strategies import STRATEGIES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]


def refusal_of(session: ImportSession) -> str:
    since = timezone.localtime(session.started_at).isoformat(sep=" ", timespec="seconds")
    return f"another load is running: session #{session.pk} since {since}. Try again when it has ended."


def refusal_by(process: int) -> str:
    return (
        "another load is running, or a pooler keeps the lock of one that ended: the database session "
        f"{process} holds the run lock, and no import session says started. Try again; if this stays so, have the "
        "pooler close that session (pgbouncer: RECONNECT) and keep sessions (pool_mode = session)."
    )


@pytest.mark.parametrize(
    "step",
    [
        "before read",
        pytest.param("before COMMIT", marks=[pytest.mark.postgresql, pytest.mark.mariadb]),
        "after COMMIT",
    ],
)
def test_second_load_is_refused_and_the_first_completes(step: str, loads: Loads, new_stock: str) -> None:
    paused = loads.start("--file", new_stock, pause_before=step)
    assert paused
    first = ImportSession.objects.get()
    began = timezone.now()

    with pytest.raises(AnotherLoadRunsError) as refused:
        load(new_stock)

    second = ImportSession.objects.latest("pk")
    if step == "after COMMIT" and connection.vendor == "postgresql":
        assert str(refused.value) == refusal_by(paused["backend"])
    elif step == "after COMMIT":
        assert str(refused.value) == "another load is running. Try again when it has ended."
    else:
        assert str(refused.value) == refusal_of(first)
        assert stock() == OLD
    assert (second.status, second.error_message) == ("failed", str(refused.value))
    assert second.finished_at is not None
    assert began <= second.started_at <= second.finished_at <= timezone.now()
    assert refused.value.report is not None
    assert refused.value.report.session_id == second.pk
    loads.go_on()
    assert loads.end() == 0
    assert (stock(), statuses()) == (NEW, ["completed", "failed"])


def test_refused_command_exits_with_75(loads: Loads, new_stock: str) -> None:
    with run_lock.run_lock(connection) as lock:
        assert lock.try_obtain()
        running = ImportSession.objects.create(import_type="stocks")
        assert loads.start("--file", new_stock, "--verbosity", "0") is None
        assert loads.end() == 75
    assert loads.output == f"Error during the update: {refusal_of(running)}\n"
    running.refresh_from_db()
    assert (running.status, stock()) == ("started", OLD)


def test_waiting_load_runs_when_the_first_has_ended(
    loads: Loads, new_stock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert loads.start("--file", new_stock, pause_before="before COMMIT")
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            loads.go_on()
        pause(seconds)

    pause = time.sleep
    monkeypatch.setattr(time, "sleep", sleep)
    report = load(new_stock, wait_seconds=PATIENCE_SECONDS)

    assert len(waits) >= 2
    assert loads.end() == 0
    assert (stock(), statuses()) == (NEW, ["completed", "completed"])
    assert (report.details.updated_count, report.details.unchanged_count) == (0, len(NEW))


def test_wait_that_was_too_short_is_refused(loads: Loads, new_stock: str) -> None:
    with run_lock.run_lock(connection) as lock:
        assert lock.try_obtain()
        began = time.monotonic()
        assert loads.start("--file", new_stock, "--wait", "1") is None
        assert loads.end() == 75
        assert time.monotonic() - began >= 1
    assert statuses() == ["failed"]


def test_five_loads_that_wait_run_one_after_the_other(test_database_url: str, new_stock: str) -> None:
    program = [sys.executable, str(BACKEND.parent / "manage.py"), "load_product_stocks"]
    arguments = ["--file", new_stock, "--wait", str(PATIENCE_SECONDS), "--verbosity", "0"]
    with run_lock.run_lock(connection) as lock:
        assert lock.try_obtain()
        waiting = [
            subprocess.Popen([*program, *arguments], env=environment_of(test_database_url), stderr=subprocess.PIPE)
            for _ in range(5)
        ]
        time.sleep(1)
        assert [process.poll() for process in waiting] == [None] * 5
        assert (stock(), statuses()) == (OLD, [])

    assert [process.communicate(timeout=PATIENCE_SECONDS)[1] for process in waiting] == [b""] * 5

    assert [process.returncode for process in waiting] == [0] * 5
    assert (stock(), statuses()) == (NEW, ["completed"] * 5)
    sessions = list(ImportSession.objects.order_by("pk"))
    assert [session.details["updated_count"] for session in sessions] == [len(NEW), 0, 0, 0, 0]
    for first, second in pairwise(sessions):
        assert first.finished_at is not None
        assert first.finished_at <= second.started_at


def test_waiting_load_stops_on_a_signal(loads: Loads, new_stock: str) -> None:
    asking = {
        "sqlite": "SELECT file FROM pragma_database_list",
        "postgresql": "SELECT pg_try_advisory_lock",
        "mysql": "SELECT IS_FREE_LOCK",
    }[connection.vendor]
    with run_lock.run_lock(connection) as lock:
        assert lock.try_obtain()
        assert loads.start("--file", new_stock, "--wait", "3600", pause_before=f"before {asking}")
        threading.Timer(0.4, loads.signal, [signal.SIGTERM]).start()
        loads.go_on()
        assert loads.end() == 143
    session = ImportSession.objects.get()
    assert (session.status, session.error_message) == ("failed", "Stopped by SIGTERM; nothing was loaded.")


def test_lock_is_free_after_a_load_that_failed(tmp_path: Path, new_stock: str) -> None:
    with pytest.raises(Exception, match="cannot be read"):
        load(str(tmp_path / "missing.xml"))
    load(new_stock)
    assert statuses() == ["failed", "completed"]


@pytest.mark.postgresql
@pytest.mark.mariadb
def test_terminated_session_gives_the_lock_to_the_next_load(loads: Loads, new_stock: str) -> None:
    """The live load has lost its lock: it may not write any more, and the next one may call it dead."""
    step = loads.start("--file", new_stock, pause_before="before read")
    assert step
    end_session(step["backend"])
    load(new_stock)
    died = ImportSession.objects.earliest("pk")
    loads.go_on()
    assert loads.end() == 1
    died.refresh_from_db()
    assert died.error_message == "The process died before the load ended; nothing was loaded."
    assert (stock(), statuses()) == (NEW, ["failed", "completed"])


@pytest.mark.postgresql
@pytest.mark.mariadb
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_session_that_changed_before_the_write_writes_nothing(strategy: str, new_stock: str) -> None:
    """As behind a pooler that was not noticed: every later statement comes in another database session."""
    watcher = LoadWatcher(on_session=lambda _: connection.close())
    with pytest.raises(DatabaseFailedError) as failed:
        load_stocks(LoadOptions(file=new_stock, strategy=strategy), watcher=watcher)
    assert str(failed.value) == (
        "the run lock was lost with its database session. A pooler before the database must keep sessions."
    )
    assert (stock(), statuses(), last_message()) == (OLD, ["failed"], str(failed.value))


@pytest.mark.sqlite
def test_lock_file_is_private_and_beside_the_database(new_stock: str) -> None:
    path = Path(f"{connection.settings_dict['NAME']}.stock-load.lock")
    path.unlink(missing_ok=True)
    load(new_stock)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.sqlite
def test_link_in_place_of_the_lock_file_is_not_followed(new_stock: str, tmp_path: Path) -> None:
    path = Path(f"{connection.settings_dict['NAME']}.stock-load.lock")
    path.unlink(missing_ok=True)
    precious = tmp_path / "precious"
    path.symlink_to(precious)
    try:
        with pytest.raises(LoadRefusedError) as refused:
            load(new_stock)
    finally:
        path.unlink()
    assert str(refused.value) == (
        f"the run lock {path} cannot be opened: {os.strerror(40)}. Run loads as one user, who may write there."
    )
    assert not precious.exists()
    assert (stock(), statuses()) == (OLD, ["failed"])
