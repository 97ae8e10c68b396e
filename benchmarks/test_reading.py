"""Reading alone, beside libxml2's bare pass over the same file."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest

from benchmarks.bench import Bench
from benchmarks.cases import Case, Cores, Section
from benchmarks.cores import one_core
from benchmarks.floor import pass_over
from benchmarks.layers import offers_are_read
from benchmarks.parse import parse
from benchmarks.reading import parse_slices, parse_whole

WAYS = {"reading": parse, "slices parsed": parse_slices, "the whole parsed": parse_whole}


@pytest.mark.parametrize("cores", [Cores.ALL, Cores.ONE], ids=["all cores", "one core"])
@pytest.mark.parametrize("subject", WAYS)
def test_reading(bench: Bench, subject: str, cores: Cores) -> None:
    """The file to records, and before every round the tree of the whole file built and freed."""
    stock_file = bench.stock_file()
    figures: dict[str, Any] = {name: [] for name in ("floor_seconds", "floor_cpu_seconds", "cpu_seconds")}

    def timed(read: Callable[[str], int], prefix: str) -> None:
        began, cpu = time.perf_counter(), time.process_time()
        offers_are_read(read, stock_file)
        figures[f"{prefix}cpu_seconds"].append(time.process_time() - cpu)
        if prefix:
            figures[f"{prefix}seconds"].append(time.perf_counter() - began)

    with one_core() if cores is Cores.ONE else nullcontext():
        bench.measure(
            Case(section=Section.READING, subject=subject, offers=stock_file.offers, cores=cores),
            lambda: timed(WAYS[subject], ""),
            setup=lambda: timed(pass_over, "floor_"),
            figures=figures,
        )
