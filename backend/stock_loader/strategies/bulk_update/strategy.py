"""`bulk_update`: look products up a chunk at a time, keep what differs, update in batches. For every database.

Memory: 8 bytes an offer, about 140 a row that differs, and the offers that were matched by sku, repeat an id or are
summed; 16 bytes more an offer where missing products are looked for.
"""

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

from django.utils import timezone

from stock_loader.database.shop import mapping
from stock_loader.database.unwritten import refuse_unwritten
from stock_loader.journal.keeping import Journal
from stock_loader.outcome import Findings, ListedOffer, ProductChange, StockChange, Written
from stock_loader.strategies import ONE_OFFER_ONE_PRODUCT, MatchRules, OpenRecords
from stock_loader.strategies.bulk_update.comparison import OFFERS, Change
from stock_loader.strategies.bulk_update.matching import MatchingPass
from stock_loader.strategies.bulk_update.rejected_log import RejectedLog
from stock_loader.strategies.bulk_update.rows import ShopRows

GONE = object()
"""Stands for the quantity of a row that was deleted meanwhile."""


class BulkUpdate:
    """The strategy `bulk_update`.

    Queries: two a chunk to read, the second only where the first missed an offer; two a batch to write, and one
    at the end; one for 20,000 changes that a journal keeps. Where these are
    asked for, one for every 10,000 products in stock to find the missing ones, and one a batch of `changes`.
    """

    def __init__(
        self,
        *,
        batch_size: int,
        chunk_size: int,
        rules: MatchRules = ONE_OFFER_ONE_PRODUCT,
        keeps_rejected: bool = False,
    ) -> None:
        self._mapping = mapping()
        self._rows = ShopRows(self._mapping)
        self._batch_size = batch_size
        self._chunk_size = chunk_size
        self._rules = rules
        self._keeps_rejected = keeps_rejected
        self._rejected_log: RejectedLog | None = None
        self._found: list[Change] = []
        self._locked: list[Change] | None = None
        self._old: list[Any] = []
        """The quantities of the locked rows before they were written."""

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
        self._found = sorted(matching.comparison.changes)
        return findings

    def rejected(self) -> Generator[ListedOffer]:
        """Yield what was rejected; nothing unless that was to be kept."""
        if self._rejected_log is not None:
            yield from self._rejected_log.offers()

    def changes(self) -> Generator[ProductChange]:
        """Yield what differs now, a batch of rows at a time; one query a batch."""
        for batch in self._batches(self._found if self._locked is None else self._locked):
            yield from self._differing(batch)

    def write(
        self, findings: Findings, *, on_locked: Callable[[], object] | None = None, journal: Journal | None = None
    ) -> Written:
        """Lock and compare again, then update, a batch of rows at a time in the order of their keys."""
        totals: Counter[str] = Counter()
        self._locked, self._old = [], []
        for batch in self._batches(self._found):
            self._lock(batch, self._locked, totals)
        if on_locked:
            on_locked()
        carriers = self._rows.carriers(min(self._batch_size, len(self._locked)), timezone.now())
        changed = sum(self._rows.update(batch, carriers) for batch in self._batches(self._locked))
        self._refuse_unwritten(changed)
        if journal:
            journal.keep(self.written_changes())
        return Written(
            updated=totals["updated"],
            changed=len(self._locked),
            zeroed=totals["zeroed"],
            missing=sum(not offers for _, _, offers in self._locked) if findings.missing else 0,
            already_equal=sum(map(OFFERS, self._found)) - totals["updated"] - totals["gone"],
            gone=totals["gone"],
        )

    def written_changes(self) -> Generator[StockChange]:
        """Yield the rows that were written."""
        for (pk, new, _), old in zip(self._locked or (), self._old, strict=True):
            yield StockChange(pk, old, new)

    def close(self) -> None:
        """Forget what was found."""
        self._found, self._locked, self._old = [], None, []
        if self._rejected_log is not None:
            self._rejected_log.close()

    def _refuse_unwritten(self, changed: int) -> None:
        """Refuse where rows that were found, locked or not, hold another quantity than they should by now."""
        if self._found:
            refuse_unwritten(
                self._mapping.connection,
                self._mapping.model._meta.db_table,
                sent=len(self._locked or ()),
                changed=changed,
                count_differing=lambda: sum(1 for batch in self._batches(self._found) for _ in self._differing(batch)),
            )

    def _matching_pass(self, held: frozenset[int]) -> MatchingPass:
        if self._rejected_log is not None:
            self._rejected_log.close()
        self._rejected_log = RejectedLog() if self._keeps_rejected else None
        return MatchingPass(
            held, self._mapping, chunk_size=self._chunk_size, rules=self._rules, rejected_log=self._rejected_log
        )

    def _lock(self, batch: Sequence[Change], differing: list[Change], totals: Counter[str]) -> None:
        """Lock the batch's rows in key order; add those that still differ to `differing`; one query."""
        locked = self._rows.lock({pk for pk, _, _ in batch})
        for change in batch:
            pk, quantity, offers = change
            stored = locked.get(pk, GONE)
            if stored is GONE:
                totals["gone"] += offers
            elif stored != quantity:
                differing.append(change)
                self._old.append(stored)
                totals["updated"] += offers
                totals["zeroed"] += quantity == 0 and (stored or 0) > 0

    def _differing(self, batch: Sequence[Change]) -> Iterator[ProductChange]:
        return self._rows.differing({pk: quantity for pk, quantity, _ in batch})

    def _batches(self, changes: Sequence[Change]) -> Iterator[Sequence[Change]]:
        return (changes[start : start + self._batch_size] for start in range(0, len(changes), self._batch_size))
