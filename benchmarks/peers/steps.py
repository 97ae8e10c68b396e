"""How long the steps of a peer take."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

READING = "reading"
MATCHING = "matching"
WRITING = "writing"


class Steps:
    """Seconds by step."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def time(self, step: str) -> Iterator[None]:
        """Add the time of the block to `step`."""
        began = perf_counter()
        yield
        self.seconds[step] += perf_counter() - began
