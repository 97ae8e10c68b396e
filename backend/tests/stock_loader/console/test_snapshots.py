"""Several files, folders, archives and standard input: one snapshot."""

import io
import zipfile
from pathlib import Path

import pytest

from apps.common.models import ImportSession
from apps.products.models import Product
from tests.documents import offer, offer_by_warehouse
from tests.stock_loader.console.option_loads import load, products, quantities, write
from tests.strategies import STRATEGIES

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_several_files_are_one_snapshot(strategy: str, tmp_path: Path) -> None:
    products(3, quantity=0)
    first = write(tmp_path / "rests_1.xml", offer("p0", 1), offer("p1", 2))
    second = write(tmp_path / "rests_2.xml", offer("p1", 5), offer("p2", 3), date="2026-01-15T03:00:09")

    details = load(first, second, strategy=strategy)["details"]

    assert quantities() == [1, 5, 3]
    assert (details["total_records"], details["updated_count"], details["duplicate_count"]) == (4, 3, 1)
    assert details["document_date"] == "2026-01-15T03:00:09"
    assert ImportSession.objects.count() == 1


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_offers_of_several_files_are_listed_with_their_file(strategy: str, tmp_path: Path) -> None:
    first = write(tmp_path / "a.xml", offer("x", 1), offer("y", "?"))
    second = write(tmp_path / "b.xml", offer("z", 3))

    details = load(first, second, strategy=strategy)["details"]

    listed = [(entry["file"], entry["line"], entry["onec_id"]) for entry in details["not_found"] + details["invalid"]]
    assert listed == [(str(first), 5, "x"), (str(second), 5, "z"), (str(first), 6, "y")]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_broken_second_file_changes_nothing_of_the_first(strategy: str, tmp_path: Path) -> None:
    products(1, quantity=0)
    first = write(tmp_path / "a.xml", offer("p0", 1))
    second = tmp_path / "b.xml"
    second.write_text("<x>")

    report = load(first, second, strategy=strategy, code=1)

    assert report["error_message"].startswith(f"{second}: ")
    assert quantities() == [0]


def test_folder_archive_and_files_load_alike(tmp_path: Path) -> None:
    products(12, quantity=0)
    folder = tmp_path / "folder"
    folder.mkdir()
    for n in range(12):
        write(folder / f"rests_1_{n}_x.xml", offer(f"p{n}", n), offer("p0", n))
    with zipfile.ZipFile(tmp_path / "rests.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, path.name)
    expected = [11, *range(1, 12)]

    for path in (folder, tmp_path / "rests.zip"):
        Product.objects.update(stock_quantity=0)
        load(path)
        assert quantities() == expected


def test_standard_input_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    products(1, quantity=0)
    path = write(tmp_path / "a.xml", offer("p0", 1), offer("p0", 2))

    with path.open("rb") as file:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(file))
        details = load("-")["details"]

    assert quantities() == [2]
    assert (details["file"], details["duplicate_count"]) == ("-", 1)


def test_chosen_warehouse_may_occur_in_one_file_of_many(tmp_path: Path) -> None:
    products(2, quantity=9)
    first = write(tmp_path / "rests_1.xml", offer_by_warehouse("p0", [1, 2]))
    second = write(tmp_path / "rests_2.xml", offer_by_warehouse("p1", [4]))

    load(first, second, "--warehouse=w2")

    assert quantities() == [2, 0]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_snapshot_of_several_files_is_whole_before_anything_is_missing(strategy: str, tmp_path: Path) -> None:
    products(3, quantity=5)
    first = write(tmp_path / "rests_1.xml", offer("p0", 5))
    second = write(tmp_path / "rests_2.xml", offer("p1", 5))

    assert load(first, second, "--missing=zero-always", strategy=strategy)["details"]["missing_count"] == 1
    assert quantities() == [5, 5, 0]
