import os
import zipfile
from pathlib import Path

import pytest

from stock_loader.errors import LoadRefusedError
from stock_loader.reports.destinations import refuse_shared_files


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: an exchange folder with a stock file, an archive, a table and links to them."""
    monkeypatch.chdir(tmp_path)
    exchange = tmp_path / "exchange"
    exchange.mkdir()
    (exchange / "rests.xml").write_text("<x/>")
    (exchange / "other.xml").write_text("<x/>")
    with zipfile.ZipFile("rests.zip", "w") as archive:
        archive.writestr("rests.xml", "<x/>")
    Path("old.csv").write_text("")
    Path("link.csv").symlink_to("old.csv")
    Path("hard.csv").hardlink_to("old.csv")
    Path("rests.csv").hardlink_to(exchange / "rests.xml")
    Path("rests.prom").symlink_to(exchange / "rests.xml")
    return tmp_path


@pytest.mark.parametrize(
    ("changes", "rejected"),
    [
        ("new.csv", "new.csv"),
        ("new.csv", "./exchange/../new.csv"),
        ("new.csv", "NEW.csv"),
        ("\u0439.csv", "\u0438\u0306.csv"),
        ("old.csv", "link.csv"),
        ("old.csv", "hard.csv"),
        ("link.csv", "hard.csv"),
    ],
)
def test_two_spellings_of_one_file_are_refused(changes: str, rejected: str) -> None:
    with pytest.raises(LoadRefusedError) as refused:
        refuse_shared_files({"--changes": changes, "--rejected": rejected}, ["exchange/rests.xml"])
    assert str(refused.value) == f"--changes and --rejected name the same file: {rejected}."


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("exchange/rests.xml", "exchange/rests.xml"),
        ("exchange/rests.xml", "exchange/../exchange/rests.xml"),
        ("rests.csv", "exchange/rests.xml"),
        ("rests.prom", "exchange/rests.xml"),
        ("rests.csv", "exchange"),
        ("exchange/rests.xml", "exchange"),
        ("exchange/rests_metrics.xml", "exchange"),
        ("exchange/offers.xml", "./exchange/"),
        ("exchange/goods/1/rests.xml", "exchange"),
        ("exchange/v8.zip", "exchange"),
        ("rests.zip", "rests.zip"),
        ("rests.zip", "rests.zip!rests.xml"),
        ("missing.xml", "missing.xml"),
    ],
)
def test_file_that_is_read_is_not_written_over(path: str, source: str) -> None:
    with pytest.raises(LoadRefusedError) as refused:
        refuse_shared_files({"--metrics-file": path}, ["exchange/other.xml", source])
    assert str(refused.value) == (
        f"--metrics-file names a file that the load reads or needs, and would replace it: {path}."
    )


def test_file_behind_standard_input_is_not_written_over(folder: Path) -> None:
    kept = os.dup(0)
    try:
        with Path("old.csv").open("rb") as file:
            os.dup2(file.fileno(), 0)
            with pytest.raises(LoadRefusedError):
                refuse_shared_files({"--rejected": "old.csv"}, ["-"])
            refuse_shared_files({"--rejected": "new.csv"}, ["-"])
    finally:
        os.dup2(kept, 0)
        os.close(kept)


def test_files_of_their_own_pass() -> None:
    destinations = {"--changes": "exchange/changes.csv", "--rejected": "old.csv", "--metrics-file": "m.prom"}
    refuse_shared_files(destinations, ["exchange", "rests.zip", "no such folder", "a\0b"])
