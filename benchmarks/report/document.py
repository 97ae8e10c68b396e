"""BENCHMARKS.md, which answers what a user asks, and the page of all cases."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.report.answers import (
    busy_answer,
    goals_answer,
    memory_answer,
    peers_answer,
    reading_answer,
    scale_answer,
    speed_answer,
)
from benchmarks.report.previous import compare
from benchmarks.report.results import Run
from benchmarks.report.sections import (
    floor_section,
    layers_section,
    loads_section,
    memory_section,
    peers_section,
    scale_section,
    sizes_section,
)
from benchmarks.report.tables import ratio, table

INTRODUCTION = """\
# Benchmarks

Written by `make bench`, the last time on {date} (UTC) at commit {commit}; do not edit.

{offers:,} offers × 3 warehouses, unless said otherwise; medians of several rounds, each of which begins with the same
state of the database and is checked: the rows that were updated, every quantity, their sum. Times of machines differ,
so that whole loads are given as a **ratio to the floor**, too: a process that starts Django, lets libxml2 pass over the
file, sends ready quantities through `COPY` and updates what differs, every product changed. It is measured in turn with
each load. [All cases]({cases}), with spreads, layers, sizes of batches and chunks, and the run before.
"""

CASES_INTRODUCTION = """\
# Benchmarks: all cases

Written by `make bench`, the last time on {date} (UTC) at commit {commit}; do not edit. BENCHMARKS.md says what is
measured, and how.
"""

REPEATING = """\
## Run it yourself

    make bench                                   everything; writes this file, the plots and the stored result
    python -m benchmarks --million               1,000,000 offers too (--ten-million: 10,000,000)
    python -m benchmarks --offers 10000 --rounds 3
                                                 another size; writes to var/benchmarks, not here
    pytest --benchmark-only -k test_peer         some of them, without a report

PostgreSQL is an embedded one, or the server in `TEST_DATABASE_URL`. Flame graphs of every memory case are left in
`var/benchmarks/`.
"""


def write_document(run: Run, path: Path, *, plots: Mapping[str, str], cases: str) -> None:
    """Write the page; `plots` are titles by file name. They lie beside `cases`, the page of all cases."""
    folder = cases.rpartition("/")[0]
    images = {name: f"![{title}]({folder}/{name})" for name, title in plots.items()}
    parts = [
        INTRODUCTION.format(date=run.date, commit=run.commit, offers=run.plan["offers"], cases=cases),
        speed_answer(run),
        peers_answer(run, images.get("peers.svg", "")),
        memory_answer(run, images.get("memory.svg", "")),
        scale_answer(run, images.get("scale.svg", "")),
        busy_answer(run),
        reading_answer(run),
        goals_answer(run),
        _missing(run),
        _machine(run),
        REPEATING,
    ]
    path.write_text("\n".join(part for part in parts if part))


def write_cases(run: Run, path: Path, *, plots: Mapping[str, str], before: Run | None) -> None:
    """Write the page of all cases, which lies beside the plots."""
    layers = "layers.svg"
    parts = [
        CASES_INTRODUCTION.format(date=run.date, commit=run.commit),
        loads_section(run),
        floor_section(run),
        peers_section(run),
        layers_section(run, f"![{plots[layers]}]({layers})" if layers in plots else ""),
        scale_section(run),
        memory_section(run),
        sizes_section(run),
        _comparison(run, before),
    ]
    path.write_text("\n".join(part for part in parts if part))


def _machine(run: Run) -> str:
    return table(("Measured on", ""), list(run.environment.items()), text_columns=2)


def _missing(run: Run) -> str:
    if not run.outcomes:
        return ""
    rows: Sequence[Sequence[str]] = [(f"`{each.name}`", each.outcome, _one_line(each.reason)) for each in run.outcomes]
    return "## Without a figure\n\n" + table(("benchmark", "", "reason"), rows, text_columns=3)


def _one_line(text: str) -> str:
    """Return the first line and, where more follow, the last, which names the error."""
    first, *others = text.strip().replace("|", "\\|").splitlines() or [""]
    return f"{first} … {others[-1].strip()}" if others else first


def _comparison(run: Run, before: Run | None) -> str:
    comparisons = compare(run, before) if before else []
    if not before or not comparisons:
        return ""
    rows = [
        (
            each.case.section.value,
            " ".join(
                filter(None, (each.case.subject, each.case.database, str(each.case.size or ""), each.case.cores.value))
            ),
            f"{each.case.offers:,} × {each.case.warehouses}",
            each.case.changed,
            ratio(each.before),
            ratio(each.now),
            f"{each.change:+.0%}",
            each.mark,
        )
        for each in comparisons
    ]
    head = ("section", "what", "offers", "changed", "before", "now", "change", "")
    text = f"Times the floor, then ({before.date}, commit {before.commit}) and now. Marked from 10 % on.\n\n"
    return f"## Beside the run before\n\n{text}{table(head, rows, text_columns=4)}"
