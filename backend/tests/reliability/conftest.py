"""The shop and the loads of the reliability tests."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from tests.reliability.loads import Loads
from tests.reliability.shop import open_shop, write_new_stock


class Figures(Protocol):
    """Says what was measured."""

    def __call__(self, of: str, /, **figures: object) -> None: ...


@pytest.fixture
def figures() -> Figures:
    """What a test measured goes through here: `pytest -s` shows it."""

    def say(of: str, /, **figures: object) -> None:
        line = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in figures.items())
        sys.stderr.write(f"\n[figures] {of}: {line}\n")

    return say


@pytest.fixture(autouse=True)
def speaks_english(english: None) -> None:
    """Have all tests of this folder speak English."""


@pytest.fixture
def shop(transactional_db: None) -> None:
    """Products with their old quantities."""
    open_shop()


@pytest.fixture
def new_stock(rests: Path) -> str:
    """The path of a file that changes every product."""
    return write_new_stock(rests)


@pytest.fixture(scope="module")
def started_loads() -> Iterator[list[Loads]]:
    """One starter of loads for all tests of a module, once a test asked for it."""
    with ExitStack() as stack:
        started: list[Loads] = []
        yield started
        for one in started:
            stack.enter_context(one)


@pytest.fixture
def loads(started_loads: list[Loads], test_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Loads:
    """What starts loads in processes of their own."""
    if not started_loads:
        started_loads.append(Loads(test_database_url, tmp_path_factory.mktemp("loads")))
    return started_loads[0]
