from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.report import writing
from benchmarks.report.document import write_document
from benchmarks.report.plots import PLOTS, write_plots
from benchmarks.report.results import read_stored
from benchmarks.tests.runs import slower, whole_run


@pytest.fixture
def document(tmp_path: Path) -> str:
    path = tmp_path / "BENCHMARKS.md"
    plots = {name: title for name, (title, _) in PLOTS.items()}
    before = slower(whole_run(), loader=0.5)
    write_document(whole_run(), path, plots=plots, plot_folder="docs/benchmarks", before=before)
    return path.read_text()


def test_document_has_every_section(document: str) -> None:
    assert [line for line in document.splitlines() if line.startswith("#")] == [
        "# Benchmarks",
        "## What is promised",
        "## Without a figure",
        "## Whole loads",
        "## The floor",
        "## Beside what else a shop could use",
        "## Layers",
        "## Scale",
        "## Memory",
        "## Writing by batch size",
        "## Matching by chunk size",
        "## Beside the run before",
        "## Run it yourself",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Written by `make bench`, the last time on 2026-11-22T12:00:00 (UTC) at commit 0123456789ab; do not edit.",
        "| PostgreSQL | 18.4 |",
        "| `test_peer[bulk_load-all]` | failed | it broke \\| badly … here |",
        "| `copy` | PostgreSQL | all | 1.20 s | 1.08 s – 1.32 s | 1.20 | 1.20 | 0.90 s | 83,333 |",
        "| **this loader, `copy`** | all | 1.20 s | 1.08 s – 1.32 s | 1.20 | 1.00 | – | – | – |",
        "| django-pgbulk | all | 3.00 s | 2.70 s – 3.30 s | 3.00 | 2.50 | 1.50 s | 1.00 s | 0.50 s |",
        "| by hand, as shops write it | all | 40.0 s | one round | 40.0 | 33.3 | – | – | – |",
        "| start |  |  |  | 0.30 s | 0.27 s – 0.33 s |",
        "- `copy`, PostgreSQL: time grows with offers to the power of 1.00, the start included.",
        "| `copy`, PostgreSQL | 100,000 | 56.0 | 10.0 | 18.5 | 15.0 | 1.0 | 0.5 | 2.0 | 5,214 |",
        "| **1,000** (default) | 0.50 s | 0.45 s – 0.55 s | 0.50 s | 0.45 s – 0.55 s |",
        "| scale | copy PostgreSQL | 10,000 × 3 | all | 0.07 | 0.15 | +100% | **slower** |",
        "![Where the time of a load goes](docs/benchmarks/layers.svg)",
    ],
)
def test_document_says(document: str, line: str) -> None:
    assert line in document.splitlines()


def test_run_with_nothing_but_a_failure_is_reported(tmp_path: Path) -> None:
    run = type(whole_run())(**{**vars(whole_run()), "measurements": ()})
    write_document(run, tmp_path / "x.md", plots={}, plot_folder="plots", before=None)
    assert "it broke" in (tmp_path / "x.md").read_text()


@pytest.mark.slow
def test_plots_are_the_same_for_the_same_run(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    assert list(write_plots(whole_run(), tmp_path / "a")) == list(PLOTS)
    write_plots(whole_run(), tmp_path / "b")
    for name in PLOTS:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_second_run_is_compared_with_the_first_and_then_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [whole_run(), replace(slower(whole_run(), loader=2.0), date="2026-11-23T12:00:00")]
    monkeypatch.setattr(writing, "read_run", lambda _: runs[0])
    list(writing.write_report(tmp_path / "run.json", tmp_path))
    assert "## Beside the run before" not in (tmp_path / "BENCHMARKS.md").read_text()
    monkeypatch.setattr(writing, "read_run", lambda _: runs[1])
    list(writing.write_report(tmp_path / "run.json", tmp_path))
    assert "## Beside the run before" in (tmp_path / "BENCHMARKS.md").read_text()
    assert read_stored(tmp_path / "docs/benchmarks/results.json") == runs[1]
