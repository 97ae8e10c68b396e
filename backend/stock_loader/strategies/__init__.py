"""How records become rows: two ways with the same outcome.

Both take three steps, and what stands between them sees the same things: `read` matches the records and finds what
differs, somebody decides by the counts, `write` locks, compares again and updates.
"""

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Protocol

from stock_loader.commerceml.records import StockRecord
from stock_loader.outcome import Findings, ListedOffer, ProductChange, Written

OpenRecords = Callable[[], Iterable[StockRecord]]
"""Begins to read the records from the first; a strategy may call it more than once."""


@dataclass(frozen=True, kw_only=True)
class MatchRules:
    """What an offer means for products beyond its own; both off is the rule."""

    sums_variants: bool = False
    """A variant (`product#variant`) of which no product has the id is a part of the quantity of the product before the
    `#`, where there is one; it goes before a match by sku. The parts are summed. They stand for the product's own
    offer, which is superseded whatever it says: a total and its parts are never added. One invalid part makes all parts
    of its product invalid, and so does a sum that is too large. A part without stock data adds nothing."""
    zeroes_missing: bool = False
    """A product with an onec_id that no offer names gets quantity 0. An offer names the product that it leads to, also
    when it is invalid or has no stock data; a repeated one names only what the last of them does. Where there is no
    offer at all, none is missing."""


ONE_OFFER_ONE_PRODUCT = MatchRules()


class Strategy(Protocol):
    """One load's way to the database; made for one load, not shared."""

    def read(self, open_records: OpenRecords) -> Findings:
        """Match all records and find what differs; take no lock on products.

        Raises:
            DocumentError: from the records.
        """
        ...

    def rejected(self) -> Generator[ListedOffer]:
        """Yield every offer that changes nothing because it cannot or must not, in the order of the snapshot.

        These are the offers not found, invalid, superseded, or without stock data.
        """
        ...

    def changes(self) -> Generator[ProductChange]:
        """Yield the products that differ now, in the order of their keys, with what is stored and what is to be."""
        ...

    def write(self, findings: Findings, *, on_locked: Callable[[], object] = ...) -> Written:
        """Lock the rows that differ in the order of their keys, compare again, update; inside the caller's transaction.

        `on_locked` is called before the update; `changes` are then what is being written. May be called again after its
        transaction was rolled back.
        """
        ...

    def changed_products(self) -> Generator[int]:
        """Yield the primary keys of the products that `write` changed, in their order."""
        ...

    def close(self) -> None:
        """Let go of what the load left in the database session."""
        ...
