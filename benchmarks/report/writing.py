"""Everything that a report consists of, into a folder."""

import json
from collections.abc import Iterator
from pathlib import Path

from benchmarks.report.document import write_cases, write_document
from benchmarks.report.plots import write_plots
from benchmarks.report.results import Run, read_run, read_stored, store

PLOT_FOLDER = "docs/benchmarks"
CASES = "cases.md"
STORED = "results.json"


def write_report(results: Path, folder: Path) -> Iterator[str]:
    """Write plots, BENCHMARKS.md and the stored result; yield what was written, and what could not be."""
    run = read_run(results)
    plot_folder = folder / PLOT_FOLDER
    plot_folder.mkdir(parents=True, exist_ok=True)
    stored = plot_folder / STORED
    before = _before(stored, run)
    try:
        plots = write_plots(run, plot_folder)
    except ImportError as error:
        plots = {}
        yield f"no plots: {error}; pip install --no-deps -r benchmarks/requirements.txt"
    document = folder / "BENCHMARKS.md"
    write_document(run, document, plots=plots, cases=f"{PLOT_FOLDER}/{CASES}")
    write_cases(run, plot_folder / CASES, plots=plots, before=before)
    store(run, stored)
    yield f"{document}: {len(run.measurements)} figures, {len(run.outcomes)} without"


def _before(stored: Path, run: Run) -> Run | None:
    """Return the run before; None where there is none, it is this one, or it was stored in another form."""
    if not stored.exists():
        return None
    try:
        before = read_stored(stored)
    except (json.JSONDecodeError, KeyError, TypeError, ValueError):
        return None
    return before if before.date != run.date else None
