"""The floor by itself, also with as little to update as a load may have."""

from benchmarks.bench import Bench
from benchmarks.cases import POSTGRESQL, Case, Changed, Section
from benchmarks.loads import run_floor
from benchmarks.parameters import each_change


@each_change
def test_floor(bench: Bench, changed: Changed) -> None:
    """The floor as a process."""
    stock_file = bench.stock_file()
    bench.postgres.fill(stock_file)
    case = Case(
        section=Section.FLOOR,
        subject="floor",
        offers=stock_file.offers,
        database=POSTGRESQL,
        changed=changed.value,
    )
    bench.measure(
        case,
        lambda: run_floor(bench.postgres, stock_file, changed),
        setup=lambda: bench.postgres.reset_floor(changed),
        teardown=bench.postgres.check_floor,
    )
