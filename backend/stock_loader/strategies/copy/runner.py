"""Runs the statements of `copy` with the names of the shop's table and columns."""

from collections.abc import Generator, Sequence
from typing import Any

from django.db.backends.utils import CursorWrapper

from stock_loader.database.mapping import ShopMapping
from stock_loader.strategies import MatchRules
from stock_loader.strategies.copy.names import Names


class Runner:
    """Fills the names and rules into statements and sends them."""

    def __init__(self, mapping: ShopMapping, rules: MatchRules) -> None:
        self._connection = mapping.connection
        names = Names(mapping)
        self._stored_parameters = names.stored_parameters
        self.names = names.values | _choices(rules)

    def execute(self, cursor: CursorWrapper, statement: str, parameters: Sequence[Any] = ()) -> None:
        """Send a statement; `parameters` come after those of `{stored}`."""
        parameters = [*self._stored_parameters * statement.count("{stored}"), *parameters]
        cursor.execute(statement.format(**self.names), parameters or None)

    def row(self, cursor: CursorWrapper, statement: str, parameters: Sequence[Any] = ()) -> Any:
        """Send a statement, return the row that it gives."""
        self.execute(cursor, statement, parameters)
        return cursor.fetchone()

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> Generator[Any]:
        """Yield the rows of a statement from a cursor of the server."""
        with self._connection.chunked_cursor() as cursor:
            self.execute(cursor, statement, parameters)
            yield from cursor


def _choices(rules: MatchRules) -> dict[str, str]:
    """Return the rules that statements ask for, as SQL says them."""
    chosen = {"sums": rules.sums_variants, "own_is_total": rules.own_is_total, "takes_any": rules.sku_takes_any}
    return {name: str(value).lower() for name, value in chosen.items()}
