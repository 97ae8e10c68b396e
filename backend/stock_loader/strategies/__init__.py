"""How records become rows: two ways with the same outcome.

Both take three steps, and what stands between them sees the same things: `read` matches the records and finds what
differs, somebody decides by the counts, `write` locks, compares again and updates.
"""

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Protocol

from stock_loader.commerceml.records import StockRecord
from stock_loader.journal.keeping import Journal
from stock_loader.outcome import Findings, ListedOffer, ProductChange, StockChange, Written

OpenRecords = Callable[[], Iterable[StockRecord]]
"""Begins to read the records from the first; a strategy may call it more than once."""


@dataclass(frozen=True, kw_only=True)
class MatchRules:
    """How offers find their products, and what they mean for products beyond their own; all off is the rule.

    An offer leads to the product with its id; where there is none, as a variant to that of which it is a part; else by
    its sku, which is its id where it has none. Of offers with one id, those without stock data give way to the others,
    and of what is left the last counts. The same holds of all offers that lead to one product.
    """

    sums_variants: bool = False
    """A variant (`product#variant`) of which no product has the id is a part of the quantity of the product before the
    `#`, and so are the offers that lead to one product by its sku, where all are variants of one product id or that
    product's own. The product's own offer is a part, too: the stock without a characteristic. The parts are summed. One
    invalid part makes all parts of its product invalid, and so does a sum that is too large."""
    own_is_total: bool = False
    """The product's own offer is the quantity, not a part of it; its variants are superseded. Where there is none, or
    it has no stock data, the variants are summed."""
    sku_takes_any: bool = False
    """A sku leads to a product that has another id, too, unless an offer with stock data carries that id or is a part
    of that product. Off, it leads only to a product without an id."""
    zeroes_missing: bool = False
    """A product with an onec_id that no offer names gets quantity 0. An offer names the product that it leads to, even
    if it is not applied. An offer whose id no product has names the product before the `#` and the product with its
    sku, even if it may not lead there. An offer that a repetition of its id supersedes names nothing. Where there is no
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

        These are the offers not found, ambiguous, invalid, superseded, or without stock data.
        """
        ...

    def changes(self) -> Generator[ProductChange]:
        """Yield the products that differ now, in the order of their keys, with what is stored and what is to be."""
        ...

    def write(
        self, findings: Findings, *, on_locked: Callable[[], object] | None = None, journal: Journal | None = None
    ) -> Written:
        """Lock the rows that differ in the order of their keys, compare again, update; inside the caller's transaction.

        `on_locked` is called between; `changes` are then what is being written. What was written is kept in `journal`.
        May be called again after its transaction was rolled back.
        """
        ...

    def written_changes(self) -> Generator[StockChange]:
        """Yield the products that `write` changed, in the order of their keys."""
        ...

    def close(self) -> None:
        """Let go of what the load left in the database session."""
        ...
