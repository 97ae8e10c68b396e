"""What may stand in a folder of exports, or in an archive: all of it is loaded, or nothing and the session says why."""

import io
import os
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from apps.common.models import ImportSession
from stock_loader.commerceml.files.snapshot import Snapshot
from stock_loader.errors import StockLoadError
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.load.watchers import LoadWatcher
from stock_loader.strategies import MatchRules
from tests.documents import offer
from tests.documents import rests as document
from tests.reliability.shop import NEW, OLD, PRODUCTS, last_message, load, statuses, stock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]

HALVES = (range(PRODUCTS // 2), range(PRODUCTS // 2, PRODUCTS))
MANAGE = Path(__file__).resolve().parents[3] / "manage.py"


def half(number: int, *, date: str = "2026-01-15T03:00:00") -> str:
    """A document with the new stock of one half of the shop."""
    return document(*(offer(f"p{n}", NEW[n]) for n in HALVES[number]), date=date)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def pack(path: Path, members: dict[str, str], *, method: int = zipfile.ZIP_DEFLATED) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, text in members.items():
            info = zipfile.ZipInfo("x")
            info.filename = name  # ZipInfo itself would cut or turn some
            info.compress_type = method
            archive.writestr(info, text)
    return path


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
@pytest.mark.parametrize("strategy", ["bulk_update", pytest.param("copy", marks=pytest.mark.postgresql)])
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


def test_folder_for_which_a_file_is_replaced_by_a_link_is_refused(tmp_path: Path) -> None:
    """Whoever may write into the folder has a file replaced after it was looked at."""
    rests = write(tmp_path / "exchange" / "rests.xml", half(0))
    secret = write(tmp_path / "pgpass", half(1) + " ")

    def replace(_: int) -> None:
        rests.unlink(missing_ok=True)
        rests.symlink_to(secret)

    for watcher in (LoadWatcher(on_read=replace), LoadWatcher()):
        with pytest.raises(StockLoadError, match="a link that leads out of the folder"):
            load_stocks(options(tmp_path / "exchange"), watcher=watcher)
        assert stock() == OLD


def options(path: Path, **more: object) -> LoadOptions:
    return LoadOptions(file=str(path), strategy="bulk_update", batch_size=4, chunk_size=4, **more)  # type: ignore[arg-type]


def arrives(folder: Path) -> LoadWatcher:
    return LoadWatcher(on_read=lambda _: write(folder / "rests_2.xml", half(1)))


def test_segment_that_arrives_while_others_are_read_is_told_and_loaded_next(tmp_path: Path) -> None:
    write(tmp_path / "rests_1.xml", half(0))

    report = load_stocks(options(tmp_path), watcher=arrives(tmp_path))

    assert stock() == NEW[: PRODUCTS // 2] + OLD[PRODUCTS // 2 :]
    assert [warning["code"] for warning in report.details.warnings] == ["arrived_late"]
    assert load(str(tmp_path)).details.warnings == []
    assert stock() == NEW


def test_segment_that_arrives_keeps_missing_products_from_being_zeroed(tmp_path: Path) -> None:
    write(tmp_path / "rests_1.xml", half(0))
    zeroes = {"rules": MatchRules(zeroes_missing=True), "exports_are_whole": True}

    with pytest.raises(StockLoadError, match=r"rests_2\.xml: it came into the folder while others were read"):
        load_stocks(options(tmp_path, **zeroes), watcher=arrives(tmp_path))

    assert (stock(), statuses()) == (OLD, ["failed"])


def test_other_files_that_arrive_are_nothing(tmp_path: Path) -> None:
    write(tmp_path / "rests_1.xml", half(0))
    watcher = LoadWatcher(on_read=lambda _: write(tmp_path / "offers_2.xml", half(1)))
    assert load_stocks(options(tmp_path), watcher=watcher).details.warnings == []


def test_archive_of_nine_thousand_members_is_read_in_linear_time(tmp_path: Path) -> None:
    """When each member opened the archive anew, ten times the members took a hundred times as long."""
    seconds = []
    for count in (900, 9_000):
        path = pack(tmp_path / f"{count}.zip", {f"rests_1_{n}_x.xml": half(n % 2) for n in range(count)})
        began = time.process_time()
        with Snapshot([str(path)]) as snapshot:
            assert sum(len(chunk) for file in snapshot.files() for chunk in file.chunks()) > count
        seconds.append(time.process_time() - began)

    assert seconds[1] < 30 * seconds[0]


def test_archive_is_opened_once_however_many_members_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = pack(tmp_path / "v8.zip", {f"rests_{n}.xml": half(n % 2) for n in range(50)})
    opened: list[object] = []
    monkeypatch.setattr(zipfile, "ZipFile", counted(zipfile.ZipFile, opened))

    load(str(path))

    assert (stock(), len(opened)) == (NEW, 1)


def counted(real: type[zipfile.ZipFile], opened: list[object]) -> Callable[[object], zipfile.ZipFile]:
    def open_counted(file: object) -> zipfile.ZipFile:
        opened.append(file)
        return real(file)  # type: ignore[call-overload, no-any-return]

    return open_counted


def test_file_of_holes_is_refused_by_its_first_bytes_before_it_is_hashed(tmp_path: Path) -> None:
    path = tmp_path / "rests.xml"
    with path.open("wb") as file:
        file.truncate(40 * 2**30)
    began = time.monotonic()

    with pytest.raises(StockLoadError, match="not a stock file"):
        load_stocks(options(path, skips_loaded=True))

    assert time.monotonic() - began < 10
    assert statuses() == ["failed"]


def test_holes_behind_a_good_head_are_not_hashed_to_their_end(tmp_path: Path) -> None:
    path = write(tmp_path / "rests.xml", half(0))
    with path.open("r+b") as file:
        file.truncate(40 * 2**30)
    began = time.monotonic()

    with pytest.raises(StockLoadError, match="not well-formed XML"):
        load_stocks(options(path, skips_loaded=True))

    assert time.monotonic() - began < 10
    assert (stock(), statuses()) == (OLD, ["failed"])


def test_short_reads_make_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system in user space may hand out less than it was asked for."""
    real = os.read
    monkeypatch.setattr(os, "read", lambda descriptor, size: real(descriptor, min(size, 7)))
    for number in (0, 1):
        write(tmp_path / f"rests_{number}.xml", half(number))

    load(str(tmp_path))

    assert (stock(), statuses()) == (NEW, ["completed"])


@pytest.mark.parametrize("failing", ["read", "fstat"])
def test_file_that_its_server_forgot_fails_in_one_line(
    failing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "rests.xml", half(0))

    real = getattr(os, failing)

    def stale(*arguments: Any) -> Any:
        if threading.current_thread() is not threading.main_thread():  # the thread that waits for signals
            return real(*arguments)
        raise OSError(116, "Stale file handle")

    with monkeypatch.context() as patched:
        patched.setattr(os, failing, stale)
        with pytest.raises(StockLoadError):
            load(str(path))

    assert (stock(), statuses()) == (OLD, ["failed"])
    assert last_message() == f"{path}: cannot be read: Stale file handle."


def test_file_cut_to_nothing_while_it_is_read_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "rests.xml", half(0).replace("<Предложение>", " " * 200_000 + "<Предложение>"))

    with pytest.raises(StockLoadError, match=r"rests\.xml: changed while being read\."):
        load_stocks(options(path), watcher=LoadWatcher(on_read=lambda _: os.truncate(path, 0)))

    assert (stock(), statuses()) == (OLD, ["failed"])


def command(*arguments: str, url: str, **more: object) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_LANGUAGE_CODE": "en"} | dict(more.pop("env", {}))  # type: ignore[call-overload]
    return subprocess.run(
        ["bash", "-c", f'exec "$@" {more.pop("redirected")}', "bash", sys.executable, str(MANAGE), *arguments],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        timeout=60,
    )


def test_closed_standard_input_is_one_line(test_database_url: str) -> None:
    ended = command("load_product_stocks", "--file", "-", url=test_database_url, redirected="<&-")

    assert (ended.returncode, statuses()) == (1, ["failed"])
    assert ended.stderr == (
        "Error during the update: -: standard input is closed. Give it a document, or name a file.\n"
    )


def test_no_folder_for_the_copy_of_standard_input_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(half(0).encode())))

    with pytest.raises(
        StockLoadError, match=r"^-: a copy of standard input cannot be kept: No such file or directory\."
    ):
        load("-")

    assert (stock(), statuses()) == (OLD, ["failed"])


class FullFile(io.BytesIO):
    def write(self, _: object) -> int:
        raise OSError(28, "No space left on device")


def test_full_folder_for_the_copy_of_standard_input_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: FullFile())
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(half(0).encode())))

    with pytest.raises(StockLoadError, match=r"^-: a copy of standard input cannot be kept: No space left on device\."):
        load("-")

    assert (stock(), statuses()) == (OLD, ["failed"])


def test_zip_on_standard_input_is_told_to_be_given_as_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zipped = pack(tmp_path / "v8.zip", {"rests.xml": half(0)})
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(zipped.read_bytes())))

    with pytest.raises(StockLoadError):
        load("-")

    assert last_message() == "-: a zip is not unpacked from standard input. Give it as a file: --file PATH."
    assert (stock(), statuses()) == (OLD, ["failed"])


def test_standard_input_named_twice_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(half(0).encode())))
    with translation.override("en"), pytest.raises(CommandError, match="standard input can be read only once"):
        call_command("load_product_stocks", "--file", "-", "-", stdout=io.StringIO())
    assert ImportSession.objects.get().status == "failed"
