"""Runs the statements of `copy` with the names of the shop's table and columns."""

from collections.abc import Generator, Sequence
from typing import Any

from django.db.backends.utils import CursorWrapper

from stock_loader.database.choice import dialect_of
from stock_loader.database.mapping import ShopMapping
from stock_loader.strategies import MatchRules
from stock_loader.strategies.copy import settling, statements
from stock_loader.strategies.copy.names import Names
from stock_loader.strategies.copy.steps import Settling, Statements


class Runner:
    """Fills the names and rules into the statements of PostgreSQL and sends them."""

    sql: Statements = statements
    settling: Settling = settling

    def __init__(self, mapping: ShopMapping, rules: MatchRules) -> None:
        self.connection = mapping.connection
        self._table: str = mapping.model._meta.db_table
        self.naming = self.names_of(mapping)
        self.stored_parameters = self.naming.stored_parameters
        self.names = self.naming.values | _choices(rules)

    def names_of(self, mapping: ShopMapping) -> Names:
        """Return what the statements call the shop's table and columns."""
        return Names(mapping)

    def expect(self, cursor: CursorWrapper, offers: int) -> None:
        """Make ready for so many offers, which are in their table."""

    def execute(self, cursor: CursorWrapper, step: str, parameters: Sequence[Any] = (), **names: str) -> int:
        """Carry out a step, return its count; `parameters` come after those of `{stored}`, `names` go with the others.

        A step goes as one text, whatever the number of its statements.
        """
        parameters = [*self.stored_parameters * step.count("{stored}"), *parameters]
        cursor.execute(step.format(**self.names, **names), parameters or None)
        return int(cursor.rowcount)

    def row(self, cursor: CursorWrapper, step: str, parameters: Sequence[Any] = (), **names: str) -> Any:
        """Carry out a step, return the row that it gives."""
        self.execute(cursor, step, parameters, **names)
        return cursor.fetchone()

    def first(self, cursor: CursorWrapper, step: str, parameters: Sequence[Any] = (), *, limit: int) -> list[Any]:
        """Return the first rows of a listing."""
        self.execute(cursor, f"{step} LIMIT {limit}", parameters)
        return list(cursor.fetchall())

    def lock(self, cursor: CursorWrapper) -> Any:
        """Lock the rows to change in the order of their keys; return the counts of `LOCK`."""
        if not self.is_distributed():
            return self.row(cursor, self.sql.LOCK)
        self.execute(cursor, statements.LOCK_BY_UPDATE)
        return self.row(cursor, statements.COMPARE_LOCKED)

    def is_distributed(self) -> bool:
        """Tell whether the shop's table lies on several servers; these lock rows by an UPDATE only. Two queries."""
        return dialect_of(self.connection).is_distributed(self._table)

    def rows(self, step: str, parameters: Sequence[Any] = ()) -> Generator[Any]:
        """Yield the rows of a listing, a few thousand from the server at a time."""
        with self.connection.chunked_cursor() as cursor:
            self.execute(cursor, step, parameters)
            yield from cursor

    def of_products(self, step: str) -> Generator[Any]:
        """Yield the rows of a listing that begin with a primary key, as Django has it."""
        return self.rows(step)


def _choices(rules: MatchRules) -> dict[str, str]:
    """Return the rules that statements ask for, as SQL says them."""
    chosen = {"sums": rules.sums_variants, "own_is_total": rules.own_is_total, "takes_any": rules.sku_takes_any}
    return {name: str(value).lower() for name, value in chosen.items()}
