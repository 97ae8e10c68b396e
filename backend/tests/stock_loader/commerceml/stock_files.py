"""Parse documents that stand in a test, without a file of its own for each."""

from collections.abc import Iterable
from decimal import Decimal
from tempfile import NamedTemporaryFile

import pytest

from stock_loader.commerceml.documents.parser import XMLDataParser
from stock_loader.commerceml.offers.warehouses import ALL_WAREHOUSES, WarehouseChoice
from stock_loader.commerceml.records import StockRecord
from stock_loader.errors import DocumentError

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

BAD_PIECES = {
    "nul": b"\0",
    "no utf-8": b"\xc3(",
    "surrogate": b"\xed\xa0\x80",
    "overlong": b"\xc0\xaf",
    "control character": b"\x0b",
    "reference to a control character": b"&#11;",
    "reference to nul": b"&#0;",
    "ampersand": b"&",
    "undefined entity": b"&nbsp;",
    "undefined prefix": b"<p:x/>",
    "attribute twice": b'<x a="1" a="2"/>',
    "attribute twice by namespace": b'<x xmlns:p="u" xmlns:q="u" p:a="1" q:a="2"/>',
    "attribute without quotes": b"<x a=1/>",
    "wrong end": b"<x></y>",
    "open element": b"<x>",
    "end of cdata": b"]]>",
    "double hyphen": b"<!-- -- -->",
    "declaration inside": b'<?xml version="1.0"?>',
    "doctype inside": b"<!DOCTYPE x>",
}
"""What is not well-formed wherever it stands between tags."""


def package(offers: str) -> str:
    """A document without a namespace; the first offer stands in line 4."""
    return (
        f"{DECLARATION}<КоммерческаяИнформация ДатаФормирования='2026-01-15T03:00:00'>\n"
        f"<ПакетПредложений><Предложения>\n{offers}</Предложения></ПакетПредложений>\n</КоммерческаяИнформация>"
    )


def parse(
    document: str | bytes, *, chunk_bytes: int = 256 * 1024, warehouses: WarehouseChoice = ALL_WAREHOUSES
) -> list[StockRecord]:
    with NamedTemporaryFile() as file:
        file.write(document.encode() if isinstance(document, str) else document)
        file.flush()
        return list(XMLDataParser(chunk_bytes=chunk_bytes, warehouses=warehouses).parse(file.name))


def parse_offer(inside: str, *, attributes: str = "", warehouses: WarehouseChoice = ALL_WAREHOUSES) -> StockRecord:
    """The record of one offer, in line 4."""
    (record,) = parse(package(f"<Предложение{attributes}>{inside}</Предложение>"), warehouses=warehouses)
    return record


def refusal(document: str | bytes, *, chunk_bytes: int = 256 * 1024) -> str:
    """The message that a document is refused with, without the name of the file."""
    with pytest.raises(DocumentError) as caught:
        parse(document, chunk_bytes=chunk_bytes)
    return caught.value.text().partition(": ")[2]


def quantities(records: Iterable[StockRecord]) -> list[tuple[str, int | Decimal | None]]:
    return [(record.onec_id, record.quantity) for record in records]
