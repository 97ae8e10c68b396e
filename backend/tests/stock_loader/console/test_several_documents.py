"""Several documents in one call: the younger one counts, and what they are is told."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.documents import offer
from tests.stock_loader.console.document_loads import NEW, OLD, load, packed, products, quantities, write
from tests.strategies import STRATEGIES

pytestmark = pytest.mark.django_db(transaction=True)


def as_files(new: Path, old: Path) -> list[Path]:
    return [new, old]


def as_folder(new: Path, old: Path) -> list[Path]:
    return [new.parent]


def as_archive(new: Path, old: Path) -> list[Path]:
    return [packed(new.parent.parent / "both.zip", new, old)]


def as_two_archives(new: Path, old: Path) -> list[Path]:
    return [packed(new.parent.parent / "a.zip", new), packed(new.parent.parent / "b.zip", old)]


def as_archive_and_file(new: Path, old: Path) -> list[Path]:
    return [packed(new.parent.parent / "a.zip", new), old]


@pytest.mark.parametrize("given", [as_files, as_folder, as_archive, as_two_archives, as_archive_and_file])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_younger_document_counts_whatever_it_is_called(
    strategy: str, given: Callable[[Path, Path], list[Path]], tmp_path: Path
) -> None:
    products(3, quantity=9)
    new = write(tmp_path / "exchange" / "rests___aa.xml", offer("p0", 2), offer("p1", 3), date=NEW)
    old = write(tmp_path / "exchange" / "rests___zz.xml", offer("p0", 7), offer("p2", 4), date=OLD)

    report = load(*given(new, old), strategy=strategy)

    assert quantities() == [2, 3, 4]
    details = report["details"]
    assert (details["document_count"], details["earliest_document_date"], details["document_date"]) == (2, OLD, NEW)
    assert report["warned"] == ["several_exports"]
    assert details["duplicate_count"] == 1


def test_standard_input_takes_its_place_among_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    products(1, quantity=9)
    old = write(tmp_path / "old.xml", offer("p0", 1), date=OLD)
    new = write(tmp_path / "new.xml", offer("p0", 2), date=NEW)

    with new.open("rb") as file:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(file))
        load("-", old)

    assert quantities() == [2]


def test_segments_of_one_export_are_no_reason_to_warn(tmp_path: Path) -> None:
    products(2, quantity=9)
    write(tmp_path / "rests_1_1.xml", offer("p0", 1), date="2026-01-15T03:00:00")
    write(tmp_path / "rests_1_2.xml", offer("p1", 2), date="2026-01-15T03:00:09")

    report = load(tmp_path, "--missing=zero-always")

    assert (quantities(), report["warned"]) == ([1, 2], [])


def test_documents_of_one_time_are_read_in_the_natural_order_of_their_names(tmp_path: Path) -> None:
    products(1, quantity=9)
    files = [write(tmp_path / f"rests_1_{n}.xml", offer("p0", n), date=NEW) for n in (10, 9)]

    load(*files)

    assert quantities() == [10]


@pytest.mark.parametrize("date", ["", "yesterday", "0001-01-01T00:00:00"])
def test_documents_without_dates_are_read_in_the_order_given_which_is_told(date: str, tmp_path: Path) -> None:
    products(1, quantity=9)
    files = [write(tmp_path / name, offer("p0", n), date=date) for n, name in enumerate(("b.xml", "a.xml"))]

    report = load(*files)

    assert (quantities(), report["warned"]) == ([1], ["no_date"])
    assert report["details"]["warnings"][0]["text"].startswith(
        f"2 of 2 documents have no date (ДатаФормирования), the first of them is {files[0]}. They were "
    )


def test_document_without_a_date_keeps_its_place_among_dated_ones(tmp_path: Path) -> None:
    products(2, quantity=9)
    new = write(tmp_path / "new.xml", offer("p0", 2), offer("p1", 2), date=NEW)
    undated = write(tmp_path / "undated.xml", offer("p1", 5), date="")
    old = write(tmp_path / "old.xml", offer("p0", 1), offer("p1", 1), date=OLD)

    assert load(new, undated, old)["warned"] == ["no_date", "several_exports"]

    assert quantities() == [2, 2]


def test_missing_products_are_not_zeroed_by_exports_of_several_days(tmp_path: Path) -> None:
    products(3, quantity=9)
    write(tmp_path / "rests_b.xml", offer("p0", 1), offer("p1", 1), date=OLD)
    write(tmp_path / "rests_a.xml", offer("p0", 2), date=NEW)

    report = load(tmp_path, "--missing=zero-always", code=3)

    assert report["error_message"].startswith(f"the documents are of several exports, written from {OLD} to {NEW}: ")
    assert quantities() == [9, 9, 9]
    load(tmp_path, "--missing=zero-always", "--force")
    assert quantities() == [2, 1, 0]


def test_content_that_another_has_replaced_is_loaded_again(tmp_path: Path) -> None:
    products(1, quantity=9)
    a = write(tmp_path / "a.xml", offer("p0", 1), date=NEW)
    b = write(tmp_path / "b.xml", offer("p0", 2), date=NEW)

    skipped = [load(path, "--skip-loaded")["details"]["skipped"] for path in (a, a, b, a, a)]

    assert skipped == [False, True, False, False, True]
    assert quantities() == [1]


def test_older_content_that_another_has_replaced_is_refused_for_its_date(tmp_path: Path) -> None:
    products(1, quantity=9)
    a = write(tmp_path / "a.xml", offer("p0", 1), date=OLD)
    load(a)
    load(write(tmp_path / "b.xml", offer("p0", 2), date=NEW))

    load(a, "--skip-loaded", code=3)

    assert quantities() == [2]
