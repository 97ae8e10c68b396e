"""Offers that were not applied, kept until they can be told in order."""

import sqlite3
from collections.abc import Iterator

from stock_loader.errors import StockLoadError
from stock_loader.outcome import ListedOffer

CREATE = "CREATE TABLE offer (number INTEGER PRIMARY KEY, line, onec_id, sku, seen, code)"
INSERT = "INSERT INTO offer VALUES (?, ?, ?, ?, ?, ?)"
SELECT = "SELECT number, line, onec_id, sku, seen, code FROM offer ORDER BY number"


class RejectedLog:
    """Takes offers in any order and gives them in the order of the snapshot.

    A nameless private file holds them, which goes with this object: SQLite makes it and sorts. Memory: 2 MB.
    """

    def __init__(self) -> None:
        self._store = sqlite3.connect("", isolation_level=None)
        self._store.execute("PRAGMA journal_mode = OFF")
        self._store.execute(CREATE)
        self._store.execute("BEGIN")

    def add(self, offer: ListedOffer) -> None:
        """Keep `offer`.

        Raises:
            StockLoadError: there is no room for it.
        """
        try:
            self._store.execute(INSERT, offer)
        except sqlite3.OperationalError as error:
            raise StockLoadError(
                "the offers that were not applied cannot be kept: %(reason)s. Make room in the folder for temporary "
                "files (TMPDIR).",
                reason=error,
            ) from error

    def offers(self) -> Iterator[ListedOffer]:
        """Yield all of them by their numbers."""
        return (ListedOffer.of(row) for row in self._store.execute(SELECT))

    def close(self) -> None:
        """Remove the file."""
        self._store.close()
