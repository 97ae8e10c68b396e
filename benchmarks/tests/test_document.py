from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.report import writing
from benchmarks.report.document import write_cases, write_document
from benchmarks.report.plots import PLOTS, write_plots
from benchmarks.report.results import read_stored
from benchmarks.tests.runs import slower, whole_run

PLOT_TITLES = {name: title for name, (title, _) in PLOTS.items()}


@pytest.fixture
def document(tmp_path: Path) -> str:
    path = tmp_path / "BENCHMARKS.md"
    write_document(whole_run(), path, plots=PLOT_TITLES, cases="docs/benchmarks/cases.md")
    return path.read_text()


@pytest.fixture
def cases(tmp_path: Path) -> str:
    path = tmp_path / "cases.md"
    write_cases(whole_run(), path, plots=PLOT_TITLES, before=slower(whole_run(), loader=0.5))
    return path.read_text()


def headings(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("#")]


def test_page_answers_what_users_ask_first(document: str) -> None:
    assert headings(document) == [
        "# Benchmarks",
        "## How fast",
        "## Beside what else a shop could use",
        "## How much memory",
        "## How far",
        "## On a busy server",
        "## Reading alone",
        "## What is promised",
        "## Without a figure",
        "## Run it yourself",
    ]


def test_page_of_all_cases_has_every_section(cases: str) -> None:
    assert headings(cases) == [
        "# Benchmarks: all cases",
        "## Whole loads",
        "## The floor",
        "## Beside what else a shop could use",
        "## Layers",
        "## Scale",
        "## Memory",
        "## Writing by batch size",
        "## Matching by chunk size",
        "## Beside the run before",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Written by `make bench`, the last time on 2026-11-22T12:00:00 (UTC) at commit 0123456789ab; do not edit.",
        "| PostgreSQL | 18.4 |",
        "| `test_peer[bulk_load-all]` | failed | it broke \\| badly … here |",
        "| `copy`, PostgreSQL | 1.20 s (1.20) | – | – | – |",
        "| **this loader, `copy`** | 1.20 s | 1.00 |  |",
        "| by hand, as shops write it | 40.0 s | 33.3 | stream; leave unchanged rows alone; match by sku |",
        "| `copy`, PostgreSQL | 10.0 |",
        "| `copy`, PostgreSQL | 0.12 s (0.15) | 1.20 s (1.20) | 12.0 s (15.0) |",
        "| `copy`, PostgreSQL |  | 0.80 s (0.80) | 1.10 s (1.10) |",
        "| reading | one core | 0.20 s | 0.50 | 0.21 s | 0.70 |",
        "![Time beside what else a shop could use](docs/benchmarks/peers.svg)",
    ],
)
def test_page_says(document: str, line: str) -> None:
    assert line in document.splitlines()


@pytest.mark.parametrize(
    "line",
    [
        "| `copy` | PostgreSQL | all | 1.20 s | 1.08 s – 1.32 s | 1.20 | 1.20 | 0.90 s | 83,333 |",
        "| **this loader, `copy`** | all | 1.20 s | 1.08 s – 1.32 s | 1.20 | 1.00 | – | – | – |",
        "| django-pgbulk | all | 3.00 s | 2.70 s – 3.30 s | 3.00 | 2.50 | 1.50 s | 1.00 s | 0.50 s |",
        "| by hand, as shops write it | all | 40.0 s | one round | 40.0 | 33.3 | – | – | – |",
        "| start |  |  |  | 0.30 s | 0.27 s – 0.33 s |",
        "- `copy`, PostgreSQL: time grows with offers to the power of 1.00, the start included.",
        "| `copy`, PostgreSQL | 100,000 | 56.0 | 10.0 | 18.5 | 15.0 | 1.0 | 0.5 | 2.0 | 5,214 |",
        "| **1,000** (default) | 0.50 s | 0.45 s – 0.55 s | 0.50 s | 0.45 s – 0.55 s |",
        "| scale | copy PostgreSQL | 10,000 × 3 | all | 0.07 | 0.15 | +100% | **slower** |",
        "![Where the time of a load goes](layers.svg)",
    ],
)
def test_page_of_all_cases_says(cases: str, line: str) -> None:
    assert line in cases.splitlines()


def test_run_with_nothing_but_a_failure_is_reported(tmp_path: Path) -> None:
    run = type(whole_run())(**{**vars(whole_run()), "measurements": ()})
    write_document(run, tmp_path / "x.md", plots={}, cases="plots/cases.md")
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
    page = tmp_path / "docs/benchmarks/cases.md"
    assert "## Beside the run before" not in page.read_text()
    monkeypatch.setattr(writing, "read_run", lambda _: runs[1])
    list(writing.write_report(tmp_path / "run.json", tmp_path))
    assert "## Beside the run before" in page.read_text()
    assert read_stored(tmp_path / "docs/benchmarks/results.json") == runs[1]
