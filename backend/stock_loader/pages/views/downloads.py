"""All changes of a session as a file, written while it is sent: memory does not depend on their number."""

import csv
import io
import json
from collections.abc import Iterator

from django.http import Http404, HttpResponseBase, StreamingHttpResponse

from stock_loader.pages.page import PageRequest
from stock_loader.pages.session_changes import all_changes
from stock_loader.pages.sessions import stock_sessions
from stock_loader.reports.tables import CHANGE_COLUMNS, Row, as_object, for_spreadsheet

TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}
BYTE_ORDER_MARK = "\ufeff"


def changes_file(_page: PageRequest, number: int, kind: str) -> HttpResponseBase:
    """Send the changes as `csv` or `jsonl`, in the form of `--changes`."""
    if kind not in TYPES or not stock_sessions().filter(pk=number).exists():
        raise Http404
    lines = _csv(number) if kind == "csv" else _json_lines(number)
    answer = StreamingHttpResponse(lines, content_type=TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="stock-load-{number}.{kind}"'
    return answer


def _rows(number: int) -> Iterator[Row]:
    for change, known in all_changes(number):
        product = known.product if known else None
        names = (product.onec_id, product.sku, product.name) if product else ("", "", "")
        yield (change.product, *names, change.old, change.new)


def _csv(number: int) -> Iterator[str]:
    yield BYTE_ORDER_MARK + _csv_line(CHANGE_COLUMNS)
    for row in _rows(number):
        yield _csv_line(for_spreadsheet(row))


def _csv_line(values: object) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(values)  # type: ignore[arg-type]  # a row
    return line.getvalue()


def _json_lines(number: int) -> Iterator[str]:
    for row in _rows(number):
        yield json.dumps(as_object(CHANGE_COLUMNS, row), ensure_ascii=False) + "\n"
