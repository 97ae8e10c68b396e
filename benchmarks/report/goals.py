"""What the project promises of its speed and memory, and whether a run shows it."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.cases import BULK_UPDATE, COPY, MILLION, POSTGRESQL, SQLITE, Cores, Section
from benchmarks.report.results import Run
from benchmarks.report.statistics import times, times_by_floor

FLOOR_LIMITS = {
    (COPY, POSTGRESQL): {"all": 1.1, "5 %": 0.95, "none": 0.85},
    (BULK_UPDATE, POSTGRESQL): {"all": 1.6, "5 %": 1.2, "none": 1.1},
    (BULK_UPDATE, SQLITE): {"all": 1.5, "5 %": 1.2, "none": 1.1},
}
"""Whole command over the floor on PostgreSQL, by way and products changed."""
JOURNAL_LIMIT = 1.12
"""A load with the journal over one without, every product changed."""
USUAL_SHOP_OFFERS = 10_000
USUAL_SHOP_LIMIT = 0.95
"""`copy` of a file of that many offers over the floor of the same file, every product changed."""
PEER_MULTIPLES = {"handwritten": 30.0, "django_bulk_update": 6.0}
"""How many times longer than `copy` these take at least, with every product changed; the other peers take longer."""
READING_LIMIT = 0.6
"""Reading over libxml2's bare pass, in wall and in processor time."""
MEMORY_LIMITS_MIB = {COPY: 16.0, BULK_UPDATE: 48.0}
"""Of the process over an idle one; `copy` at any size, `bulk_update` for the usual file."""
TENFOLD_LIMIT = 10.5
"""1,000,000 offers over 100,000."""


@dataclass(frozen=True, kw_only=True)
class Goal:
    """One promise."""

    text: str
    limit: float
    seen: float | None
    """None where the run did not measure it."""
    is_minimum: bool = False

    @property
    def verdict(self) -> str:
        """Whether it holds."""
        if self.seen is None:
            return "not measured"
        holds = self.seen >= self.limit if self.is_minimum else self.seen <= self.limit
        return "holds" if holds else "**missed**"


def goals(run: Run) -> list[Goal]:
    """Return every promise with what the run shows of it."""
    return [*_floor(run), *_journal(run), *_usual_shop(run), *_reading(run), *_memory(run), *_scale(run), *_peers(run)]


def _floor(run: Run) -> Iterator[Goal]:
    for (strategy, database), limits in FLOOR_LIMITS.items():
        for changed, limit in limits.items():
            measured = run.find(Section.PROCESS, subject=strategy, database=database, changed=changed)
            text = f"`{strategy}`, {database}, changed: {changed}: times the floor"
            yield Goal(text=text, limit=limit, seen=measured.ratio if measured else None)


def _journal(run: Run) -> Iterator[Goal]:
    """Without the journal the limits are the same; what it costs is measured by how far both are from the floor."""
    for (strategy, database), limits in FLOOR_LIMITS.items():
        without = run.find(Section.NO_JOURNAL, subject=strategy, database=database)
        kept = run.find(Section.PROCESS, subject=strategy, database=database, changed="all")
        text = f"`{strategy}`, {database}, changed: all"
        yield Goal(
            text=f"{text}, without the journal: times the floor",
            limit=limits["all"],
            seen=without.ratio if without else None,
        )
        yield Goal(
            text=f"{text}: with the journal over without", limit=JOURNAL_LIMIT, seen=times_by_floor(kept, without)
        )


def _usual_shop(run: Run) -> Iterator[Goal]:
    for measured in run.of(Section.SCALE, subject=COPY, offers=USUAL_SHOP_OFFERS):
        text = f"`{COPY}`, {USUAL_SHOP_OFFERS:,} offers: times the floor"
        yield Goal(text=text, limit=USUAL_SHOP_LIMIT, seen=measured.ratio)


def _peers(run: Run) -> Iterator[Goal]:
    for strategy in (COPY, BULK_UPDATE):
        ours = run.find(Section.PROCESS, subject=strategy, database=POSTGRESQL, changed="all")
        for measured in run.of(Section.PEERS, changed="all"):
            key = measured.case.subject
            text = f"`{key}` takes so many times as long as `{strategy}`"
            limit = PEER_MULTIPLES.get(key, 1.0)
            yield Goal(text=text, limit=limit, seen=times_by_floor(measured, ours), is_minimum=True)


def _reading(run: Run) -> Iterator[Goal]:
    for cores in (Cores.ALL, Cores.ONE):
        measured = run.find(Section.READING, subject="reading", cores=cores)
        text = f"reading{cores and f', {cores}'}: times libxml2's bare pass"
        yield Goal(text=text, limit=READING_LIMIT, seen=measured.ratio if measured else None)
        yield Goal(text=f"{text}, CPU", limit=READING_LIMIT, seen=measured.cpu_ratio if measured else None)


def _memory(run: Run) -> Iterator[Goal]:
    idle = run.find(Section.MEMORY, subject="idle")
    for strategy, limit in MEMORY_LIMITS_MIB.items():
        for measured in run.of(Section.MEMORY, subject=strategy, database=POSTGRESQL):
            offers = measured.case.offers
            if idle and idle.peak_mib and measured.peak_mib and (strategy == COPY or offers == run.plan["offers"]):
                text = f"`{strategy}`, {offers:,} offers: MiB over an idle process"
                yield Goal(text=text, limit=limit, seen=measured.peak_mib - idle.peak_mib)


def _scale(run: Run) -> Iterator[Goal]:
    for measured in run.of(Section.SCALE, offers=MILLION):
        case = measured.case
        sizes = {each.case.offers: each for each in run.scale(case.database, case.subject)}
        text = f"`{case.subject}`, {case.database}: 1,000,000 offers over 100,000"
        yield Goal(text=text, limit=TENFOLD_LIMIT, seen=times(measured, sizes.get(MILLION // 10)))
