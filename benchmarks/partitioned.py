"""Loads into a partitioned table beside a plain one.

    PYTHONPATH=backend python -m benchmarks.partitioned [rounds [offers]]

Whole processes by turns, so that what slows one slows the others, into two embedded PostgreSQL servers.
Printed are medians in seconds, and what the partitioned one takes as multiples of the plain one.
"""

import sys
import tempfile
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from statistics import median
from time import perf_counter

import psycopg2

from benchmarks import processes
from benchmarks.cases import BULK_UPDATE, COPY, Changed
from benchmarks.postgres_shop import postgres_shop
from benchmarks.shops import Shop, check
from benchmarks.stock_files import StockFile, StockFiles
from embedded_postgres import embedded_postgres

DEFAULT_ROUNDS = 7
DEFAULT_OFFERS = 100_000
PARTITIONS = 8

PARTITION = """
ALTER TABLE products_product RENAME TO whole_product;
CREATE TABLE products_product (LIKE whole_product INCLUDING DEFAULTS) PARTITION BY HASH (id);
ALTER TABLE products_product ADD PRIMARY KEY (id);
CREATE INDEX part_onec_id ON products_product (onec_id);
CREATE INDEX part_sku ON products_product (sku);
"""
PART = """
CREATE TABLE part_{} PARTITION OF products_product FOR VALUES WITH (MODULUS {}, REMAINDER {})
WITH (fillfactor = 50, autovacuum_enabled = false)
"""


def partition(shop: Shop) -> None:
    """Have the shop's products in a table that is partitioned by the hash of their keys."""
    with closing(psycopg2.connect(shop.url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(PARTITION)
        for number in range(PARTITIONS):
            cursor.execute(PART.format(number, PARTITIONS, number))


def seconds(shop: Shop, stock_file: StockFile, strategy: str, changed: Changed) -> float:
    """Return how long one load took.

    Raises:
        WrongResultError: it did not do what it should.
    """
    shop.reset(changed)
    load = [*processes.LOAD, "--file", str(stock_file.path), "--strategy", strategy, "--json"]
    began = perf_counter()
    processes.run(load, url=shop.url)
    took = perf_counter() - began
    check(shop, stock_file, stamped=changed.rows(stock_file.offers))
    return took


def measure(plain: Shop, partitioned: Shop, stock_file: StockFile, changed: Changed, *, rounds: int) -> list[str]:
    """Return a line for each strategy."""
    took: dict[tuple[str, Shop], list[float]] = defaultdict(list)
    for _ in range(rounds):
        for strategy in (COPY, BULK_UPDATE):
            for shop in (plain, partitioned):
                took[strategy, shop].append(seconds(shop, stock_file, strategy, changed))
    lines = []
    for strategy in (COPY, BULK_UPDATE):
        one, other = (median(took[strategy, shop]) for shop in (plain, partitioned))
        lines.append(f"changed: {changed}: {strategy}: {one:.2f} s, partitioned {other:.2f} s, {other / one:.2f} times")
    return lines


def main(rounds: str = str(DEFAULT_ROUNDS), offers: str = str(DEFAULT_OFFERS)) -> None:
    """Print the lines."""
    with (
        tempfile.TemporaryDirectory(prefix="partitioned-") as name,
        embedded_postgres(Path(name) / "plain") as plain_url,
        embedded_postgres(Path(name) / "partitioned") as partitioned_url,
        postgres_shop(plain_url) as plain,
        postgres_shop(partitioned_url) as partitioned,
    ):
        stock_file = StockFiles(Path(name)).get(int(offers))
        partition(partitioned)
        for shop in (plain, partitioned):
            shop.fill(stock_file)
        head = f"PostgreSQL {plain.version}, {PARTITIONS} partitions, {stock_file.offers:,} offers, rounds: {rounds}\n"
        sys.stdout.write(head)
        for changed in Changed:
            for line in measure(plain, partitioned, stock_file, changed, rounds=int(rounds)):
                sys.stdout.write(f"{line}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
