"""`copy`: stream the records into a temporary table while they are parsed, then let PostgreSQL find what differs.

Memory of this process does not grow with the file. Everything that is said of an offer (superseded, matched, unchanged)
is computed by joins. The temporary tables live in the session and are dropped at the end.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db import DatabaseError, connections, router
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from apps.products.models import Product
from apps.products.services.errors import one_line
from apps.products.services.records import Adjustment, Problem, StockRecord
from apps.products.services.results import MAX_LISTED, NOT_FOUND, Findings, ListedOffer, Written
from apps.products.services.strategies import OpenRecords

READ_BYTES = 64 * 1024
"""Characters that COPY asks for at a time."""

TABLES = ("stock_offer", "stock_superseded", "stock_missed", "stock_match", "stock_change")

CREATE = """
CREATE TEMP TABLE stock_offer (
    number integer NOT NULL, line integer NOT NULL, onec_id text NOT NULL, sku text NOT NULL,
    quantity integer, problem text, seen text
);
CREATE TEMP TABLE stock_superseded (number integer NOT NULL)
"""

MATCH_BY_ONEC_ID = """
CREATE TEMP TABLE stock_match AS
SELECT o.number, p.{pk} AS product, p.{quantity} AS old, o.quantity AS new, false AS by_sku
FROM stock_offer o JOIN {table} p ON p.{onec_id} = o.onec_id
WHERE o.onec_id <> ''
"""

FIND_MISSED = """
CREATE TEMP TABLE stock_missed AS
SELECT o.number, CASE WHEN o.onec_id <> '' THEN o.onec_id WHEN o.sku <> '' THEN E'\\n' || o.sku END COLLATE "C" AS key,
       coalesce(nullif(o.sku, ''), o.onec_id) AS sku, o.quantity, o.problem
FROM stock_offer o
WHERE NOT EXISTS (SELECT FROM stock_match m WHERE m.number = o.number)
"""
"""`key` is `StockRecord.key`, NULL where that is empty."""

COUNT_REPEATED = "SELECT count({key}) - count(DISTINCT {key}) FROM {found}"

FIND_SUPERSEDED = """
INSERT INTO stock_superseded
SELECT o.number
FROM {found} o JOIN (
    SELECT {key}, max(number) AS last FROM {found} GROUP BY {key} HAVING count(*) > 1
) repeated USING ({key})
WHERE o.number < repeated.last
"""
"""Offers that repeat a key lead to the same product, or none does: products are cheaper to compare than texts.

The count before costs a quarter of this, and most files repeat nothing.
"""

DROP_SUPERSEDED = "DELETE FROM {found} o USING stock_superseded s WHERE o.number = s.number"

MATCH_BY_SKU = """
INSERT INTO stock_match
SELECT o.number, p.{pk}, p.{quantity}, o.quantity, true
FROM stock_missed o JOIN {table} p ON p.{sku} = o.sku
WHERE o.sku <> '' AND o.problem IS DISTINCT FROM '{no_stock_data}'
"""

SUPERSEDE_SKU_MATCHES = """
WITH ranked AS (
    SELECT number, row_number() OVER (PARTITION BY product ORDER BY by_sku, number DESC) AS place
    FROM stock_match WHERE product IN (SELECT product FROM stock_match WHERE by_sku)
), beaten AS (
    DELETE FROM stock_match m USING ranked r WHERE m.number = r.number AND r.place > 1 RETURNING m.number
)
INSERT INTO stock_superseded SELECT number FROM beaten
"""

COUNT_PROBLEMS = """
SELECT count(*) FILTER (WHERE problem <> '{no_stock_data}'), count(*) FILTER (WHERE problem = '{no_stock_data}')
FROM stock_offer o
WHERE problem IS NOT NULL AND NOT EXISTS (SELECT FROM stock_superseded s WHERE s.number = o.number)
"""

COUNT_MATCHES = """
SELECT count(*) FILTER (WHERE new = old), count(*) FILTER (WHERE by_sku AND new IS NOT NULL),
       count(*) FILTER (WHERE new = 0 AND old > 0)
