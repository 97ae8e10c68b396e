import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.common.models import ImportSession
from stock_loader.commerceml.files.chunks import StockFile
from stock_loader.console.progress import ProgressBar
from tests.documents import offer
from tests.documents import rests as document

MANAGE = Path(__file__).resolve().parents[4] / "manage.py"


def stock_file(size: int) -> StockFile:
    def chunks() -> Iterator[bytes]:
        yield b""

    return StockFile(name="rests.xml", size=size, chunks=chunks)  # type: ignore[arg-type]


def test_bar_shows_bytes_of_all_files_and_offers_per_second(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBar() as bar:
        bar.expect([stock_file(600), stock_file(400)])
        bar.advance(250)
        time.sleep(0.01)
        bar.show_offers(50)
        bar._bar.refresh()

    shown = capsys.readouterr().err
    assert " 25%|" in shown
    assert re.search(r" 250/1\.00k \[\d\d:\d\d<\d\d:\d\d, \d[\d ]* (offers/s|предл\./с)\]", shown)


def test_reading_again_starts_at_the_beginning() -> None:
    with ProgressBar() as bar:
        bar.expect([stock_file(1000)])
        bar.advance(1000)
        bar.start_again()
        bar.advance(500)

        assert (bar._bar.n, bar._bar.total) == (500, 1000)


def test_undo_is_shown_by_its_changes() -> None:
    with ProgressBar() as bar:
        watcher = bar.watcher(on_session=lambda _: None)
        watcher.on_changes(2345, 1000)
        watcher.on_changes(2345, 2000)

        assert (bar._bar.n, bar._bar.total) == (2000, 2345)


def test_size_of_standard_input_is_not_known() -> None:
    with ProgressBar() as bar:
        bar.expect([stock_file(0)])

        assert bar._bar.total is None


def test_bar_waits_for_the_files_and_is_gone_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBar() as bar:
        before = capsys.readouterr().err
        bar.expect([stock_file(1000)])
        shown = capsys.readouterr().err

    assert (before, "0.00/1.00k" in shown) == ("", True)
    assert capsys.readouterr().err.strip() == ""


@pytest.mark.parametrize("columns", [20, 1])
def test_narrow_terminal_shows_all_of_it(columns: int, rests: Path, test_database_url: str) -> None:
    rests.write_text(document(*(offer(f"x{n}", n) for n in range(3000))), encoding="utf-8")
    master, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 10, columns, 0, 0))
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": test_database_url, "DJANGO_LANGUAGE_CODE": "en"}
    command = [sys.executable, str(MANAGE), "load_product_stocks", "--max-not-found", "off", "--file", str(rests)]
    with subprocess.Popen(command, env=environment, stdout=terminal, stderr=terminal, start_new_session=True) as load:
        os.close(terminal)
        shown = all_of(master).decode().replace("\r\n", "\n")
        assert load.wait(60) == 0
    assert "\nOffers read: 3 000\n" in shown
    assert "\nNot found: 3 000\n" in shown
    assert ImportSession.objects.get().status == "completed"


def all_of(master: int) -> bytes:
    """What a terminal shows until its last writer is gone, which is an error of the read."""
    shown = b""
    try:
        while part := os.read(master, 4096):
            shown += part
    except OSError:
        os.close(master)
    return shown
