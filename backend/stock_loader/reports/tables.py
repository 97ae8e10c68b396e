"""What a load changed, and what it could not apply, as tables: CSV or JSON Lines by the name of the file.

CSV is what a spreadsheet opens: UTF-8 with a byte order mark, a header, commas. A text that a spreadsheet would take
for a formula (https://owasp.org/www-community/attacks/CSV_Injection) gets an apostrophe before it. JSON Lines have one
object a row. In both, characters that a terminal obeys are written as escapes.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from decimal import Decimal
from pathlib import PurePath
from types import TracebackType
from typing import Self
from uuid import UUID

from stock_loader.errors import LoadRefusedError, StockLoadError, one_line
from stock_loader.reports.replaced_file import ReplacedFile

CHANGE_COLUMNS = ("product", "onec_id", "sku", "name", "old", "new")
"""Those of `ProductChange`."""
REJECTED_COLUMNS = ("file", "line", "onec_id", "sku", "seen", "code", "reason")

SUFFIXES = (".csv", ".jsonl")
_FORMULA = re.compile(r"[=@\t\r]|[+-](?![0-9.,\s]*\Z)")

Value = str | int | Decimal | UUID | None
Row = Sequence[Value]


class ReportFile:
    """A table that is written row by row and published whole, or not at all.

    Raises:
        LoadRefusedError: its name ends with neither of `SUFFIXES`.
        StockLoadError: it cannot be written; the error names it.
    """

    def __init__(self, path: str, columns: Sequence[str]) -> None:
        self._path = path
        self._columns = columns
        if not is_report_name(path):
            raise LoadRefusedError(
                "%(path)s must end with one of: %(expected)s.", path=path, expected=", ".join(SUFFIXES)
            )
        self._is_csv = PurePath(path).suffix.casefold() == ".csv"
        with _writing(path):
            self._file = ReplacedFile(path)
        self._text = io.TextIOWrapper(
            self._file.stream, encoding="utf-8-sig" if self._is_csv else "utf-8", errors="backslashreplace", newline=""
        )

    def __enter__(self) -> Self:
        """Return the file."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Remove it unless it was published."""
        with suppress(OSError):  # as when the file is closed
            self._text.close()
        self._file.__exit__(kind, error, traceback)

    def write(self, rows: Iterable[Row]) -> None:
        """Write the table anew, with nothing but `rows`."""
        with _writing(self._path):
            self._text.seek(0)
            self._text.truncate()
            if self._is_csv:
                self._write_csv(rows)
            else:
                self._write_json(rows)
            self._text.flush()
            self._file.complete()

    def publish(self) -> None:
        """Give the file its name."""
        with _writing(self._path):
            self._file.publish()

    def _write_csv(self, rows: Iterable[Row]) -> None:
        writer = csv.writer(self._text)
        writer.writerow(self._columns)
        writer.writerows(map(for_spreadsheet, rows))

    def _write_json(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self._text.write(json.dumps(as_object(self._columns, row), ensure_ascii=False) + "\n")


@contextmanager
def _writing(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        failure = StockLoadError("cannot be written: %(reason)s.", reason=error.strerror or error)
        raise failure.in_file(path) from error


def is_report_name(path: str) -> bool:
    """Tell whether the name says which kind of table to write."""
    return PurePath(path).suffix.casefold() in SUFFIXES


def as_object(columns: Sequence[str], row: Row) -> dict[str, str | int | None]:
    """Return the row as JSON has it: its values by the names of their columns, with texts that no terminal obeys.

    A decimal is a text: a number of JSON is often read as a float.
    """
    return dict(zip(columns, map(_visible, row), strict=True))


def _visible(value: Value) -> str | int | None:
    match value:
        case str():
            return one_line(value)
        case Decimal():
            return f"{value:f}"
        case UUID():
            return str(value)
        case _:
            return value


def for_spreadsheet(row: Row) -> list[str | int | None]:
    """Return the row as CSV has it: a text that a spreadsheet would take for a formula begins with an apostrophe."""
    return [f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value for value in map(_visible, row)]
