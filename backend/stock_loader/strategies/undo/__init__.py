"""What a load changed is taken back: two ways with the same outcome, on the same writing as loads.

Both take the steps of a `Strategy`. What is counted as offers are is here the changes of the journal.
"""

from collections.abc import Callable, Generator
from typing import Protocol

from stock_loader.journal.keeping import Journal
from stock_loader.outcome import Findings, ListedOffer, ProductChange, StockChange, Written

OnCompared = Callable[[int], object]


def ignore(_count: int) -> None:
    """Do nothing."""


class Undo(Protocol):
    """One undo's way to the database; made for one undo, not shared. What is not said here is as in `Strategy`."""

    def read(self, *, on_compared: OnCompared = ignore) -> Findings:
        """Compare what the load changed with what is stored; take no lock on products.

        A product that holds the quantity that the load wrote is to be given back the one before. Any other stays, and
        is counted as `changed_since`, or, where it holds the one before already, as `unchanged`. A relative undo takes
        the difference (new − old) off whatever is stored, down to 0; where one of the three is unknown, or the column
        could not hold it, it does as the other.

        `on_compared` is called with the number of changes that are compared, as often as that is known.
        """
        ...

    def rejected(self) -> Generator[ListedOffer]:
        """Yield the products that stay as they are because they were changed since or deleted, in the order of keys."""
        ...

    def changes(self) -> Generator[ProductChange]:
        """Yield the products that are to change, with what is stored and what is to be."""
        ...

    def write(
        self, findings: Findings, *, on_locked: Callable[[], object] | None = None, journal: Journal | None = None
    ) -> Written:
        """Lock, compare again by the same rule, update."""
        ...

    def written_changes(self) -> Generator[StockChange]:
        """Yield what was changed."""
        ...

    def close(self) -> None:
        """Let go of what is left in the database session."""
        ...
