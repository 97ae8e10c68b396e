"""Files that arrive, are replaced, forgotten or cut while a load reads: it loads what it saw, or says why not."""

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from stock_loader.errors import StockLoadError
from stock_loader.load.loader import load_stocks
from stock_loader.load.watchers import LoadWatcher
from stock_loader.strategies import MatchRules
from tests.reliability.exports import half, options, write
from tests.reliability.shop import NEW, OLD, PRODUCTS, last_message, load, statuses, stock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]


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
