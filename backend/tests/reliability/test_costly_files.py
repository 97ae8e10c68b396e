"""Archives of many members, files of holes and short reads cost no more than they must."""

import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from stock_loader.commerceml.files.snapshot import Snapshot
from stock_loader.errors import StockLoadError
from stock_loader.load.loader import load_stocks
from tests.reliability.exports import half, options, pack, write
from tests.reliability.shop import NEW, OLD, load, statuses, stock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]


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
