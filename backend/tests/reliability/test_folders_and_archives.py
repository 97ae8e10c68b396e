"""What may stand in a folder of exports, or in an archive: all of it is loaded, or nothing and the session says why."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from stock_loader.errors import StockLoadError
from tests.reliability.exports import half, pack, write
from tests.reliability.shop import NEW, OLD, PRODUCTS, last_message, load, statuses, stock
from tests.strategies import STRATEGIES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]


def backslashes(folder: Path) -> Path:
    return pack(
        folder / "v8.zip", {r"webdata\goods\1\rests___ab.xml": half(0), r"webdata\goods\2\rests___cd.xml": half(1)}
    )


def folders_of_the_exchange(folder: Path) -> Path:
    write(folder / "webdata" / "000000001" / "goods" / "1" / "rests___ab.xml", half(0))
    write(folder / "webdata" / "000000001" / "goods" / "2" / "rests___cd.xml", half(1))
    return folder


def archives_in_a_folder(folder: Path) -> Path:
    pack(folder / "v8_1.zip", {"rests___ab.xml": half(0)})
    pack(folder / "v8_2.zip", {"goods/1/rests___cd.xml": half(1)})
    pack(folder / "images.zip", {"import_files/1.jpg": "x"})
    return folder


def archive_beside_a_file(folder: Path) -> Path:
    write(folder / "rests.xml", half(0))
    pack(folder / "v8_1.zip", {"rests___ab.xml": half(1)})
    return folder


def archive_below(folder: Path) -> Path:
    write(folder / "goods" / "1" / "rests.xml", half(0))
    pack(folder / "goods" / "2" / "v8_1.zip", {"rests___ab.xml": half(1)})
    return folder


def link_within(folder: Path) -> Path:
    write(folder / "export_7.xml", half(0))
    (folder / "rests.xml").symlink_to("export_7.xml")
    write(folder / "rests_2.xml", half(1))
    (folder / "rests_latest.xml").symlink_to(folder / "rests_2.xml")
    return folder


def link_to_a_folder(folder: Path) -> Path:
    write(folder / "real" / "rests.xml", half(0))
    write(folder / "real" / "rests_2.xml", half(1))
    (folder / "link").symlink_to("real")
    return folder / "link"


READ = [
    backslashes,
    folders_of_the_exchange,
    archives_in_a_folder,
    archive_beside_a_file,
    archive_below,
    link_within,
    link_to_a_folder,
]


@pytest.mark.parametrize("make", READ)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_all_of_an_export_is_loaded_wherever_it_stands(
    strategy: str, make: Callable[[Path], Path], tmp_path: Path
) -> None:
    report = load(str(make(tmp_path / "exchange")), strategy=strategy)

    assert (stock(), statuses()) == (NEW, ["completed"])
    assert (report.details.document_count, report.details.duplicate_count, report.details.warnings) == (2, 0, [])


def old_exports_in_a_folder_below(folder: Path) -> Path:
    write(folder / "archive" / "rests_old.xml", half(0))
    return folder


def link_to_a_file_outside(folder: Path) -> Path:
    write(folder / "rests_1.xml", half(0))
    secret = write(folder.parent / "pgpass", "db:5432:shop:stocks:S3cret")
    (folder / "rests_2.xml").symlink_to(secret)
    return folder


def link_to_an_environment(folder: Path) -> Path:
    folder.mkdir()
    (folder / "rests.xml").symlink_to("/proc/self/environ")
    return folder


def link_to_an_archive_outside(folder: Path) -> Path:
    folder.mkdir()
    (folder / "v8.zip").symlink_to(pack(folder.parent / "other.zip", {"rests.xml": half(0)}))
    return folder


def link_to_a_folder_outside(folder: Path) -> Path:
    folder.mkdir()
    write(folder.parent / "other" / "rests.xml", half(0))
    (folder / "goods").symlink_to(folder.parent / "other")
    return folder


def loop_of_links(folder: Path) -> Path:
    folder.mkdir()
    (folder / "rests.xml").symlink_to("rests.xml")
    return folder


def same_name_twice(folder: Path) -> Path:
    folder.mkdir()
    with zipfile.ZipFile(folder / "v8.zip", "w") as archive:
        archive.writestr("rests.xml", half(0))
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("rests.xml", half(1))
    return folder / "v8.zip"


def same_name_with_either_slash(folder: Path) -> Path:
    return pack(folder / "v8.zip", {"goods/rests.xml": half(0), r"goods\rests.xml": half(1)})


def lzma_of_four_gigabytes(folder: Path) -> Path:
    path = pack(folder / "v8.zip", {"rests.xml": half(0)}, method=zipfile.ZIP_LZMA)
    data = bytearray(path.read_bytes())
    properties = data.index(b"\x5d", 30)
    data[properties + 1 : properties + 5] = b"\xff\xff\xff\xff"  # the dictionary that unpacking would ask for
    path.write_bytes(data)
    return path


def first_part_of_an_archive(folder: Path) -> Path:
    whole = pack(folder.parent / "whole.zip", {"rests.xml": half(0) + " " * 5000})
    folder.mkdir()
    (folder / "v8.zip").write_bytes(whole.read_bytes()[:200])
    return folder / "v8.zip"


def first_part_in_a_folder(folder: Path) -> Path:
    first_part_of_an_archive(folder)
    write(folder / "rests.xml", half(0))
    return folder


def empty_archive_in_a_folder(folder: Path) -> Path:
    write(folder / "rests.xml", half(0))
    write(folder / "v8.zip", "")
    return folder


REFUSED: list[tuple[Callable[[Path], Path], str]] = [
    (old_exports_in_a_folder_below, "no stock file in it, and the folders below it are not searched, except for goods"),
    (link_to_a_file_outside, "rests_2.xml: a link that leads out of the folder is not followed."),
    (link_to_an_environment, "rests.xml: a link that leads out of the folder is not followed."),
    (link_to_an_archive_outside, "v8.zip: a link that leads out of the folder is not followed."),
    (link_to_a_folder_outside, "goods: a link that leads out of the folder is not followed."),
    (loop_of_links, "rests.xml: cannot be read: Too many levels of symbolic links."),
    (same_name_twice, "v8.zip: rests.xml is in it more than once. Pack it anew."),
    (same_name_with_either_slash, "v8.zip: goods/rests.xml is in it more than once. Pack it anew."),
    (lzma_of_four_gigabytes, "v8.zip: rests.xml in it is packed by method lzma; only stored and deflated documents"),
    (first_part_of_an_archive, "v8.zip: an incomplete zip"),
    (first_part_in_a_folder, "v8.zip: an incomplete zip"),
    (empty_archive_in_a_folder, "v8.zip: not a readable zip archive"),
]


@pytest.mark.parametrize(("make", "said"), REFUSED)
def test_half_of_an_export_or_what_is_none_of_it_is_refused(
    make: Callable[[Path], Path], said: str, tmp_path: Path
) -> None:
    path = make(tmp_path / "exchange")

    with pytest.raises(StockLoadError) as refused:
        load(str(path))

    assert (stock(), statuses()) == (OLD, ["failed"])
    assert said in last_message()
    assert last_message() == str(refused.value)
    assert "S3cret" not in last_message()
    assert last_message().isprintable()


def test_link_that_is_named_itself_is_followed(tmp_path: Path) -> None:
    link = tmp_path / "link.xml"
    link.symlink_to(write(tmp_path / "other" / "rests.xml", half(0)))
    load(str(link))
    assert stock() == NEW[: PRODUCTS // 2] + OLD[PRODUCTS // 2 :]


def test_stock_files_below_a_folder_with_its_own_are_told(tmp_path: Path) -> None:
    write(tmp_path / "rests.xml", half(0))
    below = write(tmp_path / "goods" / "1" / "rests_2.xml", half(1))

    report = load(str(tmp_path))

    assert [warning["code"] for warning in report.details.warnings] == ["unread_files"]
    assert str(below) in str(report.details.warnings[0]["text"])
    assert report.details.document_count == 1
