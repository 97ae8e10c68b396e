"""The n-th statement, read or message to the server fails, for n = 1, 2, … until a load succeeds."""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from stock_loader.errors import StockLoadError
from tests.patience import PATIENCE_SECONDS
from tests.reliability.conftest import Figures
from tests.reliability.shop import (
    NEW,
    OLD,
    is_otherwise_untouched,
    last_message,
    load,
    reset_shop,
    statuses,
    stock,
    write_new_stock,
)
from tests.strategies import STRATEGIES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]

BROKEN_STATEMENTS = {
    "sqlite": "SELECT json('{')",
    "postgresql": "SELECT 1/0",
    "mysql": "SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1645, MESSAGE_TEXT = 'broken'",
}
REASONS = {
    "sqlite": "the database reported: malformed JSON",
    "postgresql": "the database reported: division by zero",
    "mysql": "the database reported: (1645, 'broken')",
}


class FailingStatements:
    """Has the database refuse statements `first` to `last`, each as it refuses any wrong one."""

    def __init__(self, first: int, last: int) -> None:
        self._failing = range(first, last + 1)
        self.sent = 0

    def __call__(self, execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any) -> Any:
        self.sent += 1
        if self.sent in self._failing:
            return execute(BROKEN_STATEMENTS[connection.vendor], None, False, context)
        return execute(sql, parameters, many, context)


class RaisingStatement:
    """Raises in the place of statement `number`."""

    def __init__(self, number: int, kind: type[BaseException]) -> None:
        self._number, self._kind = number, kind
        self.sent = 0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        self.sent += 1
        if self.sent == self._number:
            raise self._kind
        return execute(*arguments)


def pass_on(execute: Callable[..., Any], *arguments: Any) -> Any:
    return execute(*arguments)


def load_with(wrapper: Callable[..., Any], file: str, strategy: str) -> StockLoadError | None:
    try:
        with connection.execute_wrapper(wrapper):
            load(file, strategy=strategy)
    except StockLoadError as error:
        return error
    return None


@pytest.mark.parametrize("failing", [1, 2, 3])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_failing_statements_leave_all_old_or_all_new(
    strategy: str, failing: int, new_stock: str, figures: Figures
) -> None:
    """Of two, the second meets the record of the failure; of three, the third meets its repetition."""
    for first in count(1):
        reset_shop()
        faults = FailingStatements(first, first + failing - 1)
        error = load_with(faults, new_stock, strategy)
        assert is_otherwise_untouched(), first
        if faults.sent < first:
            break
        if error is None:
            assert (stock(), statuses()) == (NEW, ["completed"]), first
            continue
        assert stock() == OLD, first
        assert str(error) == REASONS[connection.vendor], first
        if failing == 1:
            assert (statuses(), last_message()) == (["failed"], REASONS[connection.vendor]), first
        assert "completed" not in statuses(), first
        load(
            new_stock, strategy=strategy, wait_seconds=PATIENCE_SECONDS
        )  # a server needs a moment to end a closed session
        assert (stock(), statuses()[-1], statuses().count("started")) == (NEW, "completed", 0), first
    figures(f"{failing} statements failing, {strategy}, {connection.vendor}", faults=first - 1, survived=first - 1)
    assert (stock(), statuses()) == (NEW, ["completed"])
    assert first > 15


@pytest.mark.parametrize("kind", [MemoryError, SystemExit, KeyboardInterrupt])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_error_of_the_process_before_any_statement_leaves_all_old_or_all_new(
    strategy: str, kind: type[BaseException], new_stock: str
) -> None:
    for number in count(1):
        reset_shop()
        fault = RaisingStatement(number, kind)
        with connection.execute_wrapper(fault), suppress(StockLoadError, kind):
            load(new_stock, strategy=strategy)
        assert (stock(), statuses()) in [(OLD, ["failed"]), (NEW, ["completed"])], number
        if fault.sent < number:
            break
    assert stock() == NEW
    assert number > 15


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_failing_read_leaves_all_old(
    strategy: str, rests: Path, monkeypatch: pytest.MonkeyPatch, figures: Figures
) -> None:
    file = write_new_stock(rests, padding=200_000)
    for number in count(1):
        reset_shop()
        with failing_read(number, monkeypatch) as reads:
            error = load_with(pass_on, file, strategy)
        assert is_otherwise_untouched(), number
        if error is None:
            break
        assert str(error) == f"{file}: cannot be read: Input/output error."
        assert (stock(), statuses(), last_message()) == (OLD, ["failed"], str(error))
    assert (stock(), statuses()) == (NEW, ["completed"])
    assert reads[0] == number - 1
    figures(f"reads failing, {strategy}, {connection.vendor}", faults=number - 1, survived=number - 1)
    assert number > 8


@contextmanager
def failing_read(number: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Have the operating system fail the `number`-th read; yield how many there were."""
    reads = [0]
    read = os.read

    def failing(descriptor: int, size: int) -> bytes:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return read(descriptor, size)
        reads[0] += 1
        if reads[0] == number:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return read(descriptor, size)

    with monkeypatch.context() as patch:
        patch.setattr(os, "read", failing)
        yield reads


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.postgresql
def test_commit_that_fails_leaves_all_old(strategy: str, new_stock: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'no such stock' USING ERRCODE = '23514'; END $$
            """
        )
        cursor.execute(
            "CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON products_product DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    try:
        with pytest.raises(StockLoadError, match=r"^a constraint .* The database reported: no such stock CONTEXT:"):
            load(new_stock, strategy=strategy)
        assert (stock(), statuses()) == (OLD, ["failed"])
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION refuse CASCADE")
