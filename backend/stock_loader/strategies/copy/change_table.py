"""The table of what is to change, and how it is written: what `copy` and an undo in the server have in common."""

from collections.abc import Callable, Generator
from contextlib import closing
from typing import Any

from django.db import transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from stock_loader.database.choice import dialect_of
from stock_loader.database.shop import mapping
from stock_loader.database.unwritten import refuse_unwritten
from stock_loader.journal.keeping import Journal
from stock_loader.outcome import Findings, ProductChange, StockChange, Written
from stock_loader.strategies import ONE_OFFER_ONE_PRODUCT, MatchRules
from stock_loader.strategies.copy.choice import runner_of


class ChangeTable:
    """The temporary table `stock_change`: product, old and new quantity. A child fills it, and locks its rows."""

    def __init__(self, *, rules: MatchRules = ONE_OFFER_ONE_PRODUCT) -> None:
        self.mapping = mapping()
        self.connection = self.mapping.connection
        self.runner = runner_of(self.mapping, rules)
        self.sql = self.runner.sql

    def changes(self) -> Generator[ProductChange]:
        """Yield what differs now, a few thousand rows from the server at a time."""
        with closing(self.runner.of_products(self.sql.LIST_CHANGES)) as rows:
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
        with self.connection.cursor() as cursor:
            if self.sql.JOIN_IN_KEY_ORDER:
                cursor.execute(self.sql.JOIN_IN_KEY_ORDER)
            if on_locked or not self._has_updated_all(cursor, findings, journal):
                return self._lock_and_update(cursor, findings, on_locked or (lambda: None), journal)
        return Written(
            updated=findings.to_update,
            changed=findings.to_change,
            zeroed=findings.to_zero,
            missing=findings.missing,
        )

    def lock(self, cursor: CursorWrapper, findings: Findings) -> Written:
        """Lock the rows to change in key order, compare again, and leave in the table what still differs.

        Return what is about to be written.
        """
        raise NotImplementedError

    def written_changes(self) -> Generator[StockChange]:
        """Yield the rows that were written, a few thousand from the server at a time."""
        with closing(self.runner.of_products(self.sql.LIST_WRITTEN)) as rows:
            yield from (StockChange(*row) for row in rows)

    def _has_updated_all(self, cursor: CursorWrapper, findings: Findings, journal: Journal | None) -> bool:
        """Update what differs; undo it, locks, journal and all, where that is not all that was found to."""
        before = transaction.savepoint(using=self.connection.alias)
        changed = self._update(cursor, self.sql.UPDATE_AT_ONCE, journal)
        if changed != findings.to_change:
            transaction.savepoint_rollback(before, using=self.connection.alias)
            return False
        self._refuse_unwritten(cursor, sent=findings.to_change, changed=changed)
        transaction.savepoint_commit(before, using=self.connection.alias)
        return True

    def _lock_and_update(
        self, cursor: CursorWrapper, findings: Findings, on_locked: Callable[[], object], journal: Journal | None
    ) -> Written:
        written = self.lock(cursor, findings)
        on_locked()
        self._refuse_unwritten(cursor, sent=written.changed, changed=self._update(cursor, self.sql.UPDATE, journal))
        return written

    def _update(self, cursor: CursorWrapper, statement: str, journal: Journal | None) -> int:
        """Update, and keep what is changed; return how many rows the database says that were.

        Where one statement cannot do both, the changes are kept first: no row is locked meanwhile.
        """
        stamp = self._stamp()
        if journal and not self.sql.RETURNING:
            journal.keep(self.written_changes())
        elif journal and (self._has_rules() or self.runner.is_distributed()):
            self.runner.execute(cursor, *journal.keeping(self.sql.LIST_WRITTEN))
        elif journal:
            keeping, identity = journal.keeping(statement + self.sql.RETURNING)
            return int(self.runner.row(cursor, keeping, [*stamp, *identity])[0])
        return self.runner.execute(cursor, statement, stamp)

    def _stamp(self) -> list[Any]:
        """Return the time of the change as the database takes it, where the shop keeps one."""
        if not self.mapping.changed_at:
            return []
        return [self.connection.ops.adapt_datetimefield_value(timezone.now())]

    def _has_rules(self) -> bool:
        """Tell whether rules stand in for an UPDATE of the table; then nothing can be asked of it."""
        hooks = dialect_of(self.connection).update_hooks(self.mapping.model._meta.db_table) or ()
        return any(hook.startswith("RULE ") for hook in hooks)

    def _refuse_unwritten(self, cursor: CursorWrapper, *, sent: int, changed: int) -> None:
        refuse_unwritten(
            self.connection,
            self.mapping.model._meta.db_table,
            sent=sent,
            changed=changed,
            count_differing=lambda: self.runner.row(cursor, self.sql.COUNT_DIFFERING)[0],
        )
