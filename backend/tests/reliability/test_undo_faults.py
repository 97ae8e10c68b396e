"""An undo is struck at every step and met by every fault, as a load is: stock, session and journal never contradict."""

from collections.abc import Iterable
from contextlib import suppress
from itertools import count

import pytest
from django.db import connection

from apps.common.models import ImportSession
from apps.products.models import Product
from stock_loader.errors import StockLoadError
from stock_loader.journal.changes import changes_of, count_changes
from stock_loader.load.undo import UndoOptions, undo_load
from tests.patience import PATIENCE_SECONDS
from tests.reliability.conftest import Figures
from tests.reliability.loads import Loads
from tests.reliability.shop import NEW, OLD, PRODUCTS, is_otherwise_untouched, load, reset_shop, statuses
from tests.reliability.test_fault_loop import REASONS, FailingStatements, RaisingStatement
from tests.reliability.test_kill_matrix import QUICK_STRIDE, STRIKES, strikes
from tests.strategies import STRATEGIES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]


def stock() -> list[int]:
    return list(Product.objects.order_by("pk").values_list("stock_quantity", flat=True))


def loaded_anew(file: str) -> int:
    """Reset the shop and load the file; return the number of the session."""
    reset_shop()
    return load(file, wait_seconds=PATIENCE_SECONDS).session_id  # a server needs a moment to end a killed session


def undo(session: int, strategy: str, *, wait_seconds: float = 0) -> int:
    options = UndoOptions(session=session, strategy=strategy, batch_size=4, wait_seconds=wait_seconds)
    return undo_load(options).session_id


def check_truth(where: object) -> bool:
    """Return whether the undo is done: then session and journal say so, else neither does."""
    assert is_otherwise_untouched(), where
    session = ImportSession.objects.latest("pk")
    is_done = stock() == OLD
    assert is_done or stock() == NEW, where
    has_own_session = bool(session.details.get("undoes"))
    assert is_done == (has_own_session and session.status == "completed"), where
    if has_own_session:
        assert count_changes(session.pk) == (PRODUCTS if is_done else 0), where
    if is_done:
        assert [change[1:] for change in changes_of(session.pk)] == list(zip(NEW, OLD, strict=True)), where
    return is_done


def check_next_undo_runs(session: int, strategy: str, where: object) -> None:
    undo(session, strategy, wait_seconds=PATIENCE_SECONDS)
    assert check_truth(where)
    assert "started" not in statuses(), where


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("name", strikes("SIGKILL", "SIGTERM", "SystemExit", "MemoryError", "terminated"))
def test_undo_struck_at_some_steps_tells_the_truth(name: str, strategy: str, loads: Loads, new_stock: str) -> None:
    assert len(strike_at_steps(count(2, QUICK_STRIDE), name, strategy, loads, new_stock)) >= 2


@pytest.mark.slow
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("name", strikes("SIGKILL", "SIGTERM", "terminated"))
def test_undo_struck_at_every_step_tells_the_truth(
    name: str, strategy: str, loads: Loads, new_stock: str, figures: Figures
) -> None:
    were_done = strike_at_steps(count(1), name, strategy, loads, new_stock)
    figures(f"undo, {name} on {strategy}, {connection.vendor}", struck=len(were_done), after_the_commit=sum(were_done))
    assert len(were_done) >= 25
    assert were_done == sorted(were_done), "not done before the commit, done after it"
    assert sum(were_done) >= 2


def strike_at_steps(steps: Iterable[int], name: str, strategy: str, loads: Loads, file: str) -> list[bool]:
    """Strike an undo at each step until there is none; return of each whether it was done."""
    strike, codes_when_undone, codes_when_done = STRIKES[name]
    were_done: list[bool] = []
    for number in steps:
        session = loaded_anew(file)
        arguments = (str(session), "--strategy", strategy, "--batch-size", "4")
        step = loads.start(*arguments, command="undo_stock_load", pause_at=number)
        if step is None:
            assert loads.end() == 0, loads.output
            assert check_truth(number)
            break
        strike(loads, step)
        where = f"{name} at step {number}: {step['name']}"
        code = loads.end()
        were_done.append(check_truth(where))
        assert code in (codes_when_done if were_done[-1] else codes_when_undone), (where, code, loads.output)
        if not were_done[-1]:
            check_next_undo_runs(session, strategy, where)
    return were_done


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_failing_statement_leaves_all_or_nothing_undone(strategy: str, new_stock: str, figures: Figures) -> None:
    for number in count(1):
        session = loaded_anew(new_stock)
        faults = FailingStatements(number, number)
        error = None
        try:
            with connection.execute_wrapper(faults):
                undo(session, strategy)
        except StockLoadError as raised:
            error = raised
        is_done = check_truth(number)
        if faults.sent < number:
            break
        assert is_done == (error is None), number
        if error is not None:
            assert str(error) == REASONS[connection.vendor], number
            check_next_undo_runs(session, strategy, number)
    figures(f"undo, statements failing, {strategy}, {connection.vendor}", faults=number - 1, survived=number - 1)
    assert number > 12


@pytest.mark.parametrize("kind", [MemoryError, KeyboardInterrupt])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_error_of_the_process_leaves_all_or_nothing_undone(
    strategy: str, kind: type[BaseException], new_stock: str
) -> None:
    for number in count(1, 2):
        session = loaded_anew(new_stock)
        fault = RaisingStatement(number, kind)
        with connection.execute_wrapper(fault), suppress(StockLoadError, kind):
            undo(session, strategy)
        is_done = check_truth(number)
        if fault.sent < number:
            break
    assert is_done
    assert number > 12
