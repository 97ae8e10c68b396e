"""`copy`: stream the records into a temporary table while they are parsed, then let PostgreSQL find what differs.

Memory of this process does not grow with the file. Everything that is said of an offer (superseded, matched, unchanged)
is computed by joins. The temporary tables live in the session and are dropped at the end.
"""

from collections.abc import Callable, Generator
from contextlib import closing

from django.db import transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from stock_loader.database.choice import dialect_of
from stock_loader.database.shop import mapping
from stock_loader.database.unwritten import refuse_unwritten
from stock_loader.journal.keeping import Journal
from stock_loader.outcome import Findings, ListedOffer, ProductChange, StockChange, Written
from stock_loader.reasons import Reason
from stock_loader.strategies import ONE_OFFER_ONE_PRODUCT, MatchRules, OpenRecords
from stock_loader.strategies.copy import statements as sql
from stock_loader.strategies.copy.lines import CopyLines, send_copy
from stock_loader.strategies.copy.matching import Matching
from stock_loader.strategies.copy.runner import Runner


class Copy:
    """The strategy `copy`.

    Queries: one COPY and about ten statements, whatever the number of offers; ten more for all that `rules` ask.
    """

    def __init__(self, *, rules: MatchRules = ONE_OFFER_ONE_PRODUCT) -> None:
        self._mapping = mapping()
        self._connection = self._mapping.connection
        self._rules = rules
        self._runner = Runner(self._mapping, rules)

    def read(self, open_records: OpenRecords) -> Findings:
        """Stream all records to the server, match them there and count."""
        self.close()
        with self._connection.cursor() as cursor:
            self._runner.execute(cursor, sql.CREATE)
            lines = CopyLines(open_records())
            send_copy(cursor, lines)
            matching = Matching(self._mapping, self._rules, self._runner)
            matching.match(cursor, lines)
            return matching.findings(cursor, lines)

    def rejected(self) -> Generator[ListedOffer]:
        """Yield what was rejected, a few thousand from the server at a time."""
        with closing(self._runner.rows(sql.LIST_REJECTED, [list(Reason)])) as rows:
            yield from map(ListedOffer.of, rows)

    def changes(self) -> Generator[ProductChange]:
        """Yield what differs now, a few thousand rows from the server at a time."""
        with closing(self._runner.rows(sql.LIST_CHANGES)) as rows:
            yield from (ProductChange(*row) for row in rows)

    def write(
        self, findings: Findings, *, on_locked: Callable[[], object] | None = None, journal: Journal | None = None
    ) -> Written:
        """Update the rows that differ with one statement, which locks them in key order as it goes.

        Where `on_locked` asks for what is written, or not all hold what they did while reading, a statement of its
        own locks and compares them first; that takes twice as long.
        """
        if not findings.to_change:
            if on_locked:
                on_locked()
            return Written(updated=0, changed=0, zeroed=0)
        with self._connection.cursor() as cursor:
            cursor.execute(sql.JOIN_IN_KEY_ORDER)
            if on_locked or not self._has_updated_all(cursor, findings, journal):
                return self._lock_and_update(cursor, findings, on_locked or (lambda: None), journal)
        return Written(
            updated=findings.to_update,
            changed=findings.to_change,
            zeroed=findings.to_zero,
            missing=findings.missing,
        )

    def _has_updated_all(self, cursor: CursorWrapper, findings: Findings, journal: Journal | None) -> bool:
        """Update what differs; undo it, locks, journal and all, where that is not all that was found to."""
        before = transaction.savepoint(using=self._connection.alias)
        changed = self._update(cursor, sql.UPDATE_AT_ONCE, journal)
        if changed != findings.to_change:
            transaction.savepoint_rollback(before, using=self._connection.alias)
            return False
        self._refuse_unwritten(cursor, sent=findings.to_change, changed=changed)
        transaction.savepoint_commit(before, using=self._connection.alias)
        return True

    def _lock_and_update(
        self, cursor: CursorWrapper, findings: Findings, on_locked: Callable[[], object], journal: Journal | None
    ) -> Written:
        locked, updated, changed, zeroed, missing, stale = self._runner.row(cursor, sql.LOCK)
        if changed < findings.to_change:
            self._runner.execute(cursor, sql.DROP_UNCHANGED)
        if stale:
            self._runner.execute(cursor, sql.CORRECT_OLD)
        on_locked()
        self._refuse_unwritten(cursor, sent=changed, changed=self._update(cursor, sql.UPDATE, journal))
        return Written(
            updated=updated,
            changed=changed,
            zeroed=zeroed,
            missing=missing,
            already_equal=locked - updated,
            gone=findings.to_update - locked,
        )

    def _update(self, cursor: CursorWrapper, statement: str, journal: Journal | None) -> int:
        """Update, and keep what was changed; return how many rows the database says that were."""
        stamp = [timezone.now()] if self._mapping.changed_at else []
        if journal and not self._has_rules():
            keeping, identity = journal.keeping(statement + sql.RETURNING)
            return int(self._runner.row(cursor, keeping, [*stamp, *identity])[0])
        self._runner.execute(cursor, statement, stamp)
        changed = int(cursor.rowcount)
        if journal:
            self._runner.execute(cursor, *journal.keeping(sql.LIST_WRITTEN))
        return changed

    def _has_rules(self) -> bool:
        """Tell whether rules stand in for an UPDATE of the table; then nothing can be asked of it."""
        hooks = dialect_of(self._connection).update_hooks(self._mapping.model._meta.db_table) or ()
        return any(hook.startswith("RULE ") for hook in hooks)

    def written_changes(self) -> Generator[StockChange]:
        """Yield the rows that were written, a few thousand from the server at a time."""
        with closing(self._runner.rows(sql.LIST_WRITTEN)) as rows:
            yield from (StockChange(*row) for row in rows)

    def close(self) -> None:
        """Drop the temporary tables."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql.DROP)

    def _refuse_unwritten(self, cursor: CursorWrapper, *, sent: int, changed: int) -> None:
        refuse_unwritten(
            self._connection,
            self._mapping.model._meta.db_table,
            sent=sent,
            changed=changed,
            count_differing=lambda: self._runner.row(cursor, sql.COUNT_DIFFERING)[0],
        )
