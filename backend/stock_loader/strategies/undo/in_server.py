"""An undo in the server, which compares and writes.

PostgreSQL takes the journal's pages apart, too. MariaDB is sent them line by line: lists side by side it takes
apart in a time that grows with the square of their length.
"""

from collections.abc import Generator
from contextlib import closing
from itertools import islice
from typing import Any

from django.db.backends.utils import CursorWrapper

from stock_loader.database.choice import dialect_of
from stock_loader.database.shop import session_model
from stock_loader.journal.changes import changes_of
from stock_loader.journal.pages import PAGE_SIZE, JournalPage
from stock_loader.outcome import MAX_LISTED, Findings, ListedOffer, StockChange, Written
from stock_loader.strategies.copy.change_table import ChangeTable
from stock_loader.strategies.copy.steps import UndoSteps
from stock_loader.strategies.undo import OnCompared, ignore, mysql_statements, statements
from stock_loader.strategies.undo.lines import UndoLines

STEPS: dict[str, UndoSteps] = {"postgresql": statements, "mysql": mysql_statements}
"""By Django's word for the maker of the database."""

SENT_AT_ONCE = 20 * PAGE_SIZE
"""Changes, about 200 bytes each."""


class UndoInServer(ChangeTable):
    """The undo that goes with `copy`. Queries: five to read, three to write, whatever the number of changes."""

    def __init__(self, session: int, *, is_relative: bool) -> None:
        super().__init__()
        self._session = session
        self._steps = STEPS[self.connection.vendor]
        quote = self.connection.ops.quote_name
        pk: Any = self.mapping.model._meta.pk
        self.runner.names |= {
            "page_size": str(PAGE_SIZE),
            "journal": quote(JournalPage._meta.db_table),
            "pk_type": pk.rel_db_type(self.connection),
            "relative": str(is_relative).lower(),
            "told_product": self.runner.naming.as_text(self.mapping.pk_path, "j.product"),
        }

    def read(self, *, on_compared: OnCompared = ignore) -> Findings:
        """Take the pages apart and compare, all of them at once."""
        self.close()
        with self.connection.cursor() as cursor:
            if self._steps.CREATE:
                self.runner.execute(cursor, self._steps.CREATE)
            if self._steps.CHANGES:
                self._send_changes(cursor, self._steps.CHANGES)
            else:
                self.runner.execute(cursor, self._steps.TAKE_APART, [self._session, session_model()._meta.label])
            to_restore, equal, gone, changed_since, to_zero = self._judged(cursor)
            kept: list[Any] = []
            if gone or changed_since:
                kept = self.runner.first(cursor, self._steps.LIST_KEPT, limit=MAX_LISTED)
        on_compared(to_restore + equal + gone + changed_since)
        return Findings.of_undo(
            to_restore=to_restore,
            equal=equal,
            gone=gone,
            changed_since=changed_since,
            to_zero=to_zero,
            kept=tuple(map(ListedOffer.of, kept)),
        )

    def rejected(self) -> Generator[ListedOffer]:
        """Yield them, a few thousand from the server at a time."""
        with closing(self.runner.rows(self._steps.LIST_KEPT)) as rows:
            yield from map(ListedOffer.of, rows)

    def lock(self, cursor: CursorWrapper, findings: Findings) -> Written:  # noqa: ARG002  # all is judged again
        """Lock the rows and judge them again."""
        self.runner.lock(cursor)
        self.runner.execute(cursor, self._steps.KEEP_LOCKED)
        to_restore, equal, gone, changed_since, to_zero = self._judged(cursor)
        return Written(
            updated=to_restore,
            changed=to_restore,
            zeroed=to_zero,
            already_equal=equal,
            gone=gone,
            changed_since=changed_since,
        )

    def close(self) -> None:
        """Drop the temporary tables."""
        with self.connection.cursor() as cursor:
            cursor.execute(self._steps.DROP)

    def _send_changes(self, cursor: CursorWrapper, table: str) -> None:
        """Send what stands in the journal to the table, some pages at a time: they are read by the same connection."""
        numbered = enumerate(changes_of(self._session), 1)
        prepared = None if self.mapping.has_number_keys else self.mapping.model._meta.pk.get_db_prep_value
        while some := list(islice(numbered, SENT_AT_ONCE)):
            if prepared:
                some = [(n, StockChange(prepared(key, self.connection), old, new)) for n, (key, old, new) in some]
            dialect_of(self.connection).copy_in(cursor, table, UndoLines(some))

    def _judged(self, cursor: CursorWrapper) -> tuple[int, int, int, int, int]:
        """Judge what is taken apart, fill the table of changes, and return the counts."""
        self.runner.execute(cursor, self._steps.JUDGE)
        self.runner.execute(cursor, self._steps.FIND_CHANGES)
        counts: tuple[int, int, int, int, int] = self.runner.row(cursor, self._steps.COUNT)
        return counts
