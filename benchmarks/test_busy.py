"""Whole loads while the other cores are busy, as on a shop's server at work.

Each as it is, and as it was before files were read by templates.
"""

import sys

import pytest

from benchmarks.bench import FEW_ROUNDS, Bench
from benchmarks.cases import Case, Changed, Cores, Section
from benchmarks.loads import load_command, measure_process
from benchmarks.parameters import each_route

PARSED = ", slices parsed"
"""Behind the strategy's name: how files were read before."""


@pytest.mark.parametrize("cores", [Cores.ALL, Cores.OTHERS_BUSY], ids=["idle", "busy"])
@pytest.mark.parametrize("reading", ["", PARSED], ids=["template", "parsed"])
@each_route
def test_busy(bench: Bench, database: str, strategy: str, reading: str, cores: Cores) -> None:
    """The command where nothing differs, as most loads of a shop are."""
    case = Case(
        section=Section.BUSY,
        subject=strategy + reading,
        offers=bench.plan.offers,
        database=database,
        changed=Changed.NONE.value,
        cores=cores,
    )
    command = load_command(bench.stock_file(), strategy)
    if reading:
        command[:2] = [sys.executable, "-m", "benchmarks.parsed_load"]
    measure_process(bench, case, command, rounds=bench.plan.rounds_of(case.offers, most=FEW_ROUNDS))
