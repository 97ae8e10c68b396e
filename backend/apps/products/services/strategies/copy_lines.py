"""Records as the lines of a COPY."""

from collections.abc import Iterable, Iterator

from django.db import DatabaseError
from django.db.backends.utils import CursorWrapper

from apps.products.services.records import Adjustment, StockRecord

READ_BYTES = 64 * 1024
"""Characters that COPY asks for at a time."""


class CopyLines:
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


def send_copy(cursor: CursorWrapper, lines: CopyLines) -> None:
    """Send `lines` to `stock_offer`; an error of the records comes out as it is."""
    try:
        with cursor.db.wrap_database_errors:
            cursor.copy_expert("COPY stock_offer FROM STDIN", lines, READ_BYTES)
    except DatabaseError:
        if lines.error is None:
            raise
        raise lines.error from None


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
