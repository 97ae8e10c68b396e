"""The shop on SQLite."""

import csv
import sqlite3
from contextlib import closing
from pathlib import Path
from shutil import copyfile

from benchmarks import processes
from benchmarks.cases import SQLITE, Changed
from benchmarks.shops import INSERT_PRODUCTS, STATE, State
from benchmarks.stock_files import StockFile

TARGET = "CREATE TABLE benchmark_target (id INTEGER PRIMARY KEY, onec_id TEXT NOT NULL, quantity INTEGER NOT NULL)"

SET_APART = """
UPDATE products_product SET stock_updated_at = NULL,
    stock_quantity = stock_quantity + CASE WHEN {condition} THEN 1 ELSE 0 END
"""


class SqliteShop:
    """A `Shop`; see there. Every reset begins with a copy of the file as it was when it had been filled."""

    name = SQLITE

    def __init__(self, folder: Path) -> None:
        self._path = folder / "shop.sqlite3"
        self._filled = folder / "filled.sqlite3"
        self._stock_file: StockFile | None = None
        self.url = f"sqlite:///{self._path}"

    def fill(self, stock_file: StockFile) -> None:
        """Make the file with the products of the stock file, in its order."""
        if stock_file == self._stock_file:
            return
        self._remove()
        processes.run(processes.MIGRATE, url=self.url)
        with closing(self._connected()) as connection, stock_file.quantities.open() as lines:
            connection.execute(TARGET)
            rows = csv.reader(lines, delimiter="\t")
            connection.executemany("INSERT INTO benchmark_target (onec_id, quantity) VALUES (?, ?)", rows)
            connection.execute(INSERT_PRODUCTS)
            connection.commit()
            connection.execute("ANALYZE")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        copyfile(self._path, self._filled)
        self._stock_file = stock_file

    def reset(self, changed: Changed) -> None:
        """Take a fresh copy and set the products apart; no connection may be open."""
        self._remove()
        copyfile(self._filled, self._path)
        with closing(self._connected()) as connection:
            connection.execute(SET_APART.format(condition=changed.condition("id")))
            connection.commit()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def state(self) -> State:
        """Return what stands in the table of products."""
        with closing(self._connected()) as connection:
            products, stamped, pieces, right = connection.execute(STATE).fetchone()
        return State(products=products, stamped=stamped, pieces=pieces, right=right)

    def _connected(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path)

    def _remove(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
