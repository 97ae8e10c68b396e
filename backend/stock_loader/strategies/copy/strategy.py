"""`copy`: stream the records into a temporary table while they are parsed, then let PostgreSQL find what differs.

Memory of this process does not grow with the file. Everything that is said of an offer (superseded, matched, unchanged)
is computed by joins. The temporary tables live in the session and are dropped at the end.
"""

from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from typing import Any, NamedTuple

from django.db import transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from stock_loader.database.shop import mapping
from stock_loader.database.unwritten import refuse_unwritten
from stock_loader.outcome import MAX_LISTED, Findings, ListedOffer, ProductChange, StockChange, Written
from stock_loader.reasons import Reason
from stock_loader.strategies import ONE_OFFER_ONE_PRODUCT, MatchRules, OpenRecords
from stock_loader.strategies.copy import settling
from stock_loader.strategies.copy import statements as sql
from stock_loader.strategies.copy.lines import CopyLines, send_copy
from stock_loader.strategies.copy.names import Names
from stock_loader.strategies.counts import REASONS


class Judged(NamedTuple):
    """What was counted of the offers that lead to products otherwise than by their ids alone."""

    unchanged: int = 0
    by_sku: int = 0
    summed: int = 0
    equal_totals: int = 0
    first_equal_total: str = ""


