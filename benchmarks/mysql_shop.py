"""The shop on MariaDB."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from itertools import chain, islice
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from benchmarks import processes
from benchmarks.cases import MARIADB, Changed
from benchmarks.shops import INSERT_PRODUCTS, STATE, State
from benchmarks.stock_files import StockFile
from embedded_mariadb import embedded_mariadb

TARGET = """
CREATE TABLE benchmark_target (
    id BIGINT AUTO_INCREMENT PRIMARY KEY, onec_id VARCHAR(100) NOT NULL, quantity INT NOT NULL
)
"""
ROWS_AT_ONCE = 5000

SET_APART = """
UPDATE products_product p JOIN benchmark_target t ON t.id = p.id
SET p.stock_updated_at = NULL, p.stock_quantity = t.quantity + CASE WHEN {condition} THEN 1 ELSE 0 END
"""


class MySQLShop:
    """A `Shop`; see there."""

    name = MARIADB

    def __init__(self, url: str) -> None:
        self.url = url
        self._connection = _connected(url)
        self._execute("SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',PIPES_AS_CONCAT')")
        self._execute(TARGET)
        self._stock_file: StockFile | None = None

    @property
    def version(self) -> str:
        """The server's version."""
        return str(self._row("SELECT VERSION()")[0])

    def fill(self, stock_file: StockFile) -> None:
        """Fill the table with the products of the file, in its order."""
        if stock_file == self._stock_file:
            return
        self._execute("TRUNCATE benchmark_target")
        with stock_file.quantities.open() as lines:
            rows = csv.reader(lines, delimiter="\t")
            while some := list(islice(rows, ROWS_AT_ONCE)):
                values = ", ".join(["(%s, %s)"] * len(some))
                self._execute(
                    f"INSERT INTO benchmark_target (onec_id, quantity) VALUES {values}", list(chain.from_iterable(some))
                )
        self._execute("TRUNCATE products_product")
        self._execute(INSERT_PRODUCTS)
        self._execute("ANALYZE TABLE products_product")
        self._stock_file = stock_file

    def reset(self, changed: Changed) -> None:
        """Set the products apart; wait until the versions of rows that nobody needs any more are gone."""
        self._execute(SET_APART.format(condition=changed.condition("p.id")))
        self._execute("SET GLOBAL innodb_max_purge_lag_wait = 0")

    def state(self) -> State:
        """Return what stands in the table of products."""
        products, stamped, pieces, right = self._row(STATE)
        return State(products=products, stamped=stamped, pieces=int(pieces), right=right)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _execute(self, sql: str, parameters: list[Any] | None = None) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            cursor.fetchall()

    def _row(self, sql: str) -> Any:
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()


@contextmanager
def mysql_shop(folder: Path) -> Iterator[MySQLShop]:
    """Start a server that writes to the disk at every commit, as a shop's does, and migrate its database."""
    with embedded_mariadb(folder, "--innodb-flush-log-at-trx-commit=1") as url:
        processes.run(processes.MIGRATE, url=url)
        shop = MySQLShop(url)
        try:
            yield shop
        finally:
            shop.close()


def _connected(url: str) -> Any:
    parts = urlsplit(url)
    connection = import_module("MySQLdb").connect(  # there where MariaDB is measured
        unix_socket=unquote(parts.hostname or ""),
        user=parts.username,
        password=parts.password,
        database=parts.path.lstrip("/"),
        charset="utf8mb4",
    )
    connection.autocommit(True)  # noqa: FBT003  # the driver's way
    return connection
