"""What one session changed, a page at a time: the largest changes first, by key, or those of one product."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from heapq import nlargest
from itertools import islice
from typing import Any, NamedTuple

from stock_loader.journal.changes import changes_of, history
from stock_loader.journal.product_history import products_named
from stock_loader.outcome import StockChange
from stock_loader.pages.products import KnownProduct, in_path, name_of, products_by_key

PAGE_SIZE = 50
"""Changes a page."""
MOST_SORTED = 200_000
"""Changes that are read to find the largest; a session with more is listed in the order of the keys."""
MOST_LARGEST = 1000
"""Of the largest changes that are shown, 20 pages; all stand in the files."""
PRODUCTS_AT_ONCE = 1000
"""Whose names are asked for in one query, for a file."""


class ShownChange(NamedTuple):
    """One change with the product's names."""

    key: str
    """The primary key as it stands in an address."""
    name: str
    onec_id: str
    sku: str
    old: int | Decimal | None
    new: int | Decimal | None

    @property
    def difference(self) -> int | Decimal:
        """Return by how much the quantity changed; an unknown one counts as 0."""
        return (self.new or 0) - (self.old or 0)


class ChangePage(NamedTuple):
    """A part of the changes of a session."""

    rows: list[ShownChange]
    has_next: bool


def largest_changes(session: int, page: int) -> ChangePage:
    """Return a page of the largest changes, that of the largest is 1; reads all of them, 1,000 a query."""
    last = min(page * PAGE_SIZE, MOST_LARGEST)
    largest = nlargest(min(last + 1, MOST_LARGEST), changes_of(session), key=_size)
    first = (page - 1) * PAGE_SIZE
    return ChangePage(named(largest[first:last]), len(largest) > last)


def changes_by_key(session: int, page: int) -> ChangePage:
    """Return a page of the changes in the order of the keys; at most three queries."""
    found = list(islice(changes_of(session, start=(page - 1) * PAGE_SIZE), PAGE_SIZE + 1))
    return ChangePage(named(found[:PAGE_SIZE]), len(found) > PAGE_SIZE)


def changes_of_named(session: int, text: str) -> ChangePage:
    """Return the changes of the products that `text` names: by onec_id, sku or key, at most 20."""
    found = []
    for product in products_named(text):
        steps = history(product.key, limit=1, before=session + 1, sessions=1).changes
        found += [StockChange(product.key, step.old, step.new) for step in steps if step.session == session]
    return ChangePage(named(found), has_next=False)


def all_changes(session: int) -> Iterator[tuple[StockChange, KnownProduct | None]]:
    """Yield all changes with their products, if there still are; two queries for each 1,000."""
    changes = changes_of(session)
    while some := list(islice(changes, PRODUCTS_AT_ONCE)):
        known = products_by_key([change.product for change in some])
        yield from ((change, known.get(change.product)) for change in some)


def named(changes: Iterable[StockChange]) -> list[ShownChange]:
    """Return the changes with the names of their products; one query."""
    some = list(changes)
    known = products_by_key([change.product for change in some])
    return [_shown(change, known.get(change.product)) for change in some]


def _shown(change: StockChange, known: KnownProduct | None) -> ShownChange:
    product = known.product if known else None
    return ShownChange(
        key=in_path(change.product),
        name=name_of(change.product, known),
        onec_id=product.onec_id if product else "",
        sku=product.sku if product else "",
        old=change.old,
        new=change.new,
    )


def _size(change: StockChange) -> Any:
    return abs((change.new or 0) - (change.old or 0))
