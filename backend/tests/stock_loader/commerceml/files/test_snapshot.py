from pathlib import Path

import pytest

from stock_loader.commerceml.files.snapshot import Snapshot
from stock_loader.errors import DocumentError


def read(*paths: Path | str) -> list[tuple[str, int, bytes]]:
    """Name (without the folders before it), size and content of each document."""
    with Snapshot([str(path) for path in paths]) as snapshot:
        return [(file.name.rpartition("/")[2], file.size, b"".join(file.chunks())) for file in snapshot.files()]


def test_several_files_keep_the_order_in_which_they_are_named(tmp_path: Path) -> None:
    (tmp_path / "b.xml").write_bytes(b"bb")
    (tmp_path / "a.xml").write_bytes(b"a")

    assert read(tmp_path / "b.xml", tmp_path / "a.xml") == [("b.xml", 2, b"bb"), ("a.xml", 1, b"a")]


def test_folder_gives_its_stock_files_in_natural_order(tmp_path: Path) -> None:
    for name in ("rests_1_10_x.xml", "rests_1_2_x.xml", "RESTS.XML", "prices.xml", "offers0_1.xml", "rests.txt"):
        (tmp_path / name).write_bytes(name.encode())

    assert [name for name, _, _ in read(tmp_path)] == ["RESTS.XML", "rests_1_2_x.xml", "rests_1_10_x.xml"]


def test_folder_without_rests_gives_its_offers(tmp_path: Path) -> None:
    (tmp_path / "offers0_1.xml").write_bytes(b"x")
    (tmp_path / "import0_1.xml").write_bytes(b"x")

    assert [name for name, _, _ in read(tmp_path)] == ["offers0_1.xml"]


def test_folder_without_stock_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "import0_1.xml").write_bytes(b"x")

    with pytest.raises(DocumentError) as refusal:
        read(tmp_path)

    expected = "no stock file in it: expected rests*.xml / offers*.xml, saw import0_1.xml."
    assert str(refusal.value) == f"{tmp_path}: {expected}"


def test_missing_file_is_refused_when_it_is_read(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="cannot be read: No such file or directory"):
        read(tmp_path / "missing.xml")


@pytest.mark.parametrize("name", ["a\0b", "a" * 5000, "\udce9.xml"])
def test_impossible_name_is_refused(name: str) -> None:
    with pytest.raises(DocumentError, match="cannot be read"):
        read(name)
