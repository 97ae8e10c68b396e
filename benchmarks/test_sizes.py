"""Batch and chunk sizes, from which the defaults of the command are taken."""

import pytest
from django.db import transaction

from benchmarks.bench import FEW_ROUNDS, Bench
from benchmarks.cases import BULK_UPDATE, POSTGRESQL, SQLITE, Case, Changed, Section
from benchmarks.layers import Matching
from benchmarks.loads import reset_and_connect
from benchmarks.shops import check

SIZES = (100, 1000, 5000, 20_000, 100_000)
each_size = pytest.mark.parametrize("size", SIZES)
each_database = pytest.mark.parametrize("database", [POSTGRESQL, SQLITE])


def size_case(bench: Bench, section: Section, database: str, size: int) -> Case:
    """Return the case of one size."""
    return Case(
        section=section,
        subject=BULK_UPDATE,
        offers=bench.plan.offers,
        database=database,
        changed=Changed.ALL.value,
        size=size,
    )


@each_size
@each_database
def test_batch_size(bench: Bench, database: str, size: int) -> None:
    """Writing by the number of rows that one UPDATE carries."""
    stock_file = bench.stock_file()
    shop = bench.shop(database, stock_file)
    matching = Matching(stock_file, BULK_UPDATE, batch_size=size)

    def setup() -> None:
        reset_and_connect(shop, Changed.ALL)
        matching.run()

    def write() -> None:
        with transaction.atomic():
            written = matching.strategy.write(matching.findings)
        assert written.updated == stock_file.offers

    def teardown() -> None:
        matching.close()
        check(shop, stock_file, stamped=stock_file.offers)

    bench.measure(
        size_case(bench, Section.BATCH_SIZES, database, size),
        write,
        setup=setup,
        teardown=teardown,
        rounds=bench.plan.rounds_of(stock_file.offers, most=FEW_ROUNDS),
    )


@each_size
@each_database
def test_chunk_size(bench: Bench, database: str, size: int) -> None:
    """Matching by the number of offers that one query looks up."""
    stock_file = bench.stock_file()
    shop = bench.shop(database, stock_file)
    matching = Matching(stock_file, BULK_UPDATE, chunk_size=size)
    bench.measure(
        size_case(bench, Section.CHUNK_SIZES, database, size),
        matching.run,
        setup=lambda: reset_and_connect(shop, Changed.ALL),
        teardown=lambda: matching.check(stock_file.offers),
        rounds=bench.plan.rounds_of(stock_file.offers, most=FEW_ROUNDS),
    )
