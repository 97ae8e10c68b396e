"""What is to change, kept as small tuples, and how it is written: what `bulk_update` and an undo have in common."""

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence

from django.db import NotSupportedError, transaction
from django.utils import timezone

from stock_loader.database.shop import mapping
from stock_loader.database.unwritten import refuse_unwritten
from stock_loader.journal.keeping import Journal
from stock_loader.outcome import Findings, ProductChange, StockChange, Written
from stock_loader.strategies.bulk_update.comparison import Change
from stock_loader.strategies.bulk_update.rows import ShopRows


class RowChanges:
    """The rows to change, in key order. A child finds them, and says of each what became of it once it was locked."""

    def __init__(self, *, batch_size: int) -> None:
        self.mapping = mapping()
        self.rows = ShopRows(self.mapping)
        self.found: list[Change] = []
        self._batch_size = batch_size
        self._locked: list[Change] | None = None

    def changes(self) -> Generator[ProductChange]:
        """Yield what differs now, a batch of rows at a time; one query a batch."""
        for batch in self.batches(self.found if self._locked is None else self._locked):
            yield from self._differing(batch)

    def write(
        self, findings: Findings, *, on_locked: Callable[[], object] | None = None, journal: Journal | None = None
    ) -> Written:
        """Update the rows that differ, a batch at a time in the order of their keys; each statement locks its rows.

        Where `on_locked` asks for what is written, or not all hold what they did while reading, statements of their own
        lock and compare all rows first; that takes twice as long.
        """
        if on_locked or not self._has_updated_all(findings, journal):
            return self._lock_and_update(findings, on_locked or (lambda: None), journal)
        return Written(updated=findings.to_update, changed=findings.to_change, zeroed=findings.to_zero)

    def _has_updated_all(self, findings: Findings, journal: Journal | None) -> bool:
        """Update what differs; undo it, locks and all, where that is not all that was found to."""
        if not self.found or findings.missing or not self.rows.can_update_at_once([change[0] for change in self.found]):
            return False
        before = transaction.savepoint(using=self.mapping.database)
        carriers = self.rows.carriers(min(self._batch_size, len(self.found)), timezone.now())
        try:
            changed = sum(self.rows.update_held(batch, carriers) for batch in self.batches(self.found))
        except NotSupportedError:
            changed = -1
        if changed != len(self.found):
            transaction.savepoint_rollback(before, using=self.mapping.database)
            return False
        self._locked = self.found
        self._refuse_unwritten(changed)
        if journal:
            journal.keep(self.written_changes())
        transaction.savepoint_commit(before, using=self.mapping.database)
        return True

    def _lock_and_update(self, findings: Findings, on_locked: Callable[[], object], journal: Journal | None) -> Written:
        totals: Counter[str] = Counter()
        self._locked = []
        for batch in self.batches(self.found):
            self.lock(batch, self._locked, totals)
        on_locked()
        carriers = self.rows.carriers(min(self._batch_size, len(self._locked)), timezone.now())
        changed = sum(self.rows.update(batch, carriers) for batch in self.batches(self._locked))
        self._refuse_unwritten(changed)
        if journal:
            journal.keep(self.written_changes())
        return Written(
            updated=totals["updated"],
            changed=len(self._locked),
            zeroed=totals["zeroed"],
            missing=sum(not change[2] for change in self._locked) if findings.missing else 0,
            already_equal=totals["already_equal"],
            gone=totals["gone"],
            changed_since=totals["changed_since"],
        )

    def lock(self, batch: Sequence[Change], differing: list[Change], totals: Counter[str]) -> None:
        """Lock the batch's rows in key order and compare again; one query.

        What is to be written goes into `differing`, with what it holds, and all is counted in `totals`.
        """
        raise NotImplementedError

    def expected(self) -> Sequence[Change]:
        """Return the rows that must hold their new quantity when all is written."""
        return self.found

    @property
    def locked(self) -> Sequence[Change]:
        """Return the rows that were locked to be written."""
        return self._locked or ()

    def written_changes(self) -> Generator[StockChange]:
        """Yield the rows that were written."""
        return (StockChange(pk, old, new) for pk, new, _, old in self._locked or ())

    def close(self) -> None:
        """Forget what was found."""
        self.found, self._locked = [], None

    def batches(self, changes: Sequence[Change]) -> Iterator[Sequence[Change]]:
        """Yield the changes as many at a time as a query takes."""
        return (changes[start : start + self._batch_size] for start in range(0, len(changes), self._batch_size))

    def _refuse_unwritten(self, changed: int) -> None:
        """Refuse where rows that were found, locked or not, hold another quantity than they should by now."""
        if self.found:
            refuse_unwritten(
                self.mapping.connection,
                self.mapping.model._meta.db_table,
                sent=len(self._locked or ()),
                changed=changed,
                count_differing=self._count_differing,
            )

    def _count_differing(self) -> int:
        return sum(1 for batch in self.batches(self.expected()) for _ in self._differing(batch))

    def _differing(self, batch: Sequence[Change]) -> Iterator[ProductChange]:
        return self.rows.differing({pk: quantity for pk, quantity, *_ in batch})
