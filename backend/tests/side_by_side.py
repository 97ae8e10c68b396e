"""Tests in several processes at once (`pytest -n 2`): what their processes are told, and who waits for whom."""

import fcntl
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


def told(config: pytest.Config) -> dict[str, Any] | None:
    """What the process that hands out the tests told this one; None where one process runs them all."""
    words: dict[str, Any] | None = getattr(config, "workerinput", None)
    return words


class Turns:
    """Runs a test that is marked `alone` while the other processes run none."""

    def __init__(self, folder: Path) -> None:
        self._gate, self._room = folder / "gate", folder / "room"

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        with self._turn(is_alone=item.get_closest_marker("alone") is not None):
            return (yield)

    @contextmanager
    def _turn(self, *, is_alone: bool) -> Iterator[None]:
        """Be in the room, alone or with others; who waits to be alone stands in the gate, so that none comes in."""
        with self._room.open("w") as room:
            with self._gate.open("w") as gate:
                fcntl.flock(gate, fcntl.LOCK_EX)
                fcntl.flock(room, fcntl.LOCK_EX if is_alone else fcntl.LOCK_SH)
            yield
