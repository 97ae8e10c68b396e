from collections.abc import Generator
from datetime import UTC, datetime

import pytest

from stock_loader.commerceml.dates import DocumentClock
from stock_loader.commerceml.files.chunks import StockFile
from stock_loader.commerceml.order import in_order_of_dates
from stock_loader.errors import DocumentError
from tests.documents import rests

CLOCK = DocumentClock(datetime(2026, 1, 20, tzinfo=UTC), UTC)
EARLY, MIDDLE, LATE = (f"2026-01-{day}T03:00:00" for day in (13, 14, 15))


def stock_file(name: str, content: str) -> StockFile:
    """A document that gives its bytes 64 at a time, and fails where it is read beyond its head."""

    def chunks() -> Generator[bytes]:
        head = content.partition("<Предложения>")[0].encode()
        for start in range(0, len(head), 64):
            yield head[start : start + 64]
        raise AssertionError

    return StockFile(name=name, size=0, chunks=chunks)


def order(*documents: tuple[str, str]) -> list[str]:
    files = [stock_file(name, rests(date=date)) for name, date in documents]
    return [file.name for file in in_order_of_dates(files, CLOCK)]


def test_documents_are_in_the_order_of_their_dates_and_only_their_heads_are_read() -> None:
    assert order(("a", LATE), ("b", EARLY), ("c", MIDDLE)) == ["b", "c", "a"]


def test_documents_of_one_date_are_in_the_natural_order_of_their_last_names() -> None:
    names = ["a/rests_10.xml", "z.zip!b/rests_9.xml", "rests_9.xml", "b/rests_1.xml"]
    assert order(*((name, LATE) for name in names)) == [names[3], names[1], names[2], names[0]]


@pytest.mark.parametrize("date", ["", "?", "2026-02-20T03:00:00"])
def test_document_without_a_date_to_believe_keeps_its_place(date: str) -> None:
    assert order(("a", LATE), ("none", date), ("b", EARLY), ("none 2", date)) == ["b", "none", "a", "none 2"]


def test_document_that_is_no_stock_file_is_named() -> None:
    files = [stock_file("a", rests(date=LATE)), stock_file("b", "<html>")]
    with pytest.raises(DocumentError, match=r"^b: not a stock file: .*saw <html>"):
        in_order_of_dates(files, CLOCK)
