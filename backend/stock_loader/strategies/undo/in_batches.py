"""An undo for every database: the journal is read a page at a time, what is to be put back is written in batches.

Memory: about 300 bytes a row that is put back.
"""

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import islice
from typing import Any

from stock_loader.journal.changes import changes_of
from stock_loader.journal.keeping import Journal
from stock_loader.journal.pages import PAGE_SIZE
from stock_loader.outcome import MAX_LISTED, Findings, ListedOffer, StockChange, Written
from stock_loader.reasons import Reason
from stock_loader.strategies.bulk_update.comparison import Change
from stock_loader.strategies.bulk_update.row_changes import RowChanges
from stock_loader.strategies.undo import OnCompared, ignore
from stock_loader.strategies.undo.rule import UndoRule, Verdict

GONE = object()
"""Stands for the quantity of a row that was deleted."""


class UndoInBatches(RowChanges):
    """The undo that goes with `bulk_update`. Queries: two a page to read, then as `bulk_update`."""

    def __init__(self, session: int, *, batch_size: int, is_relative: bool) -> None:
        super().__init__(batch_size=batch_size)
        self._session = session
        self._rule = UndoRule(is_relative=is_relative, maximum=self.mapping.limits().maximum)
        self._undone: dict[Any, StockChange] = {}
        self._unlocked: list[Change] = []

    def read(self, *, on_compared: OnCompared = ignore) -> Findings:
        """Compare with what is stored, a page at a time."""
        self.found, self._undone = [], {}
        others: Counter[Verdict] = Counter()
        to_zero, gone, judge = 0, 0, self._rule.judge
        for page in self._pages():
            stored_by_pk = self.rows.stored({change.product for _, change in page})
            for _, change in page:
                pk = change.product
                stored = stored_by_pk.get(pk, GONE)
                if stored is GONE:
                    gone += 1
                    continue
                verdict, wanted = judge(change, stored)
                if verdict is not Verdict.RESTORE:
                    others[verdict] += 1
                    continue
                self.found.append((pk, wanted, 1, stored))
                self._undone[pk] = change
                to_zero += wanted == 0 and (stored or 0) > 0
            on_compared(page[-1][0])
        is_any_kept = gone or others[Verdict.CHANGED_SINCE]
        return Findings.of_undo(
            to_restore=len(self.found),
            equal=others[Verdict.EQUAL],
            gone=gone,
            changed_since=others[Verdict.CHANGED_SINCE],
            to_zero=to_zero,
            kept=tuple(islice(self.rejected(), MAX_LISTED)) if is_any_kept else (),
        )

    def rejected(self) -> Generator[ListedOffer]:
        """Yield them, reading the journal once more."""
        for page in self._pages():
            told = self.rows.told({change.product for _, change in page})
            for number, change in page:
                stored, onec_id, sku = told.get(change.product, (GONE, "", ""))
                if stored is GONE:
                    yield ListedOffer.of((number, 0, "", "", str(change.product), Reason.DELETED_PRODUCT))
                elif self._rule.judge(change, stored)[0] is Verdict.CHANGED_SINCE:
                    seen = "" if stored is None else str(stored)
                    yield ListedOffer.of((number, 0, onec_id, sku, seen, Reason.CHANGED_SINCE))

    def write(
        self, findings: Findings, *, on_locked: Callable[[], object] | None = None, journal: Journal | None = None
    ) -> Written:
        """Lock and judge again, then update, a batch at a time in the order of keys."""
        self._unlocked = []
        return super().write(findings, on_locked=on_locked, journal=journal)

    def lock(self, batch: Sequence[Change], differing: list[Change], totals: Counter[str]) -> None:
        """Judge again by what is stored now."""
        locked, judge, before = self.rows.lock({change[0] for change in batch}), self._rule.judge, len(differing)
        for change in batch:
            pk = change[0]
            stored = locked.get(pk, GONE)
            if stored is GONE:
                totals["gone"] += 1
                self._unlocked.append(change)
                continue
            verdict, wanted = judge(self._undone[pk], stored)
            if verdict is not Verdict.RESTORE:
                totals["already_equal" if verdict is Verdict.EQUAL else "changed_since"] += 1
                continue
            differing.append((pk, wanted, 1, stored))
            totals["zeroed"] += wanted == 0 and (stored or 0) > 0
        totals["updated"] += len(differing) - before

    def close(self) -> None:
        """Forget what was found."""
        super().close()
        self._undone, self._unlocked = {}, []

    def expected(self) -> Sequence[Change]:
        """Return the rows that were put back, and those that could not be locked: they are gone, or hidden."""
        return [*self.locked, *self._unlocked]

    def _pages(self) -> Iterator[list[tuple[int, StockChange]]]:
        numbered = enumerate(changes_of(self._session), 1)
        while page := list(islice(numbered, PAGE_SIZE)):
            yield page
