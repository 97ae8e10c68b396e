from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stock_loader.commerceml.dates import DocumentClock
from stock_loader.commerceml.documents.parser import XMLDataParser
from stock_loader.commerceml.files.chunks import StockFile
from stock_loader.commerceml.files.snapshot import Snapshot
from stock_loader.commerceml.snapshot_reader import SnapshotReader, digest_of
from tests.documents import offer, rests

CLOCK = DocumentClock(datetime(2026, 1, 16, tzinfo=UTC), UTC)


def test_parser_counts_the_offers_it_has_read(tmp_path: Path) -> None:
    path = tmp_path / "rests.xml"
    path.write_text(rests(offer("a", 1), "", offer("b", "x")), "utf-8")
    parser = XMLDataParser(chunk_bytes=64)

    records = list(parser.parse(str(path)))

    assert (len(records), parser.offers_read) == (3, 3)


def test_snapshot_tells_offers_read_over_all_files_and_its_digest(tmp_path: Path) -> None:
    paths = [str(tmp_path / name) for name in ("rests_1.xml", "rests_2.xml")]
    Path(paths[0]).write_text(rests(offer("a", 1), offer("b", 1)), "utf-8")
    Path(paths[1]).write_text(rests(offer("c", 1), date="2026-01-15T03:00:09"), "utf-8")
    offers: list[int] = []
    sizes: list[int] = []
    again: list[str] = []

    with Snapshot(paths) as snapshot:
        files = snapshot.files()
        reader = SnapshotReader(
            files,
            clock=CLOCK,
            on_read=sizes.append,
            on_offers=offers.append,
            on_reading_again=lambda: again.append("again"),
        )
        first = [record.onec_id for record in reader.open_records()]
        second = [record.onec_id for record in reader.open_records()]

        assert reader.sha256 == digest_of(files)
        assert [reader.file_of(number) for number in (1, 2, 3)] == [paths[0], paths[0], paths[1]]
    assert first == second == ["a", "b", "c"]
    assert reader.document_date == "2026-01-15T03:00:09"
    assert reader.has_stock_data
    assert (offers[-1], sum(sizes), again) == (3, 2 * sum(Path(path).stat().st_size for path in paths), ["again"])


@pytest.mark.parametrize(("offers", "has_data"), [(["<Ид>a</Ид>"], False), (["<Ид>a</Ид>", offer("b", "x")], True)])
@pytest.mark.parametrize("zeroes_no_stock_data", [False, True])
def test_unreadable_quantity_is_stock_data_and_none_is_not(
    offers: list[str], has_data: bool, zeroes_no_stock_data: bool, tmp_path: Path
) -> None:
    path = tmp_path / "rests.xml"
    path.write_text(rests(*offers), "utf-8")

    with Snapshot([str(path)]) as snapshot:
        reader = SnapshotReader(
            snapshot.files(),
            clock=CLOCK,
            on_read=id,
            on_offers=id,
            on_reading_again=lambda: None,
            zeroes_no_stock_data=zeroes_no_stock_data,
        )
        quantities = [record.quantity for record in reader.open_records()]

    assert reader.has_stock_data is has_data
    assert quantities[0] == (0 if zeroes_no_stock_data else None)


@pytest.mark.parametrize(("holes", "has_digest"), [(0, True), (511, True), (512, False), (1_000_000, False)])
def test_document_with_a_hole_has_no_digest(holes: int, has_digest: bool) -> None:
    """It is never the one that was loaded, and may be of gigabytes that no disk holds."""

    def chunks() -> Generator[bytes]:
        yield rests(offer("a", 1)).encode()
        yield bytes(holes)

    file = StockFile(name="rests.xml", size=0, chunks=chunks)

    assert bool(digest_of([file, file])) is has_digest
