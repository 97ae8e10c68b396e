import errno
import tracemalloc
from dataclasses import replace
from hashlib import sha256
from io import RawIOBase
from pathlib import Path

import pytest

from fixtures_generator import Catalogue, Document, Layout, expected, write, write_file
from fixtures_generator.tests.catalogues import MIXED, written
from fixtures_generator.tests.reading import offers_of, read


class Nowhere(RawIOBase):
    def write(self, content: object) -> int:
        assert isinstance(content, bytes)
        return len(content)


def peak_bytes(count: int) -> int:
    tracemalloc.start()
    try:
        write(replace(MIXED, offers=count), Nowhere())  # type: ignore[arg-type]
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_offers() -> None:
    # Python's free lists make the peak vary by some 250 KB; 18,000 ids kept would be 1.5 MB.
    peak_bytes(1000)
    assert peak_bytes(20_000) - peak_bytes(2000) < 500_000


def test_expectations_are_made_one_by_one() -> None:
    assert next(expected(Catalogue(offers=10**15))).quantity


@pytest.mark.parametrize(
    ("layout", "digest"),
    [
        (Layout.L1, "f619d6f0140a9e45fdbbd186ca1b73c19097cb55eb76fd62f5323518e0b6e40b"),
        (Layout.L4, "ba37238ebb5e3de81c952a5049c53d13680bb5fc733edf5e8d855eb21a1c9e46"),
        (Layout.L5, "44ccce0a402c9102a909d2e9d6e269b1a579066f64e24e3d0940903fa9449ebd"),
    ],
)
def test_bytes_are_these_on_every_python(layout: Layout, digest: str) -> None:
    assert sha256(written(MIXED, Document(layout=layout))).hexdigest() == digest


def test_number_of_bytes_is_returned(tmp_path: Path) -> None:
    path = tmp_path / "rests.xml"
    assert write_file(MIXED, path) == path.stat().st_size == len(written(MIXED))
    assert path.read_bytes() == written(MIXED)


def test_usual_file_takes_740_bytes_an_offer() -> None:
    assert 735 < len(written(Catalogue(offers=1000))) / 1000 < 745


def test_changed_file_differs_in_its_changed_offers_only() -> None:
    base = Catalogue(offers=1000, composite_share=0.4, sku_share=0.4)
    before, after = written(base), written(replace(base, changed_share=0.05))
    lines = zip(before.splitlines(), after.splitlines(), strict=True)
    assert sum(old != new for old, new in lines) == 50
    pairs = zip(read(before, Layout.L1), read(after, Layout.L1), strict=True)
    assert sum(old != new for old, new in pairs) == 50


def test_file_with_all_changed_keeps_no_total() -> None:
    base = Catalogue(offers=500)
    before, after = read(written(base), Layout.L1), read(written(replace(base, changed_share=1)), Layout.L1)
    assert [old.onec_id for old in before] == [new.onec_id for new in after]
    assert not any(old.quantity == new.quantity for old, new in zip(before, after, strict=True))


def test_file_with_none_changed_is_the_same() -> None:
    assert written(replace(MIXED, changed_share=0, changed_seed=9)) == written(replace(MIXED, changed_share=0))


def test_segments_hold_the_offers_of_the_whole_file() -> None:
    whole = written(MIXED).split(b"\t\t\t<")
    parts = [written(replace(MIXED, segment=number, segments=5)) for number in range(1, 6)]
    assert [len(offers_of(part)) for part in parts] == [120] * 5
    middle = [piece for part in parts for piece in part.split(b"\t\t\t<")[1:]]
    assert [piece.partition(b"\t\t</")[0] for piece in middle] == [piece.partition(b"\t\t</")[0] for piece in whole[1:]]


@pytest.mark.parametrize("layout", Layout)
def test_catalogue_without_offers_is_an_empty_package(layout: Layout) -> None:
    assert offers_of(written(Catalogue(offers=0), Document(layout=layout))) == []


def test_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rests.xml"
    path.write_text("old")

    def fail(*_: object) -> bytes:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Document, "encoded", fail)
    with pytest.raises(OSError, match="No space left on device"):
        write_file(MIXED, path)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("rests.xml", "old")]


def test_link_is_kept_and_its_target_replaced(tmp_path: Path) -> None:
    target, link = tmp_path / "target.xml", tmp_path / "link.xml"
    target.write_text("old")
    link.symlink_to(target)
    write_file(MIXED, link)
    assert link.is_symlink()
    assert target.read_bytes() == written(MIXED)


def test_device_is_written_to_and_not_replaced() -> None:
    size = write_file(Catalogue(offers=3), Path("/dev/null"))
    assert size == len(written(Catalogue(offers=3)))
    assert Path("/dev/null").is_char_device()