FROM stock_match
"""

FIND_CHANGES = """
CREATE TEMP TABLE stock_change AS SELECT product, new FROM stock_match WHERE new <> old
"""

LIST_NOT_FOUND = f"""
SELECT number, line, onec_id, sku, quantity::text, '{NOT_FOUND}'
FROM stock_offer o
WHERE problem IS NULL
  AND NOT EXISTS (SELECT FROM stock_match m WHERE m.number = o.number)
  AND NOT EXISTS (SELECT FROM stock_superseded s WHERE s.number = o.number)
ORDER BY number LIMIT {MAX_LISTED}
"""

LIST_INVALID = f"""
SELECT number, line, onec_id, sku, seen, problem
FROM stock_offer o
WHERE problem <> '{{no_stock_data}}' AND NOT EXISTS (SELECT FROM stock_superseded s WHERE s.number = o.number)
ORDER BY number LIMIT {MAX_LISTED}
"""

LOCK = """
SELECT count(*), count(*) FILTER (WHERE new = 0 AND stored <> 0)
FROM (
    SELECT p.{quantity} AS stored, c.new FROM stock_change c JOIN {table} p ON p.{pk} = c.product
    ORDER BY p.{pk} FOR NO KEY UPDATE OF p
) locked
"""

UPDATE = """
UPDATE {table} p SET {quantity} = c.new, {changed_at} = %s
FROM stock_change c
WHERE p.{pk} = c.product AND p.{quantity} <> c.new
"""


class Copy:
    """The strategy `copy`.

    Queries: one COPY and about ten statements, whatever the number of offers.
    """

    def __init__(self) -> None:
        self._connection = connections[router.db_for_write(Product)]
        self._names = _names(self._connection.ops.quote_name)

    def read(self, open_records: OpenRecords) -> Findings:
        """Stream all records to the server, match them there and count."""
        self.close()
        with self._connection.cursor() as cursor:
            cursor.execute(CREATE)
            lines = _CopyLines(open_records())
            _copy(cursor, lines)
            self._execute(cursor, MATCH_BY_ONEC_ID)
            is_any_missed = cursor.rowcount < lines.total
            if is_any_missed:
                self._execute(cursor, FIND_MISSED)
            superseded = _drop_superseded(cursor, found="stock_match", key="product")
            if is_any_missed:
                superseded += _drop_superseded(cursor, found="stock_missed", key="key")
                superseded += self._match_by_sku(cursor)
            return self._findings(cursor, lines, superseded)

    def write(self, findings: Findings) -> Written:
        """Lock the rows that differ in key order, compare again, update them with one statement."""
        if not findings.to_update:
            return Written(updated=0, zeroed=0)
        with self._connection.cursor() as cursor:
            locked, zeroed = self._row(cursor, LOCK)
            cursor.execute(UPDATE.format(**self._names), [timezone.now()])
            updated = cursor.rowcount
        return Written(updated=updated, zeroed=zeroed, already_equal=locked - updated, gone=findings.to_update - locked)

    def close(self) -> None:
        """Drop the temporary tables."""
        with self._connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS " + ", ".join(f"pg_temp.{table}" for table in TABLES))

    def _match_by_sku(self, cursor: CursorWrapper) -> int:
        """Match what has no onec_id of a product; return how many offers that superseded."""
        self._execute(cursor, MATCH_BY_SKU)
        if not cursor.rowcount:
            return 0
        cursor.execute(SUPERSEDE_SKU_MATCHES)
        return int(cursor.rowcount)

    def _findings(self, cursor: CursorWrapper, lines: "_CopyLines", superseded: int) -> Findings:
        invalid, no_stock_data = self._row(cursor, COUNT_PROBLEMS) if lines.problems else (0, 0)
        unchanged, by_sku, to_zero = self._row(cursor, COUNT_MATCHES)
        cursor.execute(FIND_CHANGES)
        to_update = cursor.rowcount
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
            to_zero=to_zero,
            not_found_offers=self._listed(cursor, LIST_NOT_FOUND) if not_found else (),
            invalid_offers=self._listed(cursor, LIST_INVALID) if invalid else (),
        )

    def _execute(self, cursor: CursorWrapper, sql: str) -> None:
        cursor.execute(sql.format(**self._names))

    def _row(self, cursor: CursorWrapper, sql: str) -> Any:
        self._execute(cursor, sql)
        return cursor.fetchone()

    def _listed(self, cursor: CursorWrapper, sql: str) -> tuple[ListedOffer, ...]:
        self._execute(cursor, sql)
        return tuple(
            ListedOffer(number, line, one_line(onec_id), one_line(sku), seen, reason)
            for number, line, onec_id, sku, seen, reason in cursor.fetchall()
        )


def _drop_superseded(cursor: CursorWrapper, *, found: str, key: str) -> int:
    """Drop all but the last offer of every key from `found`; return how many."""
    cursor.execute(COUNT_REPEATED.format(found=found, key=key))
    if not cursor.fetchone()[0]:
        return 0
    cursor.execute(FIND_SUPERSEDED.format(found=found, key=key))
    superseded = int(cursor.rowcount)
    cursor.execute(DROP_SUPERSEDED.format(found=found))
    return superseded


class _CopyLines:
    """The records as the lines of a COPY, read like a file; counts what passes.

    An error of the records is kept in `error` and ends the COPY: psycopg2 would bury it in a text of its own.
    """

    def __init__(self, records: Iterable[StockRecord]) -> None:
        self.total = 0
        self.problems = 0
        self.rounded = 0
        self.negative = 0
        self.deleted = 0
        self.error: BaseException | None = None
        self._lines = self._encode(records)

    def read(self, size: int = READ_BYTES) -> str:
        """Return whole lines, about `size` characters of them; nothing at the end."""
        lines: list[str] = []
        length = 0
        try:
            for line in self._lines:
                lines.append(line)
                length += len(line)
                if length >= size:
                    break
        except BaseException as error:
            self.error = error
            raise
        return "".join(lines)

    def _encode(self, records: Iterable[StockRecord]) -> Iterator[str]:
        for number, record in enumerate(records, 1):
            line, onec_id, sku, quantity, adjustment, problem, seen = record
            self.total = number
            if adjustment:
                self._count(adjustment)
            if problem or not (onec_id + sku).isprintable() or "\\" in onec_id or "\\" in sku:
                onec_id, sku, seen = map(_escaped, (onec_id, sku, seen))
            if problem:
                self.problems += 1
                yield f"{number}\t{line}\t{onec_id}\t{sku}\t\\N\t{problem}\t{seen}\n"
            else:
                yield f"{number}\t{line}\t{onec_id}\t{sku}\t{quantity}\t\\N\t\\N\n"

    def _count(self, adjustment: Adjustment) -> None:
        self.rounded += Adjustment.ROUNDED in adjustment
        self.negative += Adjustment.RAISED in adjustment
        self.deleted += Adjustment.DELETED in adjustment


def _copy(cursor: CursorWrapper, lines: _CopyLines) -> None:
    """Send `lines` to `stock_offer`; an error of the records comes out as it is."""
    try:
        with cursor.db.wrap_database_errors:
            cursor.copy_expert("COPY stock_offer FROM STDIN", lines, READ_BYTES)
    except DatabaseError:
        if lines.error is None:
            raise
        raise lines.error from None


def _names(quote: Callable[[str], str]) -> dict[str, str]:
    """Return what the statements call `{…}`: the table and columns of products, quoted."""
    columns = {"onec_id": "onec_id", "sku": "sku", "quantity": "stock_quantity", "changed_at": "stock_updated_at"}
    names = {name: quote(str(Product._meta.get_field(field).attname)) for name, field in columns.items()}  # type: ignore[union-attr]
    return names | {
        "table": quote(Product._meta.db_table),
        "pk": quote(Product._meta.pk.column),
        "no_stock_data": str(Problem.NO_STOCK_DATA),
    }


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
