"""Offers that change nothing: counted, the first ones listed, all of them logged where that is asked for."""

from collections import Counter
from enum import StrEnum

from stock_loader.commerceml.records import StockRecord
from stock_loader.errors import one_line
from stock_loader.outcome import MAX_LISTED, ListedOffer
from stock_loader.strategies.bulk_update.rejected_log import RejectionLog

Numbered = tuple[int, StockRecord]
"""A record after its place in the snapshot."""


class Fate(StrEnum):
    """Why an offer was not applied; the values are the names of the counts."""

    NOT_FOUND = "not_found"
    INVALID = "invalid"
    DUPLICATE = "duplicate"
    NO_STOCK_DATA = "no_stock_data"


class UnappliedOffers:
    """Takes note of offers in any order; of the first two fates, `first` gives those that stand first in the file."""

    def __init__(self, log: RejectionLog | None) -> None:
        self.counts: Counter[Fate] = Counter()
        self._log = log
        self._first: dict[Fate, list[ListedOffer]] = {Fate.NOT_FOUND: [], Fate.INVALID: []}

    def note(self, fate: Fate, numbered: Numbered, reason: str, *, seen: str | None = None) -> None:
        """Count an offer; `seen` is what to say instead of its value."""
        self.counts[fate] += 1
        first = self._first.get(fate)
        if first is None and self._log is None:
            return
        offer = _listed(*numbered, reason, seen)
        if self._log is not None:
            self._log.add(offer)
        if first is not None:
            first.append(offer)
            if len(first) >= 2 * MAX_LISTED:
                first.sort()
                del first[MAX_LISTED:]

    def first(self, fate: Fate) -> tuple[ListedOffer, ...]:
        """Return the first offers with this fate, in the order of the snapshot."""
        return tuple(sorted(self._first[fate])[:MAX_LISTED])


def _listed(number: int, record: StockRecord, reason: str, seen: str | None) -> ListedOffer:
    if seen is None:
        seen = record.seen if record.quantity is None else str(record.quantity)
    return ListedOffer(number, record.line, one_line(record.onec_id), one_line(record.sku), seen, reason)
