"""What a measured process has of the machine: all cores, one, or one with all others busy."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this thread, and what it starts, on one core."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


class BusyCores:
    """Processes that do nothing but compute, one for every core but one; on one core, one."""

    def __init__(self) -> None:
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start them."""
        count = max(1, len(os.sched_getaffinity(0)) - 1)
        command = [sys.executable, "-I", "-S", "-c", "while True: pass"]
        self._processes = [subprocess.Popen(command) for _ in range(count)]  # noqa: S603  # a constant

    def stop(self) -> None:
        """End them."""
        for process in self._processes:
            process.kill()
            process.wait()
        self._processes = []
