"""This run beside the one before: as ratios to each run's own floor, so that a slower machine is no regression."""

from dataclasses import dataclass

from benchmarks.cases import Case
from benchmarks.report.results import Measurement, Run

NOTICED_FROM = 0.1
"""Part of itself by which a ratio must differ to be marked; medians of five rounds vary by some percent."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One case in both runs."""

    case: Case
    before: float
    """Times the floor."""
    now: float

    @property
    def change(self) -> float:
        """The part by which it became slower; below 0, faster."""
        return self.now / self.before - 1

    @property
    def mark(self) -> str:
        """A word where the change is to be noticed."""
        if abs(self.change) < NOTICED_FROM:
            return ""
        return "**slower**" if self.change > 0 else "faster"


def compare(run: Run, before: Run) -> list[Comparison]:
    """Return what both runs measured, in the order of this one."""
    then = {measurement.case: per_floor(measurement, before) for measurement in before.measurements}
    pairs = [(each.case, then.get(each.case), per_floor(each, run)) for each in run.measurements]
    return [Comparison(case=case, before=old, now=now) for case, old, now in pairs if old and now]


def per_floor(measurement: Measurement, run: Run) -> float | None:
    """Return times the floor measured in turn with it, or else the floor of the run."""
    if measurement.ratio is not None:
        return measurement.ratio
    return measurement.median / run.floor_seconds if run.floor_seconds else None
