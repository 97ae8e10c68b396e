from pathlib import Path

import pytest

from benchmarks import reading
from fixtures_generator.command import main as generate


def test_each_way_reads_all_offers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rests.xml"
    generate(["--offers", "400", "--output", str(path), "--quiet"])
    assert [read(str(path)) for read in reading.WAYS.values()] == [400] * 4
    reading.main(str(path), "2")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["bare", "load", "parsed", "whole"]


def test_ways_that_see_different_offers_are_no_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "WAYS", {"bare": lambda _: 1, "load": lambda _: 2})
    with pytest.raises(ValueError, match=r"\[1, 2\]"):
        reading.measure("rests.xml", rounds=1)
