"""`bulk_update`: look products up a chunk at a time, keep what differs, update in batches. For every database.

Memory: 8 bytes an offer, about 140 a row that differs, and the offers that were matched by sku, repeat an id or are
summed; 16 bytes more an offer where missing products are looked for.
"""

from collections import Counter
from collections.abc import Generator, Sequence

from stock_loader.outcome import Findings, ListedOffer
from stock_loader.strategies import ONE_OFFER_ONE_PRODUCT, MatchRules, OpenRecords
from stock_loader.strategies.bulk_update.comparison import Change
from stock_loader.strategies.bulk_update.matching import MatchingPass
from stock_loader.strategies.bulk_update.rejected_log import RejectedLog
from stock_loader.strategies.bulk_update.row_changes import RowChanges

GONE = object()
"""Stands for the quantity of a row that was deleted meanwhile."""


class BulkUpdate(RowChanges):
    """The strategy `bulk_update`.

    Queries: two a chunk to read, the second only where the first missed an offer; one a batch to write, and two
    more; where a row changed meanwhile, or nothing can be updated at once, two a batch on top; one for 20,000 changes
    that a journal keeps. Where these are asked for, one for every 10,000 products in stock to find the missing ones,
    and one a batch of `changes`.
    """

    def __init__(
        self,
        *,
        batch_size: int,
        chunk_size: int,
        rules: MatchRules = ONE_OFFER_ONE_PRODUCT,
        keeps_rejected: bool = False,
    ) -> None:
        super().__init__(batch_size=batch_size)
        self._chunk_size = chunk_size
        self._rules = rules
        self._keeps_rejected = keeps_rejected
        self._rejected_log: RejectedLog | None = None

    def read(self, open_records: OpenRecords) -> Findings:
        """Match all records and find what differs, reading a second time where ids are repeated."""
        held: frozenset[int] = frozenset()
        while True:
            matching = self._matching_pass(held)
            matching.run(open_records())
            found = matching.keys_to_hold() - held
            if not found:
                break
            held |= found
        matching.settle()
        findings = matching.comparison.findings()
        if self._rules.zeroes_missing and findings.total:
            matching.find_missing()
            findings = matching.comparison.findings()
        self.found = sorted(matching.comparison.changes)
        return findings

    def rejected(self) -> Generator[ListedOffer]:
        """Yield what was rejected; nothing unless that was to be kept."""
        if self._rejected_log is not None:
            yield from self._rejected_log.offers()

    def lock(self, batch: Sequence[Change], differing: list[Change], totals: Counter[str]) -> None:
        """Leave out what was deleted meanwhile, or set to the same."""
        locked = self.rows.lock({change[0] for change in batch})
        for change in batch:
            pk, quantity, offers, read = change
            stored = locked.get(pk, GONE)
            if stored is GONE:
                totals["gone"] += offers
            elif stored == quantity:
                totals["already_equal"] += offers
            else:
                differing.append(change if stored == read else (pk, quantity, offers, stored))
                totals["updated"] += offers
                totals["zeroed"] += quantity == 0 and (stored or 0) > 0

    def close(self) -> None:
        """Forget what was found and rejected."""
        super().close()
        if self._rejected_log is not None:
            self._rejected_log.close()

    def _matching_pass(self, held: frozenset[int]) -> MatchingPass:
        if self._rejected_log is not None:
            self._rejected_log.close()
        self._rejected_log = RejectedLog() if self._keeps_rejected else None
        return MatchingPass(
            held, self.mapping, chunk_size=self._chunk_size, rules=self._rules, rejected_log=self._rejected_log
        )
