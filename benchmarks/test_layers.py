"""Where the time of a load goes, a layer at a time."""

import pytest
from django.db import transaction

from benchmarks import processes
from benchmarks.bench import FEW_ROUNDS, Bench
from benchmarks.cases import Case, Changed, Section
from benchmarks.floor import pass_over
from benchmarks.layers import Matching, offers_are_read
from benchmarks.loads import reset_and_connect
from benchmarks.parameters import each_route
from benchmarks.parse import parse
from benchmarks.shops import check

each_width = pytest.mark.parametrize("warehouses", [3, 1])


def layer_case(bench: Bench, subject: str, *, database: str = "", changed: str = "", warehouses: int = 3) -> Case:
    """Return the case of a layer."""
    return Case(
        section=Section.LAYERS,
        subject=subject,
        offers=bench.plan.offers,
        warehouses=warehouses,
        database=database,
        changed=changed,
    )


def test_start(bench: Bench) -> None:
    """Django and everything that a load imports; a process."""
    bench.measure(layer_case(bench, "start", warehouses=0), lambda: processes.run(processes.IDLE))


@each_width
def test_libxml2_pass(bench: Bench, warehouses: int) -> None:
    """The tree of the whole file built and freed, nothing read."""
    stock_file = bench.stock_file(warehouses=warehouses)
    case = layer_case(bench, "libxml2 pass", warehouses=warehouses)
    bench.measure(case, lambda: offers_are_read(pass_over, stock_file))


@each_width
def test_parsing(bench: Bench, warehouses: int) -> None:
    """The file to records."""
    stock_file = bench.stock_file(warehouses=warehouses)
    case = layer_case(bench, "parsing", warehouses=warehouses)
    bench.measure(case, lambda: offers_are_read(parse, stock_file))


@each_route
def test_matching(bench: Bench, database: str, strategy: str) -> None:
    """Records to what differs: a strategy's `read`, on records that were parsed beforehand."""
    stock_file = bench.stock_file()
    shop = bench.shop(database, stock_file)
    matching = Matching(stock_file, strategy)
    bench.measure(
        layer_case(bench, f"{strategy}: matching", database=database, changed=Changed.ALL.value),
        matching.run,
        setup=lambda: reset_and_connect(shop, Changed.ALL),
        teardown=lambda: matching.check(stock_file.offers),
        rounds=bench.plan.rounds_of(stock_file.offers, most=FEW_ROUNDS),
    )


@pytest.mark.parametrize("changed", [Changed.ALL, Changed.SOME], ids=["all", "some"])
@each_route
def test_writing(bench: Bench, database: str, strategy: str, changed: Changed) -> None:
    """What differs to rows: a strategy's `write` and its commit."""
    stock_file = bench.stock_file()
    shop = bench.shop(database, stock_file)
    rows = changed.rows(stock_file.offers)
    matching = Matching(stock_file, strategy)

    def setup() -> None:
        reset_and_connect(shop, changed)
        matching.run()

    def write() -> None:
        with transaction.atomic():
            written = matching.strategy.write(matching.findings)
        assert written.updated == rows

    def teardown() -> None:
        matching.close()
        check(shop, stock_file, stamped=rows)

    bench.measure(
        layer_case(bench, f"{strategy}: writing", database=database, changed=changed.value),
        write,
        setup=setup,
        teardown=teardown,
        rounds=bench.plan.rounds_of(stock_file.offers, most=FEW_ROUNDS),
    )
