"""What reading a file costs beside libxml2's bare pass over it: `python -m benchmarks.reading rests.xml [rounds]`.

Reads by turns, so that what else the machine does hits all alike, and prints medians of wall and CPU time. `parsed` is
how slices are read that fit no template, `whole` how what is no UTF-8 is read. On one core: `taskset -c 0 python …`.
"""

import sys
import time
from collections.abc import Callable
from statistics import median
from typing import NamedTuple
from unittest.mock import patch

from benchmarks.floor import pass_over
from benchmarks.parse import parse
from stock_loader.commerceml.documents import slices
from stock_loader.commerceml.documents.templated import TemplatedReader

DEFAULT_ROUNDS = 7


class Cost(NamedTuple):
    """Seconds of one reading."""

    wall: float
    cpu: float


def parse_slices(path: str) -> int:
    """Parse all slices, none by its template; return the number of offers."""
    with patch.object(TemplatedReader, "read", return_value=None):
        return parse(path)


def parse_whole(path: str) -> int:
    """Parse the file as it grows; return the number of offers."""
    with patch.object(slices, "_is_declared", return_value=False):
        return parse(path)


WAYS: dict[str, Callable[[str], int]] = {
    "bare": pass_over,
    "load": parse,
    "parsed": parse_slices,
    "whole": parse_whole,
}


def measure(path: str, *, rounds: int = DEFAULT_ROUNDS) -> dict[str, Cost]:
    """Return the medians of each way.

    Raises:
        ValueError: the ways do not see the same number of offers.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in WAYS}
    offers = set()
    for _ in range(rounds):
        for name, read in WAYS.items():
            began, cpu = time.perf_counter(), time.process_time()
            offers.add(read(path))
            costs[name].append(Cost(time.perf_counter() - began, time.process_time() - cpu))
    if len(offers) != 1:
        raise ValueError(f"the ways saw different numbers of offers: {sorted(offers)}")
    return {name: Cost(*map(median, zip(*found, strict=True))) for name, found in costs.items()}


def main(path: str, rounds: str = str(DEFAULT_ROUNDS)) -> None:
    """Print a line a way: wall and CPU time, and their ratios to the bare pass."""
    costs = measure(path, rounds=int(rounds))
    bare = costs["bare"]
    for name, cost in costs.items():
        wall, cpu = cost.wall / bare.wall, cost.cpu / bare.cpu
        sys.stdout.write(f"{name:7} {cost.wall:6.2f} s {wall:5.2f}   CPU {cost.cpu:6.2f} s {cpu:5.2f}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