class Copy:
    """The strategy `copy`.

    Queries: one COPY and about ten statements, whatever the number of offers; ten more for all that `rules` ask.
    """

    def __init__(self, *, rules: MatchRules = ONE_OFFER_ONE_PRODUCT) -> None:
        self._mapping = mapping()
        self._connection = self._mapping.connection
        names = Names(self._mapping)
        self._stored_parameters = names.stored_parameters
        self._names = names.values | _choices(rules)
        self._may_be_several = names.may_be_several(self._mapping.onec_id)
        self._rules = rules
        self._rejected = 0
        """Rows of the table of rejected offers."""
        self._has_judged = False
        """Whether offers lead to products otherwise than by their ids; there is no table of the judged ones without."""

    def read(self, open_records: OpenRecords) -> Findings:
        """Stream all records to the server, match them there and count."""
        self.close()
        self._rejected = 0
        with self._connection.cursor() as cursor:
            self._execute(cursor, sql.CREATE)
            lines = CopyLines(open_records())
            send_copy(cursor, lines)
            self._match(cursor, lines)
            return self._findings(cursor, lines)

    def rejected(self) -> Generator[ListedOffer]:
        """Yield what was rejected, a few thousand from the server at a time."""
        with closing(self._rows(sql.LIST_REJECTED, [list(Reason)])) as rows:
            yield from map(ListedOffer.of, rows)

    def changes(self) -> Generator[ProductChange]:
        """Yield what differs now, a few thousand rows from the server at a time."""
        with closing(self._rows(sql.LIST_CHANGES)) as rows:
            yield from (ProductChange(*row) for row in rows)

    def write(self, findings: Findings, *, on_locked: Callable[[], object] | None = None) -> Written:
        """Update the rows that differ with one statement, which locks them in key order as it goes.

        Where `on_locked` asks for what is written, or not all still differ that did while reading, a statement of its
        own locks and compares them first; that takes twice as long.
        """
        if not findings.to_change:
            if on_locked:
                on_locked()
            return Written(updated=0, changed=0, zeroed=0)
        with self._connection.cursor() as cursor:
            cursor.execute(sql.JOIN_IN_KEY_ORDER)
            if on_locked or not self._has_updated_all(cursor, findings):
                return self._lock_and_update(cursor, findings, on_locked or (lambda: None))
        return Written(
            updated=findings.to_update,
            changed=findings.to_change,
            zeroed=findings.to_zero,
            missing=findings.missing,
        )

    def _has_updated_all(self, cursor: CursorWrapper, findings: Findings) -> bool:
        """Update what differs; undo it, locks and all, where that is not all that was found to."""
        before = transaction.savepoint(using=self._connection.alias)
        self._update(cursor, sql.UPDATE_AT_ONCE)
        if cursor.rowcount != findings.to_change:
            transaction.savepoint_rollback(before, using=self._connection.alias)
            return False
        self._refuse_unwritten(cursor, sent=findings.to_change)
        transaction.savepoint_commit(before, using=self._connection.alias)
        return True

    def _lock_and_update(self, cursor: CursorWrapper, findings: Findings, on_locked: Callable[[], object]) -> Written:
        locked, updated, changed, zeroed, missing, stale = self._row(cursor, sql.LOCK)
        if changed < findings.to_change:
            self._execute(cursor, sql.DROP_UNCHANGED)
        if stale:
            self._execute(cursor, sql.CORRECT_OLD)
        on_locked()
        self._update(cursor, sql.UPDATE)
        self._refuse_unwritten(cursor, sent=changed)
        return Written(
            updated=updated,
            changed=changed,
            zeroed=zeroed,
            missing=missing,
            already_equal=locked - updated,
            gone=findings.to_update - locked,
        )

    def _update(self, cursor: CursorWrapper, statement: str) -> None:
        self._execute(cursor, statement, [timezone.now()] if self._mapping.changed_at else [])

    def written_changes(self) -> Generator[StockChange]:
        """Yield the rows that were written, a few thousand from the server at a time."""
        with closing(self._rows(sql.LIST_WRITTEN)) as rows:
            yield from (StockChange(*row) for row in rows)

    def close(self) -> None:
        """Drop the temporary tables."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql.DROP)

    def _refuse_unwritten(self, cursor: CursorWrapper, *, sent: int) -> None:
        refuse_unwritten(
            self._connection,
            self._mapping.model._meta.db_table,
            sent=sent,
            changed=cursor.rowcount,
            count_differing=lambda: self._row(cursor, sql.COUNT_DIFFERING)[0],
        )

    def _match(self, cursor: CursorWrapper, lines: CopyLines) -> None:
        """Find the products that every offer leads to, and which offers count."""
        self._has_judged = False
        self._execute(cursor, sql.MATCH_BY_ONEC_ID)
        matched = cursor.rowcount
        if self._may_be_several:
            cursor.execute(sql.FIND_SEVERAL.format(found="stock_match"))
            matched -= cursor.rowcount
        is_any_missed = matched < lines.total
        if is_any_missed or self._rules.zeroes_missing:
            self._execute(cursor, sql.FIND_MISSED)
        self._drop_superseded(cursor, found="stock_match", key="product")
        if not is_any_missed:
            return
        self._drop_superseded(cursor, found="stock_missed", key="key")
        if self._may_be_several:
            self._reject_several(cursor)
        if self._find_leads(cursor):
            if self._rules.sums_variants or self._rules.sku_takes_any:
                cursor.execute(settling.ADD_OWN_OFFERS)
            self._execute(cursor, settling.JUDGE)
            self._has_judged = True
            cursor.execute(settling.REJECT_JUDGED)
            self._rejected += cursor.rowcount

    def _drop_superseded(self, cursor: CursorWrapper, *, found: str, key: str) -> None:
        """Drop from `found` what gives way to another offer of its key."""
        cursor.execute(sql.COUNT_REPEATED.format(found=found, key=key))
        if cursor.fetchone()[0]:
            cursor.execute(sql.FIND_SUPERSEDED.format(found=found, key=key))
            self._rejected += cursor.rowcount
            cursor.execute(sql.DROP_SUPERSEDED.format(found=found))

    def _find_leads(self, cursor: CursorWrapper) -> bool:
        """Find the products to which offers lead as parts or by sku; tell whether there are any."""
        parts = 0
        if self._rules.sums_variants:
            self._execute(cursor, settling.FIND_PARTS)
            parts = cursor.rowcount
            if parts and self._may_be_several:
                cursor.execute(sql.FIND_SEVERAL.format(found="stock_lead"))
                parts -= cursor.rowcount
                self._reject_several(cursor)
            if parts:
                cursor.execute(settling.DROP_PARTS)
        if self._mapping.sku is None:
            return bool(parts)
        by_sku, claimed = self._row(cursor, settling.MATCH_BY_SKU)
        self._rejected += claimed
        return bool(parts or by_sku)

    def _reject_several(self, cursor: CursorWrapper) -> None:
        """Take what leads to several rows from what has none."""
        cursor.execute(sql.REJECT_SEVERAL)
        self._rejected += cursor.rowcount

    def _findings(self, cursor: CursorWrapper, lines: CopyLines) -> Findings:
        reasons = self._reasons(cursor) if lines.problems or self._rejected else Counter()
        counts = {name: sum(reasons[reason] for reason in kinds) for name, kinds in REASONS.items()}
        (unchanged,) = self._row(cursor, sql.COUNT_MATCHES)
        self._execute(cursor, sql.FIND_CHANGES)
        judged = self._judged(cursor) if self._has_judged else Judged()
        unchanged += judged.unchanged
        if self._rules.zeroes_missing and lines.total:
            self._execute(cursor, sql.FIND_MISSING)
        to_update, to_change, to_zero, missing = self._row(cursor, sql.COUNT_CHANGES)
        not_found = lines.total - to_update - unchanged - sum(counts.values()) + counts["not_found"]
        return Findings(
            to_update=to_update,
            unchanged=unchanged,
            not_found=not_found,
            ambiguous=counts["ambiguous"],
            invalid=counts["invalid"],
            duplicate=counts["duplicate"],
            no_stock_data=counts["no_stock_data"],
            ambiguous_key=reasons[Reason.AMBIGUOUS_KEY],
            other_id=reasons[Reason.OTHER_1C_ID],
            matched_by_sku=judged.by_sku,
            rounded=lines.rounded,
            negative=lines.negative,
            deleted=lines.deleted,
            summed=judged.summed,
            missing=missing,
            to_change=to_change,
            to_zero=to_zero,
            not_found_offers=self._listed(cursor, "not_found") if not_found else (),
            ambiguous_offers=self._listed(cursor, "ambiguous") if counts["ambiguous"] else (),
            invalid_offers=self._listed(cursor, "invalid") if counts["invalid"] else (),
            equal_totals=judged.equal_totals,
            first_equal_total=judged.first_equal_total,
        )

    def _reasons(self, cursor: CursorWrapper) -> Counter[Reason]:
        """Return how many offers were rejected for which reason; without those that no product has."""
        cursor.execute(sql.COUNT_REJECTED)
        return Counter({Reason(code): count for code, count in cursor.fetchall()})

    def _judged(self, cursor: CursorWrapper) -> Judged:
        """Find what differs by the offers that were judged, and count them."""
        cursor.execute(settling.FIND_JUDGED_CHANGES)
        unchanged, by_sku, summed = self._row(cursor, settling.COUNT_JUDGED)
        equal: Any = None
        if summed:
            cursor.execute(settling.FIND_EQUAL_TOTALS)
            equal = cursor.fetchone()
        return Judged(unchanged, by_sku, summed, *(equal or ()))

    def _execute(self, cursor: CursorWrapper, statement: str, parameters: Sequence[Any] = ()) -> None:
        parameters = [*self._stored_parameters * statement.count("{stored}"), *parameters]
        cursor.execute(statement.format(**self._names), parameters or None)

    def _row(self, cursor: CursorWrapper, statement: str) -> Any:
        self._execute(cursor, statement)
        return cursor.fetchone()

    def _rows(self, statement: str, parameters: Sequence[Any] = ()) -> Generator[Any]:
        """Yield the rows of a statement from a cursor of the server."""
        with self._connection.chunked_cursor() as cursor:
            self._execute(cursor, statement, parameters)
            yield from cursor

    def _listed(self, cursor: CursorWrapper, count: str) -> tuple[ListedOffer, ...]:
        """Return the first offers that landed in the count of this name."""
        cursor.execute(f"{sql.LIST_REJECTED} LIMIT {MAX_LISTED}", [REASONS[count]])
        return tuple(map(ListedOffer.of, cursor.fetchall()))


def _choices(rules: MatchRules) -> dict[str, str]:
    """Return the rules that statements ask for, as SQL says them."""
    chosen = {"sums": rules.sums_variants, "own_is_total": rules.own_is_total, "takes_any": rules.sku_takes_any}
    return {name: str(value).lower() for name, value in chosen.items()}
