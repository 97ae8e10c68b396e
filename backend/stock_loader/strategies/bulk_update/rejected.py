"""Offers that change nothing: counted, the first ones listed, all of them logged where that is asked for."""

from collections import Counter

from stock_loader.commerceml.offers.numbers import quantity_text
from stock_loader.commerceml.records import StockRecord
from stock_loader.outcome import MAX_LISTED, ListedOffer
from stock_loader.reasons import Reason
from stock_loader.strategies.bulk_update.rejected_log import RejectedLog
from stock_loader.strategies.counts import COUNT_NAMES, REASONS

Numbered = tuple[int, StockRecord]
"""A record after its place in the snapshot."""

LISTED = ("not_found", "ambiguous", "invalid")
"""Counts of which the first offers are listed."""


class RejectedOffers:
    """Takes note of offers in any order; gives the first of a count as they stand in the file."""

    def __init__(self, log: RejectedLog | None) -> None:
        self.reasons: Counter[Reason] = Counter()
        """How many offers were rejected, by the reason."""
        self._log = log
        self._first: dict[str, list[ListedOffer]] = {name: [] for name in LISTED}

    def note(self, reason: Reason, numbered: Numbered, *, seen: str | None = None) -> None:
        """Count an offer; `seen` is what to say instead of its value."""
        self.reasons[reason] += 1
        first = self._first.get(COUNT_NAMES[reason])
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

    def count(self, name: str) -> int:
        """Return how many offers landed in the count of this name."""
        return sum(self.reasons[reason] for reason in REASONS[name])

    def first(self, name: str) -> tuple[ListedOffer, ...]:
        """Return the first offers of the count of this name, in the order of the snapshot."""
        return tuple(sorted(self._first[name])[:MAX_LISTED])


def _listed(number: int, record: StockRecord, reason: Reason, seen: str | None) -> ListedOffer:
    if seen is None:
        seen = record.seen if record.problem or record.quantity is None else quantity_text(record.quantity)
    return ListedOffer.of((number, record.line, record.onec_id, record.sku, seen, reason))
