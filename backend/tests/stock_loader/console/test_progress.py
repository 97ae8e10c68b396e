import re
import time
from collections.abc import Iterator

import pytest

from stock_loader.commerceml.files.chunks import StockFile
from stock_loader.console.progress import ProgressBar


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
