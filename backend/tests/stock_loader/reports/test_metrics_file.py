"""The file of metrics is replaced whole, can be read by all, and leaves nothing else behind."""

import os
import stat
from pathlib import Path

import pytest

from stock_loader.reports.metrics import write_metrics
from tests.stock_loader.reports.measured_loads import COMPLETED, FAILED, samples


def test_fifo_in_the_place_of_the_file_is_refused_and_does_not_hang(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(OSError, match="not a regular file"):
        write_metrics(path, FAILED)


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_file_can_be_read_by_all_whatever_the_umask(path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        write_metrics(path, COMPLETED)
    finally:
        os.umask(before)

    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_file_is_replaced_and_never_rewritten(path: Path) -> None:
    write_metrics(path, COMPLETED)
    with path.open(encoding="utf-8") as reader:
        half = reader.read(100)
        write_metrics(path, FAILED)
        old = half + reader.read()

    assert "stock_load_updated 6.0\n" in old
    assert samples(path)["updated"] == 0


def test_nothing_else_is_left_in_the_folder(path: Path) -> None:
    write_metrics(path, COMPLETED)

    assert list(path.parent.iterdir()) == [path]


def test_failed_rename_leaves_the_old_file_and_no_other(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_metrics(path, COMPLETED)
    before = path.read_bytes()

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="No space left on device"):
        write_metrics(path, FAILED)

    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_missing_folder_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_metrics(tmp_path / "missing" / "stock_load.prom", COMPLETED)
