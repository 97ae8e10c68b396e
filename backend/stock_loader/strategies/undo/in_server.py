"""An undo on PostgreSQL: the server takes the journal's pages apart, compares and writes; no change passes Python."""

from collections.abc import Generator
from contextlib import closing
from typing import Any

from django.db.backends.utils import CursorWrapper

from stock_loader.database.shop import session_model
from stock_loader.journal.pages import PAGE_SIZE, JournalPage
from stock_loader.outcome import MAX_LISTED, Findings, ListedOffer, Written
from stock_loader.reasons import Reason
from stock_loader.strategies.copy import statements as sql
from stock_loader.strategies.copy.change_table import ChangeTable
from stock_loader.strategies.undo import OnCompared, ignore
from stock_loader.strategies.undo.rule import Verdict

DROP = "DROP TABLE IF EXISTS pg_temp.stock_undo, pg_temp.stock_judged, pg_temp.stock_change"

TAKE_APART = """
CREATE TEMP TABLE pg_temp.stock_undo AS
SELECT (j.number - 1) * {page_size} + change.place AS number, change.product::{pk_type} AS product,
       change.old::{quantity_type} AS before, change.new::{quantity_type} AS after
FROM {journal} j, ROWS FROM (
    json_array_elements_text(j.products::json), json_array_elements_text(j.old::json),
    json_array_elements_text(j.new::json)
) WITH ORDINALITY AS change(product, old, new, place)
WHERE j.session = %s AND j.session_model = %s
"""

JUDGE = f"""
CREATE TEMP TABLE pg_temp.stock_judged AS
SELECT number, product, stored, wanted, CASE
           WHEN is_gone THEN NULL
           WHEN is_relative AND wanted > {{maximum}} THEN '{Verdict.CHANGED_SINCE}'
           WHEN is_relative AND wanted IS DISTINCT FROM stored THEN '{Verdict.RESTORE}'
           WHEN is_relative THEN '{Verdict.EQUAL}'
           WHEN stored IS NOT DISTINCT FROM after THEN '{Verdict.RESTORE}'
           WHEN stored IS NOT DISTINCT FROM before THEN '{Verdict.EQUAL}'
           ELSE '{Verdict.CHANGED_SINCE}' END AS verdict
FROM (
    SELECT number, product, before, after, stored, is_gone, is_relative,
           CASE WHEN is_relative THEN greatest(stored::numeric - (after::numeric - before::numeric), least(stored, 0))
                ELSE before END AS wanted
    FROM (
        SELECT u.number, u.product, u.before, u.after, p.{{quantity}} AS stored, p.{{pk}} IS NULL AS is_gone,
               {{relative}} AND num_nulls(u.before, u.after, p.{{quantity}}) = 0 AS is_relative
        FROM pg_temp.stock_undo u LEFT JOIN {{table}} p ON p.{{pk}} = u.product
    ) compared
) aimed
"""
"""As `UndoRule.judge`; no verdict of a product that was deleted."""

FIND_CHANGES = f"""
CREATE TEMP TABLE pg_temp.stock_change AS
SELECT product, wanted::{{quantity_type}} AS new, 1 AS offers, stored AS old
FROM pg_temp.stock_judged WHERE verdict = '{Verdict.RESTORE}'
"""

COUNT = f"""
SELECT count(*) FILTER (WHERE verdict = '{Verdict.RESTORE}'), count(*) FILTER (WHERE verdict = '{Verdict.EQUAL}'),
       count(*) FILTER (WHERE verdict IS NULL), count(*) FILTER (WHERE verdict = '{Verdict.CHANGED_SINCE}'),
       count(*) FILTER (WHERE verdict = '{Verdict.RESTORE}' AND wanted = 0 AND stored > 0)
FROM pg_temp.stock_judged
"""

KEEP_LOCKED = """
DELETE FROM pg_temp.stock_undo u WHERE NOT EXISTS (SELECT FROM pg_temp.stock_change c WHERE c.product = u.product);
DROP TABLE pg_temp.stock_judged, pg_temp.stock_change
"""
"""Judged again are the rows that are locked."""

LIST_KEPT = f"""
SELECT j.number, 0, coalesce({{told_onec_id}}, ''), CASE WHEN j.verdict IS NULL THEN '' ELSE {{told_sku}} END,
       CASE WHEN j.verdict IS NULL THEN j.product::text ELSE coalesce(j.stored::text, '') END,
       CASE WHEN j.verdict IS NULL THEN '{Reason.DELETED_PRODUCT}' ELSE '{Reason.CHANGED_SINCE}' END
FROM pg_temp.stock_judged j LEFT JOIN {{listed}} ON {{listed_pk}} = j.product
WHERE j.verdict IS NULL OR j.verdict = '{Verdict.CHANGED_SINCE}'
ORDER BY j.number
"""


class UndoInServer(ChangeTable):
    """The undo that goes with `copy`. Queries: five to read, three to write, whatever the number of changes."""

    def __init__(self, session: int, *, is_relative: bool) -> None:
        super().__init__()
        self._session = session
        quote = self.connection.ops.quote_name
        pk: Any = self.mapping.model._meta.pk
        self.runner.names |= {
            "page_size": str(PAGE_SIZE),
            "journal": quote(JournalPage._meta.db_table),
            "pk_type": pk.rel_db_type(self.connection),
            "relative": str(is_relative).lower(),
        }

    def read(self, *, on_compared: OnCompared = ignore) -> Findings:
        """Take the pages apart and compare, all of them at once."""
        self.close()
        with self.connection.cursor() as cursor:
            self.runner.execute(cursor, TAKE_APART, [self._session, session_model()._meta.label])
            to_restore, equal, gone, changed_since, to_zero = self._judged(cursor)
            kept: list[Any] = []
            if gone or changed_since:
                self.runner.execute(cursor, f"{LIST_KEPT} LIMIT {MAX_LISTED}")
                kept = cursor.fetchall()
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
        with closing(self.runner.rows(LIST_KEPT)) as rows:
            yield from map(ListedOffer.of, rows)

    def lock(self, cursor: CursorWrapper, findings: Findings) -> Written:  # noqa: ARG002  # all is judged again
        """Lock the rows and judge them again."""
        self.runner.execute(cursor, sql.LOCK)
        self.runner.execute(cursor, KEEP_LOCKED)
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
            cursor.execute(DROP)

    def _judged(self, cursor: CursorWrapper) -> tuple[int, int, int, int, int]:
        """Judge what is taken apart, fill the table of changes, and return the counts."""
        self.runner.execute(cursor, JUDGE)
        self.runner.execute(cursor, FIND_CHANGES)
        counts: tuple[int, int, int, int, int] = self.runner.row(cursor, COUNT)
        return counts
