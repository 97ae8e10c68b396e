"""What a load is written as in the file of metrics, and what is kept of the loads before."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stock_loader.outcome import LoadDetails, LoadReport
from stock_loader.reports.metrics import write_metrics
from tests.stock_loader.reports.measured_loads import (
    COMPLETED,
    DRY_RUN,
    FAILED,
    NOW,
    UNDO,
    WRITTEN,
    count_names,
    samples,
)

BACKEND = Path(__file__).resolve().parents[3]


def test_completed_load_is_written_as_gauges(path: Path) -> None:
    write_metrics(path, COMPLETED, exit_code=0)

    expected = {name.removesuffix("_count"): 0 for name in count_names()} | {
        "last_attempt_timestamp_seconds": NOW,
        "last_success_timestamp_seconds": NOW,
        "document_timestamp_seconds": WRITTEN,
        "duration_seconds": 1.25,
        "dry_run": 0,
        "skipped": 0,
        "warnings": 1,
        "exit_code": 0,
        "total_records": 21,
        "updated": 6,
        "unchanged": 5,
        "not_found": 4,
        "invalid": 3,
        "duplicate": 2,
        "no_stock_data": 1,
        "undo": 0,
        "step_seconds/reading": 0.75,
        "step_seconds/writing": 0.5,
        "status/completed": 1,
        "status/failed": 0,
    }
    assert samples(path) == expected


def test_every_count_of_the_report_has_its_gauge(path: Path) -> None:
    names = sorted(count_names())
    counts: dict[str, Any] = {name: number for number, name in enumerate(names, start=1)}
    write_metrics(path, replace(COMPLETED, details=replace(COMPLETED.details, **counts)))

    written = samples(path)
    assert {name: written[name.removesuffix("_count")] for name in names} == counts


def test_text_is_what_the_collector_expects(path: Path) -> None:
    write_metrics(path, COMPLETED)

    assert path.read_text(encoding="utf-8").splitlines()[:3] == [
        "# HELP stock_load_last_attempt_timestamp_seconds When the last load ended, whatever came of it.",
        "# TYPE stock_load_last_attempt_timestamp_seconds gauge",
        "stock_load_last_attempt_timestamp_seconds 1.7e+09",
    ]


@pytest.mark.parametrize("report", [FAILED, None, DRY_RUN, UNDO], ids=["failed", "no_session", "dry_run", "undo"])
def test_last_success_survives_a_load_that_is_none(path: Path, clock: list[float], report: LoadReport | None) -> None:
    clock[0] = 1_700_000_000.123456
    write_metrics(path, COMPLETED)
    for minutes in (5, 10):
        clock[0] = NOW + minutes * 60
        write_metrics(path, report)

    written = samples(path)
    assert written["last_attempt_timestamp_seconds"] == NOW + 600
    assert written["last_success_timestamp_seconds"] == 1_700_000_000.123456
    assert written["document_timestamp_seconds"] == WRITTEN


def test_failed_load_says_so(path: Path) -> None:
    write_metrics(path, FAILED, exit_code=3)

    written = samples(path)
    assert (written["status/completed"], written["status/failed"], written["exit_code"]) == (0, 1, 3)
    assert (written["last_success_timestamp_seconds"], written["duration_seconds"]) == (0, 0.5)


def test_attempt_without_a_session_failed_with_counts_of_0(path: Path) -> None:
    write_metrics(path, None)

    written = samples(path)
    assert (written["status/completed"], written["status/failed"]) == (0, 1)
    assert "exit_code" not in written
    assert all(written[name.removesuffix("_count")] == 0 for name in count_names())


def test_completed_dry_run_says_that_it_was_one(path: Path) -> None:
    write_metrics(path, DRY_RUN)

    written = samples(path)
    assert (written["status/completed"], written["dry_run"], written["last_success_timestamp_seconds"]) == (1, 1, 0)


def test_load_of_files_that_were_loaded_already_is_a_success(path: Path) -> None:
    skipped = LoadDetails(file="rests.xml", strategy="copy", dry_run=False, skipped=True)
    write_metrics(path, replace(COMPLETED, details=skipped))

    written = samples(path)
    assert (written["status/completed"], written["skipped"], written["last_success_timestamp_seconds"]) == (1, 1, NOW)


@pytest.mark.parametrize(
    "previous",
    [
        b"",
        b"\xff\xfe\x00 garbage\n{{{",
        b"stock_load_last_success_timestamp_seconds\n",
        b"stock_load_last_success_timestamp_seconds yesterday\n",
        b"stock_load_last_success_timestamp_seconds NaN\n",
        b"stock_load_last_success_timestamp_seconds +Inf\n",
        b"stock_load_last_success_timestamp_seconds -1\n",
        b"stock_load_last_success_timestamp_seconds_of_another 1.6e+09\n",
    ],
    ids=["empty", "garbage", "no_value", "text", "nan", "infinite", "negative", "longer_name"],
)
def test_broken_previous_file_means_no_known_success(path: Path, previous: bytes) -> None:
    path.write_bytes(previous)
    write_metrics(path, FAILED)

    assert samples(path)["last_success_timestamp_seconds"] == 0


def test_last_success_in_the_future_becomes_now(path: Path) -> None:
    path.write_bytes(b"stock_load_last_success_timestamp_seconds 1.8e+09\n")
    write_metrics(path, FAILED)

    assert samples(path)["last_success_timestamp_seconds"] == NOW


@pytest.mark.parametrize("date", ["", "some day"])
def test_document_without_a_date_keeps_the_last_known_one(path: Path, date: str) -> None:
    write_metrics(path, COMPLETED)
    write_metrics(path, replace(COMPLETED, details=replace(COMPLETED.details, document_date=date)))

    assert samples(path)["document_timestamp_seconds"] == WRITTEN


def test_last_success_is_found_among_broken_lines(path: Path) -> None:
    path.write_bytes(b"\xff{\nstock_load_last_success_timestamp_seconds 1.6e+09\ncut of")
    write_metrics(path, FAILED)

    assert samples(path)["last_success_timestamp_seconds"] == 1.6e9


def test_importing_the_module_does_not_import_the_client() -> None:
    code = "import sys, stock_loader.reports.metrics; print('prometheus_client' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], cwd=BACKEND, capture_output=True, text=True, check=True)
    assert out.stdout == "False\n"
