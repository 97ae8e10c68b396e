"""How records become rows: two ways with the same outcome.

Both take three steps, and what stands between them sees the same things: `read` matches the records and finds what
differs, somebody decides by the counts, `write` locks, compares again and updates.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

from apps.products.services.records import StockRecord
from apps.products.services.results import Findings, Written

OpenRecords = Callable[[], Iterable[StockRecord]]
"""Begins to read the records from the first; a strategy may call it more than once."""


class Strategy(Protocol):
    """One load's way to the database; made for one load, not shared."""

    def read(self, open_records: OpenRecords) -> Findings:
        """Match all records and find what differs; take no lock on products.

        Raises:
            DocumentError: from the records.
        """
        ...

    def write(self, findings: Findings) -> Written:
        """Lock the rows that differ in the order of their keys, compare again, update; inside the caller's transaction.

        May be called again after its transaction was rolled back.
        """
        ...

    def close(self) -> None:
        """Let go of what the load left in the database session."""
        ...
