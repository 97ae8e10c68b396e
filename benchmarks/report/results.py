"""What a run of the benchmarks says, as values."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.cases import Case, Cores, Section

MEDIANS = {
    "floor_seconds": "floor_median",
    "cpu_seconds": "cpu_median",
    "floor_cpu_seconds": "floor_cpu_median",
}
"""Lists in the JSON of a run, and what is kept of them."""


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One case and its figures; times in seconds."""

    case: Case
    median: float
    fastest: float
    slowest: float
    rounds: int
    floor_median: float | None = None
    """Of the floors that were measured in turn with it, for reading of libxml2's bare pass; None where none was."""
    cpu_median: float | None = None
    """Processor seconds; None where they were not measured."""
    floor_cpu_median: float | None = None
    peak_mib: float | None = None
    """The largest resident set of the process."""
    heap_mib: float | None = None
    """What memray saw allocated at most."""
    layers: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """By layer, `mib` and `blocks` at that moment."""
    flame_graph: str = ""
    steps: Mapping[str, float] = field(default_factory=dict)
    """Seconds by step of a peer, of the last round."""

    @property
    def ratio(self) -> float | None:
        """Times the floor that was measured in turn with it."""
        return self.median / self.floor_median if self.floor_median else None

    @property
    def cpu_ratio(self) -> float | None:
        """The same in processor seconds."""
        return self.cpu_median / self.floor_cpu_median if self.cpu_median and self.floor_cpu_median else None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A benchmark without a figure."""

    name: str
    outcome: str
    """`failed` or `skipped`."""
    reason: str


@dataclass(frozen=True, kw_only=True)
class Run:
    """All of it."""

    date: str
    """ISO, to the second, UTC."""
    commit: str
    environment: Mapping[str, str]
    plan: Mapping[str, Any]
    measurements: tuple[Measurement, ...]
    outcomes: tuple[Outcome, ...] = ()

    def of(self, section: Section, **wanted: object) -> Iterator[Measurement]:
        """Yield the measurements of a section whose cases have the wanted values."""
        for measurement in self.measurements:
            case = measurement.case
            if case.section == section and all(getattr(case, name) == value for name, value in wanted.items()):
                yield measurement

    def find(self, section: Section, **wanted: object) -> Measurement | None:
        """Return the first such measurement, None where there is none."""
        return next(self.of(section, **wanted), None)

    def scale(self, database: str, strategy: str) -> list[Measurement]:
        """Return whole loads of every size, every product changed, the smallest first."""
        wanted = {"database": database, "subject": strategy, "changed": "all"}
        found = [*self.of(Section.SCALE, **wanted), *self.of(Section.PROCESS, **wanted)]
        return sorted(found, key=lambda measurement: measurement.case.offers)

    @property
    def floor_seconds(self) -> float | None:
        """The floor of the run by itself, with every product changed."""
        floor = self.find(Section.FLOOR, changed="all")
        return floor.median if floor else None


def read_run(path: Path) -> Run:
    """Read the JSON that pytest-benchmark wrote."""
    content = json.loads(path.read_text())
    commit = content["commit_info"]
    return Run(
        date=content["datetime"].partition(".")[0],
        commit=commit["id"][:12] + (", with changes" if commit["dirty"] else ""),
        environment=content["environment"],
        plan=content["plan"],
        measurements=tuple(map(_measurement, content["benchmarks"])),
        outcomes=tuple(Outcome(**outcome) for outcome in content["outcomes"]),
    )


def read_stored(path: Path) -> Run:
    """Read what `store` wrote."""
    content = json.loads(path.read_text())
    measurements = tuple(
        Measurement(**measurement | {"case": _case(measurement["case"])}) for measurement in content.pop("measurements")
    )
    outcomes = tuple(Outcome(**outcome) for outcome in content.pop("outcomes"))
    return Run(measurements=measurements, outcomes=outcomes, **content)


def store(run: Run, path: Path) -> None:
    """Keep the run for comparison with the next one."""
    path.write_text(json.dumps(asdict(run), indent=1, ensure_ascii=False, sort_keys=True) + "\n")


def _measurement(benchmark: Mapping[str, Any]) -> Measurement:
    stats, extra = benchmark["stats"], dict(benchmark["extra_info"])
    medians = {
        name: median(extra.pop(seconds))
        for seconds, name in MEDIANS.items()
        if extra.get(seconds)  # a failed benchmark has an empty list
    }
    return Measurement(
        case=_case(extra.pop("case")),
        median=stats["median"],
        fastest=stats["min"],
        slowest=stats["max"],
        rounds=stats["rounds"],
        **medians,
        **{name: value for name, value in extra.items() if name not in MEDIANS},
    )


def _case(values: Mapping[str, Any]) -> Case:
    return Case(**{**values, "section": Section(values["section"]), "cores": Cores(values.get("cores", ""))})
