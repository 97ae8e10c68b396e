"""Runs the statements of `copy` on MariaDB and MySQL."""

import re
from collections.abc import Generator, Sequence
from typing import Any

from django.db.backends.utils import CursorWrapper

from stock_loader.database.mapping import ShopMapping
from stock_loader.database.paths import walk
from stock_loader.strategies import MatchRules
from stock_loader.strategies.copy import mysql_settling, mysql_statements
from stock_loader.strategies.copy.mysql_names import MySQLNames
from stock_loader.strategies.copy.names import Names
from stock_loader.strategies.copy.runner import Runner
from stock_loader.strategies.copy.steps import Settling, Statements

STORED = re.compile(r"\{(?:stored|by_onec_id|by_product_id|by_sku)\}")
"""Where the rows that count stand, with their parameters."""

MANY = 0.5
"""Offers for each product, from which on a look at all products is cheaper than at each by the index."""

PAGE_ROWS = 5000
"""Of a listing. The client library reads an answer whole, and one that it reads row by row keeps the connection busy,
which those who look at the rows may need."""


class MySQLRunner(Runner):
    """Sends a step statement by statement, and lists page by page."""

    sql: Statements = mysql_statements
    settling: Settling = mysql_settling

    def __init__(self, mapping: ShopMapping, rules: MatchRules) -> None:
        super().__init__(mapping, rules)
        self._looks_up = mapping.is_plain and mapping.onec_id.is_indexed
        self._table = mapping.model._meta.db_table
        self._has_number_keys = mapping.has_number_keys
        self._key_of = walk(mapping.model, mapping.pk_path)[-1].to_python

    def names_of(self, mapping: ShopMapping) -> Names:
        """Return them as MariaDB writes them."""
        return MySQLNames(mapping)

    def expect(self, cursor: CursorWrapper, offers: int) -> None:
        """Have many offers matched by hashing the few columns of them, and the whole table of products read once.

        100,000 of as many products: 0.4 s of the server's processor time, by the index 0.6 s.
        """
        if not self._looks_up:
            return
        cursor.execute(
            "SELECT table_rows FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = %s",
            [self._table],
        )
        about = cursor.fetchone()
        if about and offers >= MANY * (about[0] or 0):
            self.names["hashed_by_onec_id"] = self.names["hashed"]

    def execute(self, cursor: CursorWrapper, step: str, parameters: Sequence[Any] = (), **names: str) -> int:
        """Send the statements of the step; each takes as many of the `parameters` as it has places."""
        left = list(parameters)
        for statement in step.split(";"):
            stored = self.stored_parameters * len(STORED.findall(statement))
            text = statement.format(**self.names, **names)
            own = text.count("%s") - len(stored)
            cursor.execute(text, [*stored, *left[:own]] or None)
            left = left[own:]
        return int(cursor.rowcount)

    def first(self, cursor: CursorWrapper, step: str, parameters: Sequence[Any] = (), *, limit: int) -> list[Any]:
        """Return the first rows of a listing."""
        return self._page(cursor, step, parameters, last=None, limit=limit)

    def rows(self, step: str, parameters: Sequence[Any] = ()) -> Generator[Any]:
        """Yield the rows of a listing, which begin with what they are in the order of."""
        last = None
        while True:
            with self.connection.cursor() as cursor:
                page = self._page(cursor, step, parameters, last=last, limit=PAGE_ROWS)
            yield from page
            if len(page) < PAGE_ROWS:
                return
            last = page[-1][0]

    def of_products(self, step: str) -> Generator[Any]:
        """Yield the rows of a listing that begin with a primary key, as Django has it."""
        if self._has_number_keys:
            yield from self.rows(step)
            return
        for key, *others in self.rows(step):
            yield (self._key_of(key), *others)

    def _page(self, cursor: CursorWrapper, step: str, parameters: Sequence[Any], *, last: Any, limit: int) -> list[Any]:
        self.execute(cursor, f"{step} LIMIT {limit}", [*parameters, last, last])
        return list(cursor.fetchall())
