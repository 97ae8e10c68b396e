"""A load is struck at every step, in a process of its own: the session row never contradicts the stock."""

import signal
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

import pytest
from django.db import connection

from apps.common.models import ImportSession
from tests.patience import PATIENCE_SECONDS
from tests.reliability.conftest import Figures
from tests.reliability.loads import Loads
from tests.reliability.sessions import end_session
from tests.reliability.shop import (
    NEW,
    OLD,
    SMALL_BATCHES,
    is_otherwise_untouched,
    load,
    reset_shop,
    statuses,
    stock,
)
from tests.strategies import STRATEGIES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]

Strike = Callable[[Loads, dict[str, Any]], None]


def send(number: signal.Signals) -> Strike:
    def strike(loads: Loads, step: dict[str, Any]) -> None:
        loads.signal(number)
        if number != signal.SIGKILL:
            loads.go_on()

    return strike


def raise_error(name: str) -> Strike:
    def strike(loads: Loads, step: dict[str, Any]) -> None:
        loads.go_on(name)

    return strike


def terminate_backend(loads: Loads, step: dict[str, Any]) -> None:
    end_session(step["backend"])
    loads.go_on()


STRIKES = {
    "SIGKILL": (send(signal.SIGKILL), {137}, {137}),
    "SIGTERM": (send(signal.SIGTERM), {143}, {143}),
    "SIGINT": (send(signal.SIGINT), {130}, {130, 1}),
    "SIGHUP": (send(signal.SIGHUP), {129}, {129}),
    "SystemExit": (raise_error("SystemExit"), {3}, {3}),
    "MemoryError": (raise_error("MemoryError"), {1}, {0, 1}),
    "terminated": (terminate_backend, {1}, {0}),
}
"""What strikes, the exit codes that may follow when the stock is old, and those when it is new."""

CONNECTING = ("SELECT VERSION()", "SET SESSION TRANSACTION ISOLATION LEVEL")
"""What Django says to MariaDB when it connects: a load that does not come further has no session yet."""

QUICK_STRIDE = 11
"""Steps of the quick run; no divisor of the steps of a batch, so that it meets each kind of step."""


def strikes(*names: str) -> list[object]:
    servers = [pytest.mark.postgresql, pytest.mark.mariadb]
    return [pytest.param(name, marks=servers if name == "terminated" else []) for name in names or STRIKES]


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("name", strikes("SIGKILL", "SIGTERM", "MemoryError", "terminated"))
def test_load_struck_at_some_steps_tells_the_truth(name: str, strategy: str, loads: Loads, new_stock: str) -> None:
    assert len(strike_at_steps(count(1, QUICK_STRIDE), name, strategy, loads, new_stock)) >= 4


@pytest.mark.slow
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("name", strikes("SIGKILL", "SIGTERM", "SIGINT", "SystemExit", "MemoryError", "terminated"))
def test_load_struck_at_every_step_tells_the_truth(
    name: str, strategy: str, loads: Loads, new_stock: str, figures: Figures
) -> None:
    were_new = strike_at_steps(count(1), name, strategy, loads, new_stock)
    figures(f"{name} on {strategy}, {connection.vendor}", struck=len(were_new), after_the_commit=sum(were_new))
    assert len(were_new) >= 35
    assert were_new == sorted(were_new), "old before the commit, new after it"
    assert sum(were_new) >= 2


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("name", strikes())
def test_load_struck_between_commit_and_exit_is_completed(
    name: str, strategy: str, loads: Loads, new_stock: str
) -> None:
    strike, _, codes = STRIKES[name]
    step = loads.start("--file", new_stock, "--strategy", strategy, pause_before="after COMMIT")
    assert step
    strike(loads, step)

    assert loads.end() in codes
    assert (stock(), statuses()) == (NEW, ["completed"])


def strike_at_steps(steps: Iterable[int], name: str, strategy: str, loads: Loads, file: str) -> list[bool]:
    """Strike a load at each step until there is none; return of each whether the stock was new after it."""
    strike, codes_when_old, codes_when_new = STRIKES[name]
    were_new: list[bool] = []
    for number in steps:
        reset_shop()
        step = loads.start("--file", file, "--strategy", strategy, *SMALL_BATCHES, pause_at=number)
        if step is None:
            assert loads.end() == 0
            assert (stock(), statuses()) == (NEW, ["completed"])
            break
        strike(loads, step)
        where = f"{name} at step {number}: {step['name']}"
        code = loads.end()
        were_new.append(stock() == NEW)
        assert code in (codes_when_new if were_new[-1] else codes_when_old), (where, loads.output)
        check_truth(where, was_killed=name == "SIGKILL", is_begun=not is_connecting(step["name"]))
        check_next_load_runs(where, file, strategy)
    return were_new


def is_connecting(step: str) -> bool:
    return any(words in step for words in CONNECTING)


def check_truth(where: str, *, was_killed: bool, is_begun: bool) -> None:
    """All old and failed (nothing or `started` where the process could not say so), or all new and completed."""
    assert is_otherwise_untouched(), where
    if stock() == NEW:
        assert statuses() == ["completed"], where
    else:
        assert stock() == OLD, where
        truths = [[], ["started"]] if was_killed else [["failed"]]
        assert statuses() in (truths if is_begun else [[], *truths]), where


def check_next_load_runs(where: str, file: str, strategy: str) -> None:
    """The next load obtains the lock, says of a dead one that it died, and completes."""
    dead = list(ImportSession.objects.filter(status="started").values_list("pk", flat=True))
    load(file, strategy=strategy, wait_seconds=PATIENCE_SECONDS)
    assert stock() == NEW, where
    assert statuses()[-1] == "completed", where
    for session in ImportSession.objects.filter(pk__in=dead):
        assert session.status == "failed", where
        assert session.error_message == "The process died before the load ended; nothing was loaded.", where
        assert session.finished_at is not None, where
