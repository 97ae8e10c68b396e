from collections.abc import Iterator

import pytest

from apps.products.management.progress import ProgressBar
from apps.products.services.inputs import StockFile


def stock_file(size: int) -> StockFile:
    def chunks() -> Iterator[bytes]:
        yield b""

    return StockFile(name="rests.xml", size=size, chunks=chunks)  # type: ignore[arg-type]


def test_bar_shows_bytes_of_all_files_and_offers_per_second(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TQDM_MININTERVAL", "0")
    with ProgressBar() as bar:
        bar.expect([stock_file(600), stock_file(400)])
        bar.show_offers(50)
        bar.advance(250)

    assert " 25%|" in capsys.readouterr().err


def test_reading_again_starts_at_the_beginning(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TQDM_MININTERVAL", "0")
    with ProgressBar() as bar:
        bar.expect([stock_file(1000)])
        bar.advance(1000)
        bar.start_again()
        bar.advance(500)

    shown = capsys.readouterr().err
    assert shown.index("100%|") < shown.rindex(" 50%|")
