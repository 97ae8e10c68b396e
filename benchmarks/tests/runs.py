"""Small runs to report on."""

from dataclasses import replace
from typing import Any

from benchmarks.cases import BULK_UPDATE, COPY, POSTGRESQL, SQLITE, Case, Cores, Section
from benchmarks.report.results import Measurement, Outcome, Run


def measured(section: Section, subject: str, median: float, **more: Any) -> Measurement:
    """Return a measurement; of `more`, what a case has goes to the case."""
    names = {"offers", "warehouses", "database", "changed", "size", "cores"}
    case = Case(
        section=section,
        subject=subject,
        **{"offers": 100_000} | {name: value for name, value in more.items() if name in names},
    )
    figures = {name: value for name, value in more.items() if name not in names}
    usual = {"fastest": median * 0.9, "slowest": median * 1.1, "rounds": 5}
    return Measurement(case=case, median=median, **usual | figures)


def whole_run() -> Run:
    """Return a run with at least one measurement of every section."""
    on_postgres = {"database": POSTGRESQL, "changed": "all"}
    layers = {"modules": {"mib": 15.0, "blocks": 5000}, "reading": {"mib": 1.0, "blocks": 10}}
    layers |= {"matching and writing": {"mib": 0.5, "blocks": 4}, "other": {"mib": 2.0, "blocks": 200}}
    measurements = [
        measured(Section.FLOOR, "floor", 1.0, **on_postgres),
        measured(Section.PROCESS, COPY, 1.2, floor_median=1.0, **on_postgres),
        measured(Section.PROCESS, BULK_UPDATE, 2.5, floor_median=1.0, **on_postgres),
        measured(Section.NO_JOURNAL, COPY, 1.0, floor_median=1.0, **on_postgres),
        measured(Section.IN_PROCESS, COPY, 0.9, **on_postgres),
        measured(Section.LAYERS, "start", 0.3, warehouses=0),
        measured(Section.LAYERS, "libxml2 pass", 0.4),
        measured(Section.LAYERS, "parsing", 0.5),
        measured(Section.LAYERS, f"{COPY}: matching", 0.3, **on_postgres),
        measured(Section.LAYERS, f"{COPY}: writing", 0.2, **on_postgres),
        measured(
            Section.READING, "reading", 0.2, floor_median=0.4, cpu_median=0.21, floor_cpu_median=0.3, cores=Cores.ONE
        ),
        *(
            measured(Section.BUSY, COPY, value, floor_median=1.0, database=POSTGRESQL, changed="none", cores=cores)
            for cores, value in ((Cores.ALL, 0.8), (Cores.OTHERS_BUSY, 1.1))
        ),
        *(
            measured(Section.SCALE, COPY, offers * 1.2e-5, offers=offers, floor_median=0.8, **on_postgres)
            for offers in (10_000, 1_000_000)
        ),
        measured(Section.MEMORY, "idle", 0.4, offers=0, peak_mib=46.0),
        measured(
            Section.MEMORY,
            COPY,
            2.0,
            rounds=1,
            peak_mib=56.0,
            heap_mib=18.5,
            layers=layers,
            flame_graph="a.html",
            **on_postgres,
        ),
        measured(Section.PEERS, "handwritten", 40.0, rounds=1, floor_median=1.0, **on_postgres),
        measured(
            Section.PEERS,
            "pgbulk",
            3.0,
            floor_median=1.0,
            steps={"reading": 1.5, "matching": 1.0, "writing": 0.5},
            **on_postgres,
        ),
        *(
            measured(section, BULK_UPDATE, 0.5, size=size, database=database, changed="all")
            for section in (Section.BATCH_SIZES, Section.CHUNK_SIZES)
            for size in (100, 1000)
            for database in (POSTGRESQL, SQLITE)
        ),
    ]
    return Run(
        date="2026-11-22T12:00:00",
        commit="0123456789ab",
        environment={"Python": "3.11.7", "PostgreSQL": "18.4"},
        plan={"offers": 100_000, "batch_size": 1000, "chunk_size": 1000},
        measurements=tuple(measurements),
        outcomes=(Outcome(name="test_peer[bulk_load-all]", outcome="failed", reason="it broke | badly\nhere"),),
    )


def slower(run: Run, *, machine: float = 1.0, loader: float = 1.0) -> Run:
    """Return the run on a slower machine, or with a slower loader on the same one."""
    return replace(run, measurements=tuple(_slower(each, machine, loader) for each in run.measurements))


def _slower(each: Measurement, machine: float, loader: float) -> Measurement:
    own = 1.0 if each.case.section is Section.FLOOR else loader
    floor = each.floor_median * machine if each.floor_median else None
    return replace(each, median=each.median * machine * own, floor_median=floor)
