"""The sections of the page: what a user asks first. Each is empty where the run has no figures for it."""

from collections.abc import Sequence

from benchmarks.cases import POSTGRESQL, ROUTES, Changed, Cores, Section
from benchmarks.peers import PEERS
from benchmarks.report.goals import goals
from benchmarks.report.pictures import route_name
from benchmarks.report.results import Measurement, Run
from benchmarks.report.statistics import times_by_floor
from benchmarks.report.tables import mib, ratio, seconds, table, whole


def speed_answer(run: Run) -> str:
    """How fast a load is."""
    rows = []
    for database, strategy in ROUTES:
        found = [run.find(Section.PROCESS, database=database, subject=strategy, changed=each) for each in Changed]
        if any(found):
            rows.append((route_name(database, f"`{strategy}`"), *map(_with_ratio, found), _rate(found[-1])))
    for database, strategy in ROUTES:
        without = run.find(Section.NO_JOURNAL, database=database, subject=strategy)
        if without:
            name = f"{route_name(database, f'`{strategy}`')}, `--no-journal`"
            rows.append((name, _with_ratio(without), "", "", ""))
    head = ("", *(f"changed: {changed}" for changed in Changed), "offers a second, none changed")
    text = "The whole command, from its start to its end, journal kept; in brackets times the floor.\n\n"
    return (rows and f"## How fast\n\n{text}{table(head, rows)}") or ""


def peers_answer(run: Run, image: str) -> str:
    """How fast it is beside what else a shop could use."""
    ours = [
        (f"**this loader, `{each.case.subject}`**", each, "")
        for each in run.of(Section.PROCESS, database=POSTGRESQL, changed=Changed.ALL)
    ]
    peers = {peer.key: peer for peer in PEERS}
    others = [
        (peers[each.case.subject].title, each, peers[each.case.subject].cannot)
        for each in run.of(Section.PEERS, changed=Changed.ALL)
    ]
    if not others:
        return ""
    copy = run.find(Section.PROCESS, database=POSTGRESQL, subject="copy", changed=Changed.ALL)
    rows = [
        (title, seconds(each.median), ratio(times_by_floor(each, copy)), cannot)
        for title, each, cannot in sorted([*ours, *others], key=lambda row: row[1].median)
    ]
    text = (
        "The same file, table, server and run on PostgreSQL, every product changed; a process of its own for each.\n\n"
    )
    head = ("", "whole process", "× `copy`", "what it cannot do")
    return f"## Beside what else a shop could use\n\n{image}\n\n{text}{_with_last_as_text(head, rows)}"


def memory_answer(run: Run, image: str) -> str:
    """How much memory a load takes."""
    idle = run.find(Section.MEMORY, subject="idle")
    sizes = sorted({each.case.offers for each in run.of(Section.MEMORY) if each.case.database})
    if not sizes or idle is None or not idle.peak_mib:
        return ""
    rows = []
    for database, strategy in ROUTES:
        found = [run.find(Section.MEMORY, database=database, subject=strategy, offers=size) for size in sizes]
        if any(found):
            rows.append((route_name(database, f"`{strategy}`"), *(_over(each, idle.peak_mib) for each in found)))
    text = f"MiB of the process over those of a Django process that does nothing ({mib(idle.peak_mib)} MiB).\n\n"
    head = ("every product changed", *(f"{size:,} offers" for size in sizes))
    return f"## How much memory\n\n{image}\n\n{text}{table(head, rows)}"


def scale_answer(run: Run, image: str) -> str:
    """How far it goes."""
    sizes = sorted({each.case.offers for database, strategy in ROUTES for each in run.scale(database, strategy)})
    if len(sizes) < 2:  # noqa: PLR2004  # a line has two points
        return ""
    rows = []
    for database, strategy in ROUTES:
        measured = {each.case.offers: each for each in run.scale(database, strategy)}
        if measured:
            rows.append((route_name(database, f"`{strategy}`"), *(_with_ratio(measured.get(size)) for size in sizes)))
    head = ("every product changed", *(f"{size:,} offers" for size in sizes))
    return f"## How far\n\n{image}\n\nThe whole command; in brackets times the floor.\n\n{table(head, rows)}"


def busy_answer(run: Run) -> str:
    """What a busy server makes of it."""
    rows = []
    for each in run.of(Section.BUSY, cores=Cores.ALL):
        case = each.case
        busy = run.find(Section.BUSY, database=case.database, subject=case.subject, cores=Cores.OTHERS_BUSY)
        strategy, _, reading = case.subject.partition(", ")
        rows.append((route_name(case.database, f"`{strategy}`"), reading, _with_ratio(each), _with_ratio(busy)))
    text = (
        "The same load, nothing changed, while all cores but one are kept busy by other work. `slices parsed` is how\n"
        "files were read before there were templates. In brackets times the floor, which had an idle machine.\n\n"
    )
    head = ("", "", "idle machine", "other cores busy")
    return (rows and f"## On a busy server\n\n{text}{table(head, rows, text_columns=2)}") or ""


def reading_answer(run: Run) -> str:
    """What reading costs by itself."""
    rows = [
        (
            each.case.subject,
            each.case.cores or "all cores",
            seconds(each.median),
            ratio(each.ratio),
            seconds(each.cpu_median),
            ratio(each.cpu_ratio),
        )
        for each in run.of(Section.READING)
    ]
    text = (
        "The file to records, beside libxml2's bare pass, which builds and frees the file's tree and reads nothing.\n"
        "`slices parsed` is what a file costs that fits no template, `the whole parsed` one that is not UTF-8.\n\n"
    )
    head = ("", "on", "wall", "× bare pass", "CPU", "× bare pass")
    return (rows and f"## Reading alone\n\n{text}{table(head, rows, text_columns=2)}") or ""


def goals_answer(run: Run) -> str:
    """What is promised, and what this run shows."""
    rows = [
        (goal.text, ("≥ " if goal.is_minimum else "≤ ") + f"{goal.limit:g}", ratio(goal.seen), goal.verdict)
        for goal in goals(run)
    ]
    return "## What is promised\n\n" + table(("what", "limit", "measured", ""), rows)


def _with_ratio(measured: Measurement | None) -> str:
    return f"{seconds(measured.median)} ({ratio(measured.ratio)})" if measured else "–"


def _rate(measured: Measurement | None) -> str:
    return whole(measured.case.offers / measured.median) if measured else "–"


def _over(measured: Measurement | None, idle_mib: float) -> str:
    return mib(measured.peak_mib - idle_mib) if measured and measured.peak_mib else "–"


def _with_last_as_text(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table whose last column is text."""
    first, line, *others = table(head, rows).splitlines()
    return "\n".join((first, line.removesuffix("---: |") + "--- |", *others)) + "\n"
