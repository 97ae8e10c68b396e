"""BENCHMARKS.md."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.report.previous import compare
from benchmarks.report.results import Run
from benchmarks.report.sections import (
    floor_section,
    goals_section,
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

{offers:,} offers × 3 warehouses, unless said otherwise. Files are seeded, every round begins with the same state of the
database, and every result is checked: the rows that were updated, every quantity, their sum. Figures are medians, with
the fastest and the slowest round beside them. Times of machines differ, so that whole loads are given as a **ratio to
the floor**: a process that starts Django, lets libxml2 pass over the file, sends ready quantities through `COPY` and
updates what differs. It is measured in turn with each load, before every round, with every product changed.
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


def write_document(run: Run, path: Path, *, plots: Mapping[str, str], plot_folder: str, before: Run | None) -> None:
    """Write the report; `plots` are titles by file name, which lie in `plot_folder` as seen from the report."""
    images = {name: f"![{title}]({plot_folder}/{name})" for name, title in plots.items()}
    parts = [
        INTRODUCTION.format(date=run.date, commit=run.commit, offers=run.plan["offers"]),
        _machine(run),
        goals_section(run),
        _missing(run),
        loads_section(run),
        floor_section(run),
        peers_section(run, images.get("peers.svg", "")),
        layers_section(run, images.get("layers.svg", "")),
        scale_section(run, images.get("scale.svg", "")),
        memory_section(run, images.get("memory.svg", "")),
        sizes_section(run),
        _comparison(run, before),
        REPEATING,
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
            " ".join(filter(None, (each.case.subject, each.case.database, str(each.case.size or "")))),
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
    details = f"<details><summary>{len(rows)} cases</summary>\n\n{table(head, rows, text_columns=4)}\n</details>\n"
    marked = [row for row in rows if row[-1]]
    noticed = table(head, marked, text_columns=4) + "\n" if marked else "Nothing differs so much.\n\n"
    return "## Beside the run before\n\n" + text + noticed + details
