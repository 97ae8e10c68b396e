"""Whole loads: the command as a process, beside the floor, and the same within one process."""

from benchmarks.bench import FEW_ROUNDS, Bench
from benchmarks.cases import Case, Changed, Section
from benchmarks.loads import load_command, measure_in_process, measure_process
from benchmarks.parameters import each_change, each_route


@each_change
@each_route
def test_process(bench: Bench, database: str, strategy: str, changed: Changed) -> None:
    """`manage.py load_product_stocks`, from its start to its end."""
    case = Case(
        section=Section.PROCESS,
        subject=strategy,
        offers=bench.plan.offers,
        database=database,
        changed=changed.value,
    )
    measure_process(bench, case, load_command(bench.stock_file(), strategy))


@each_route
def test_no_journal(bench: Bench, database: str, strategy: str) -> None:
    """The command without its journal, every product changed."""
    case = Case(
        section=Section.NO_JOURNAL,
        subject=strategy,
        offers=bench.plan.offers,
        database=database,
        changed=Changed.ALL.value,
    )
    measure_process(bench, case, [*load_command(bench.stock_file(), strategy), "--no-journal"])


@each_change
@each_route
def test_in_process(bench: Bench, database: str, strategy: str, changed: Changed) -> None:
    """`load_stocks` in a process that has been started already."""
    case = Case(
        section=Section.IN_PROCESS,
        subject=strategy,
        offers=bench.plan.offers,
        database=database,
        changed=changed.value,
    )
    measure_in_process(bench, case)


@each_route
def test_scale(bench: Bench, database: str, strategy: str, other_offers: int) -> None:
    """The whole command with other numbers of offers than the usual one, every product changed."""
    case = Case(
        section=Section.SCALE,
        subject=strategy,
        offers=other_offers,
        database=database,
        changed=Changed.ALL.value,
    )
    command = load_command(bench.stock_file(offers=other_offers), strategy)
    measure_process(bench, case, command, rounds=bench.plan.rounds_of(other_offers, most=FEW_ROUNDS))
