# ruff: noqa: PLC0415  # Django is ready after setup() only
"""Processes that load, order and read at once: `python -m tests.reliability.workers ROLE SECONDS SEED [OPTION]`.

Each says `ready`, waits for a line, works for its time, and prints what it did and saw as one JSON object. On a machine
that is busy with others it works on until it has done what a slow one does in that time.
"""

import json
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

from stock_loader.database.postgresql import sqlstate
from tests.patience import PATIENCE_SECONDS

LINES_PER_ORDER = 8
LEAST_LOADS_PER_SECOND = {"postgresql": 0.8, "sqlite": 0, "mysql": 0}
LEAST_LOADS = 2
LEAST_ORDERS_PER_SECOND = 3
LEAST_READS = 3
"""Of one loader, one customer, and the reader, whose reads count when they see another load than the one before."""

MAX_QUANTITY = 2**31 - 1
"""Of the products' column."""

PAUSE_SECONDS = 0.005
"""Between two orders of a customer: SQLite lets those who wait for its one writer in by chance."""


class Refusals:
    """Notes what the database refuses, also what is tried again afterwards."""

    def __init__(self, *, is_unordered: bool) -> None:
        self.codes: list[str] = []
        self._is_unordered = is_unordered

    def __call__(self, execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        """Execute; for a loader without ordered locks, lock the rows in any order."""
        from django.db import Error

        if self._is_unordered:
            sql = re.sub(r"ORDER BY [^()]+? FOR NO KEY UPDATE", "ORDER BY random() FOR NO KEY UPDATE", sql)
            sql = sql.replace("set_config('enable_nestloop'", "set_config('enable_mergejoin'")
            if re.match(r"\s*(WITH written AS \(\s*)?UPDATE", sql):
                changes = r"(?<=\bFROM )((?:pg_temp\.)?stock_change) c\b"
                sql = re.sub(changes, r"(SELECT * FROM \1 ORDER BY random() OFFSET 0) c", sql)
        try:
            return execute(sql, *arguments)
        except Error as error:
            self.codes.append(sqlstate(error) or str(error))
            raise


def be_loader(until: float, seed: int, option: str) -> dict[str, Any]:
    """Load, every time another number of the own ones."""
    from django.db import connection

    from apps.products.models import Product
    from stock_loader.errors import StockLoadError
    from stock_loader.load.loader import load_stocks
    from stock_loader.load.options import LoadOptions
    from tests.documents import offer, rests
    from tests.reliability.history import EPOCH

    ids = list(Product.objects.order_by("pk").values_list("onec_id", flat=True))
    failed = []
    number = seed
    per_second = LEAST_LOADS_PER_SECOND[connection.vendor]
    least = seed + 10 * max(LEAST_LOADS, per_second * (until - time.monotonic()))
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < until or number < least:
            if number * EPOCH > MAX_QUANTITY:
                raise OverflowError(f"load {number}: its quantities would be invalid, and nothing would be written")
            file = Path(folder) / f"load {number}.xml"
            file.write_text(rests(*(offer(str(key), number * EPOCH) for key in ids)), encoding="utf-8")
            options = LoadOptions(file=str(file), strategy=option, batch_size=100, chunk_size=100, wait_seconds=60)
            try:
                load_stocks(options)
            except StockLoadError as error:
                failed.append(str(error))
            file.unlink()
            number += 10
    return {"failed": failed}


def be_customer(until: float, seed: int, option: str) -> dict[str, Any]:
    """Order several products at a time, in the order of their keys or in any other."""
    from django.db import Error, connection, transaction
    from django.db.models import F

    from apps.products.models import Product

    dice = random.Random(seed)
    keys = list(Product.objects.order_by("pk").values_list("pk", flat=True))
    orders = 0
    least = LEAST_ORDERS_PER_SECOND * (until - time.monotonic())
    while time.monotonic() < until or orders < least:
        basket = dice.sample(keys, LINES_PER_ORDER)
        if option == "sorted":
            basket.sort()
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                for key in basket:
                    product = Product.objects.filter(pk=key)
                    product.update(stock_quantity=F("stock_quantity") - 1)
                    left = product.values_list("stock_quantity", flat=True).get()
                    cursor.execute("INSERT INTO order_line (product_id, left_quantity) VALUES (%s, %s)", [key, left])
        except Error:
            continue
        orders += 1
        time.sleep(PAUSE_SECONDS)
    return {"orders": orders}


def be_reader(until: float, seed: int, option: str) -> dict[str, Any]:
    """Read the whole stock with one statement, again and again."""
    from apps.products.models import Product
    from tests.reliability.history import load_of

    reads: list[list[int]] = []
    count = 0
    while (now := time.monotonic()) < until or (len(reads) < LEAST_READS and now < until + PATIENCE_SECONDS):
        seen = sorted({load_of(quantity) for quantity in Product.objects.values_list("stock_quantity", flat=True)})
        count += 1
        if not reads or reads[-1] != seen:
            reads.append(seen)
    return {"reads": reads, "count": count}


ROLES = {"loader": be_loader, "customer": be_customer, "reader": be_reader}


def main(role: str, seconds: str, seed: str, option: str, lock_order: str) -> None:
    """Work for `seconds`."""
    django.setup()
    from django.db import connection

    refusals = Refusals(is_unordered=role == "loader" and lock_order == "unordered")
    connection.execute_wrappers.append(refusals)
    connection.ensure_connection()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    report = ROLES[role](time.monotonic() + float(seconds), int(seed), option)
    json.dump(report | {"errors": refusals.codes}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
