"""The shop's database as a benchmark sees it: the same state before every round, checked after it."""

from dataclasses import dataclass
from typing import Protocol

from benchmarks.cases import Changed
from benchmarks.stock_files import StockFile

STATE = """
SELECT count(*), count(stock_updated_at), coalesce(sum(stock_quantity), 0),
       (SELECT count(*) FROM products_product p JOIN benchmark_target t ON t.id = p.id
        WHERE p.stock_quantity = t.quantity)
FROM products_product
"""
"""The columns of `State`."""

INSERT_PRODUCTS = """
INSERT INTO products_product (id, onec_id, sku, name, stock_quantity)
SELECT id, onec_id, 'SKU-' || id, 'Product ' || id, quantity FROM benchmark_target ORDER BY id
"""


@dataclass(frozen=True, kw_only=True)
class State:
    """What stands in the table of products."""

    products: int
    stamped: int
    """Products whose stock is said to have changed."""
    pieces: int
    right: int
    """Products with the quantity of the file."""


class WrongResultError(AssertionError):
    """What was measured did not do what it was measured for."""


class Shop(Protocol):
    """A migrated database that no one else uses."""

    name: str
    """`cases.POSTGRESQL`, `cases.SQLITE` or `cases.MARIADB`."""
    url: str
    """For `DATABASE_URL`."""

    def fill(self, stock_file: StockFile) -> None:
        """Have one product for every offer and no other; nothing to do when these are there already."""
        ...

    def reset(self, changed: Changed) -> None:
        """Have exactly these products differ from the file; leave no garbage, no dirty pages and no stamps."""
        ...

    def state(self) -> State:
        """Return what stands in the table of products."""
        ...


def check(shop: Shop, stock_file: StockFile, *, stamped: int) -> None:
    """Check that the shop holds what the file says, and that `stamped` products were written.

    Raises:
        WrongResultError: it does not.
    """
    wanted = State(products=stock_file.offers, stamped=stamped, pieces=stock_file.pieces, right=stock_file.offers)
    if (seen := shop.state()) != wanted:
        raise WrongResultError(f"{shop.name}: expected {wanted}, saw {seen}")
