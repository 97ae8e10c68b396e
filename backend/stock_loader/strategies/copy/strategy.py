"""`copy`: stream the records into a temporary table while they are parsed, then let PostgreSQL find what differs.

Memory of this process does not grow with the file. Everything that is said of an offer (superseded, matched, unchanged)
is computed by joins. The temporary tables live in the session and are dropped at the end.
"""

from collections.abc import Callable, Generator
from contextlib import closing
from typing import Any

from django.db import connections, router
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from apps.products.models import Product
from stock_loader.commerceml.records import Problem
from stock_loader.database.unwritten import refuse_unwritten
from stock_loader.outcome import Findings, ListedOffer, ProductChange, Written
from stock_loader.strategies import ONE_OFFER_ONE_PRODUCT, MatchRules, OpenRecords
from stock_loader.strategies.copy import statements as sql
from stock_loader.strategies.copy.lines import CopyLines, send_copy


class Copy:
    """The strategy `copy`.

    Queries: one COPY and about ten statements, whatever the number of offers; ten more for all that `rules` ask.
    """

    def __init__(self, *, rules: MatchRules = ONE_OFFER_ONE_PRODUCT) -> None:
        self._connection = connections[router.db_for_write(Product)]
        self._names = _names(self._connection.ops.quote_name)
        self._rules = rules
        self._has_parts = False
        """Whether some offers are parts of products; the table of them has no rows without."""

    def read(self, open_records: OpenRecords) -> Findings:
        """Stream all records to the server, match them there and count."""
        self.close()
        self._has_parts = False
        with self._connection.cursor() as cursor:
            cursor.execute(sql.CREATE)
            lines = CopyLines(open_records())
            send_copy(cursor, lines)
            superseded = self._match(cursor, lines)
            return self._findings(cursor, lines, superseded)

    def rejected(self) -> Generator[ListedOffer]:
        """Yield what was rejected, a few thousand from the server at a time."""
        with closing(self._rows(sql.LIST_REJECTED)) as rows:
            yield from map(ListedOffer.of, rows)

    def changes(self) -> Generator[ProductChange]:
        """Yield what differs now, a few thousand rows from the server at a time."""
        with closing(self._rows(sql.LIST_CHANGES)) as rows:
            yield from (ProductChange(*row) for row in rows)

    def write(self, findings: Findings, *, on_locked: Callable[[], object] = lambda: None) -> Written:
        """Lock the rows that differ in key order, compare again, update them with one statement."""
        if not findings.to_change:
            on_locked()
            return Written(updated=0, changed=0, zeroed=0)
        with self._connection.cursor() as cursor:
            cursor.execute(sql.WORK_MEMORY)
            locked, updated, changed, zeroed, missing = self._row(cursor, sql.LOCK)
            if changed < findings.to_change:
                self._execute(cursor, sql.DROP_UNCHANGED)
            on_locked()
            cursor.execute(sql.UPDATE.format(**self._names), [timezone.now()])
            self._refuse_unwritten(cursor, sent=changed)
        return Written(
            updated=updated,
            changed=changed,
            zeroed=zeroed,
            missing=missing,
            already_equal=locked - updated,
            gone=findings.to_update - locked,
        )

    def changed_products(self) -> Generator[int]:
        """Yield the keys of the rows that were written, a few thousand from the server at a time."""
        with closing(self._rows(sql.LIST_CHANGED_PRODUCTS)) as rows:
            yield from (product for (product,) in rows)

    def close(self) -> None:
        """Drop the temporary tables."""
        with self._connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS " + ", ".join(f"pg_temp.{table}" for table in sql.TABLES))

    def _refuse_unwritten(self, cursor: CursorWrapper, *, sent: int) -> None:
        refuse_unwritten(
            self._connection,
            Product._meta.db_table,
            sent=sent,
            changed=cursor.rowcount,
            count_differing=lambda: self._row(cursor, sql.COUNT_DIFFERING)[0],
        )

    def _match(self, cursor: CursorWrapper, lines: CopyLines) -> int:
        """Find the product of every offer; return how many offers others supersede."""
        self._execute(cursor, sql.MATCH_BY_ONEC_ID)
        is_any_missed = cursor.rowcount < lines.total
        if is_any_missed or self._rules.zeroes_missing:
            self._execute(cursor, sql.FIND_MISSED)
        superseded = _drop_superseded(cursor, found="stock_match", key="product")
        if is_any_missed:
            superseded += _drop_superseded(cursor, found="stock_missed", key="key")
            if self._rules.sums_variants:
                self._find_parts(cursor)
            superseded += self._match_by_sku(cursor)
            if self._has_parts:
                superseded += self._keep_parts(cursor)
        return superseded

    def _match_by_sku(self, cursor: CursorWrapper) -> int:
        """Match what has no onec_id of a product; return how many offers that superseded."""
        self._execute(cursor, sql.MATCH_BY_SKU)
        if not cursor.rowcount:
            return 0
        cursor.execute(sql.SUPERSEDE_SKU_MATCHES)
        return int(cursor.rowcount)

    def _find_parts(self, cursor: CursorWrapper) -> None:
        """Find the offers that are parts of products; they match nothing else."""
        self._execute(cursor, sql.FIND_PARTS)
        self._has_parts = cursor.rowcount > 0
        if self._has_parts:
            cursor.execute(sql.DROP_PARTS)

    def _keep_parts(self, cursor: CursorWrapper) -> int:
        """Let the parts stand for their products; return how many offers that superseded."""
        self._execute(cursor, sql.SUPERSEDE_BY_PARTS)
        superseded = int(cursor.rowcount)
        cursor.execute(sql.KEEP_PARTS)
        cursor.execute(sql.REPORT_BROKEN_PARTS)
        return superseded

    def _findings(self, cursor: CursorWrapper, lines: CopyLines, superseded: int) -> Findings:
        invalid, no_stock_data = self._row(cursor, sql.COUNT_PROBLEMS) if lines.problems or self._has_parts else (0, 0)
        unchanged, by_sku = self._row(cursor, sql.COUNT_MATCHES)
        summed, unchanged_parts = self._row(cursor, sql.COUNT_SUMMED) if self._has_parts else (0, 0)
        unchanged += unchanged_parts
        to_update, to_change, to_zero, missing = self._find_changes(cursor, lines)
        not_found = lines.total - invalid - no_stock_data - to_update - unchanged - superseded
        return Findings(
            to_update=to_update,
            unchanged=unchanged,
            not_found=not_found,
            invalid=invalid,
            duplicate=superseded,
            no_stock_data=no_stock_data,
            matched_by_sku=by_sku,
            rounded=lines.rounded,
            negative=lines.negative,
            deleted=lines.deleted,
            summed=summed,
            missing=missing,
            to_change=to_change,
            to_zero=to_zero,
            not_found_offers=self._listed(cursor, sql.LIST_NOT_FOUND) if not_found else (),
            invalid_offers=self._listed(cursor, sql.LIST_INVALID) if invalid else (),
        )

    def _find_changes(self, cursor: CursorWrapper, lines: CopyLines) -> Any:
        """Find the products that differ; return how many offers say so, and the products: all, to zero, missing."""
        self._execute(cursor, sql.FIND_CHANGES)
        if self._has_parts:
            cursor.execute(sql.FIND_CHANGED_SUMS)
        if self._rules.zeroes_missing and lines.total:
            self._execute(cursor, sql.FIND_MISSING)
        return self._row(cursor, sql.COUNT_CHANGES)

    def _execute(self, cursor: CursorWrapper, statement: str) -> None:
        cursor.execute(statement.format(**self._names))

    def _row(self, cursor: CursorWrapper, statement: str) -> Any:
        self._execute(cursor, statement)
        return cursor.fetchone()

    def _rows(self, statement: str) -> Generator[Any]:
        """Yield the rows of a statement from a cursor of the server."""
        with self._connection.chunked_cursor() as cursor:
            self._execute(cursor, statement)
            yield from cursor

    def _listed(self, cursor: CursorWrapper, statement: str) -> tuple[ListedOffer, ...]:
        self._execute(cursor, statement)
        return tuple(map(ListedOffer.of, cursor.fetchall()))


def _drop_superseded(cursor: CursorWrapper, *, found: str, key: str) -> int:
    """Drop all but the last offer of every key from `found`; return how many."""
    cursor.execute(sql.COUNT_REPEATED.format(found=found, key=key))
    if not cursor.fetchone()[0]:
        return 0
    cursor.execute(sql.FIND_SUPERSEDED.format(found=found, key=key))
    superseded = int(cursor.rowcount)
    cursor.execute(sql.DROP_SUPERSEDED.format(found=found))
    return superseded


def _names(quote: Callable[[str], str]) -> dict[str, str]:
    """Return what the statements call `{…}`: the table and columns of products, quoted, and a problem."""
    columns = {
        "onec_id": "onec_id",
        "sku": "sku",
        "name": "name",
        "quantity": "stock_quantity",
        "changed_at": "stock_updated_at",
    }
    names = {name: quote(str(Product._meta.get_field(field).attname)) for name, field in columns.items()}  # type: ignore[union-attr]
    return names | {
        "table": quote(Product._meta.db_table),
        "pk": quote(Product._meta.pk.column),
        "no_stock_data": str(Problem.NO_STOCK_DATA),
    }
