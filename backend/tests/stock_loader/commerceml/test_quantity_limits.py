"""A shop that keeps fractions: every way of reading gives it the same decimals."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from stock_loader.commerceml.dates import DocumentClock
from stock_loader.commerceml.documents.parser import XMLDataParser
from stock_loader.commerceml.files.snapshot import Snapshot
from stock_loader.commerceml.offers.numbers import QuantityLimits
from stock_loader.commerceml.records import Adjustment, Problem, StockRecord
from stock_loader.commerceml.snapshot_reader import SnapshotReader
from tests.documents import offer, offer_by_warehouse
from tests.documents import rests as document

METRES = QuantityLimits(places=3, maximum=Decimal("999999999.999"))

OFFERS = [
    offer_by_warehouse("a", ["5.5", "2"]),
    offer_by_warehouse("b", ["2,750"]),
    offer_by_warehouse("c", ["0.0009", "7"]),
    offer_by_warehouse("d", ["-1"]),
    offer_by_warehouse("e", ["999999999.999"]),
    offer_by_warehouse("f", ["3"]),
]
QUANTITIES = ["7.500", "2.750", "7.000", "0.000", "999999999.999", "3.000"]
DELETED = "<Ид>x</Ид><Статус>Удален</Статус>"


def read(path: Path, *, chunk_bytes: int = 65536) -> list[StockRecord]:
    return list(XMLDataParser(limits=METRES, chunk_bytes=chunk_bytes).parse(str(path)))


@pytest.mark.parametrize("more", [[], [DELETED]], ids=["usual layout", "with an unusual offer"])
@pytest.mark.parametrize("copies", [1, 200])
@pytest.mark.parametrize("chunk_bytes", [700, 65536])
def test_fraction_stays_as_far_as_the_shop_keeps_it(
    rests: Path, more: list[str], copies: int, chunk_bytes: int
) -> None:
    rests.write_text(document(*OFFERS * copies, *more), "utf-8")

    records = read(rests, chunk_bytes=chunk_bytes)

    assert [str(record.quantity) for record in records] == QUANTITIES * copies + ["0.000"] * len(more)
    assert {type(record.quantity) for record in records} == {Decimal}
    assert [record.adjustment for record in records[:6]] == [
        Adjustment.NONE,
        Adjustment.NONE,
        Adjustment.ROUNDED,
        Adjustment.NEGATIVE,
        Adjustment.NONE,
        Adjustment.NONE,
    ]


@pytest.mark.parametrize("more", [[], [DELETED]], ids=["usual layout", "with an unusual offer"])
def test_quantity_above_what_the_shop_keeps_is_invalid(rests: Path, more: list[str]) -> None:
    rests.write_text(document(offer_by_warehouse("a", ["999999999.999", "0.001"]), *more), "utf-8")
    assert read(rests)[0][3:] == (None, Adjustment.NONE, Problem.TOO_LARGE, "1000000000.000")


def test_offer_without_stock_data_gets_a_zero_of_the_same_kind(rests: Path) -> None:
    rests.write_text(document("<Ид>a</Ид>", offer("b", 1)), "utf-8")
    with Snapshot([str(rests)]) as snapshot:
        reader = SnapshotReader(
            snapshot.files(),
            clock=DocumentClock(datetime.now(UTC), UTC),
            on_read=id,
            on_offers=id,
            on_reading_again=lambda: None,
            zeroes_no_stock_data=True,
            limits=METRES,
        )
        assert [str(record.quantity) for record in reader.open_records()] == ["0.000", "1.000"]
