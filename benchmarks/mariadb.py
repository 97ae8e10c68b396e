"""Loads into MariaDB beside those into SQLite: `python -m benchmarks.mariadb [rounds [offers]]`.

Whole processes by turns, so that what slows one slows the others: `bulk_update` on SQLite, `copy` and `bulk_update` on
MariaDB, and Django's own bulk_update there, which is run once. Printed are medians in seconds and as multiples of
SQLite's. The server is embedded and writes to the disk at every commit; MySQLdb must be importable (`make test-mariadb`
puts it into var/mysqlclient).
"""

import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks import processes
from benchmarks.cases import BULK_UPDATE, COPY, Changed
from benchmarks.mysql_shop import mysql_shop
from benchmarks.shops import Shop, check
from benchmarks.sqlite_shop import SqliteShop
from benchmarks.stock_files import StockFile, StockFiles

DEFAULT_ROUNDS = 7
DEFAULT_OFFERS = 100_000
DJANGO = "Django's bulk_update"


def seconds(shop: Shop, stock_file: StockFile, way: str, changed: Changed) -> float:
    """Return how long one load took.

    Raises:
        WrongResultError: it did not do what it should.
    """
    peer = [sys.executable, "-m", "benchmarks.peers", "django_bulk_update", str(stock_file.path)]
    load = [*processes.LOAD, "--file", str(stock_file.path), "--strategy", way, "--json"]
    shop.reset(changed)
    began = perf_counter()
    processes.run(peer if way == DJANGO else load, url=shop.url)
    took = perf_counter() - began
    check(shop, stock_file, stamped=changed.rows(stock_file.offers))
    return took


def measure(sqlite: Shop, mariadb: Shop, stock_file: StockFile, changed: Changed, *, rounds: int) -> list[str]:
    """Return a line for each way."""
    base = (sqlite, BULK_UPDATE)
    ways = [base, (mariadb, COPY), (mariadb, BULK_UPDATE)]
    took: dict[tuple[Shop, str], list[float]] = defaultdict(list)
    for number in range(rounds):
        for shop, way in [*ways, *([(mariadb, DJANGO)] if changed is Changed.ALL and not number else [])]:
            took[shop, way].append(seconds(shop, stock_file, way, changed))
    medians = {way: median(each) for way, each in took.items()}
    return [
        f"changed: {changed}: {shop.name}, {way}: {one:.2f} s, {one / medians[base]:.2f} times SQLite"
        for (shop, way), one in medians.items()
    ]


def main(rounds: str = str(DEFAULT_ROUNDS), offers: str = str(DEFAULT_OFFERS)) -> None:
    """Print the lines."""
    with tempfile.TemporaryDirectory(prefix="mariadb-") as name, mysql_shop(Path(name) / "mariadb") as mariadb:
        stock_file = StockFiles(Path(name)).get(int(offers))
        sqlite = SqliteShop(Path(name))
        for shop in (sqlite, mariadb):
            shop.fill(stock_file)
        sys.stdout.write(f"MariaDB {mariadb.version}, {stock_file.offers:,} offers, rounds: {rounds}\n")
        for changed in Changed:
            for line in measure(sqlite, mariadb, stock_file, changed, rounds=int(rounds)):
                sys.stdout.write(f"{line}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
