"""The sections of the page of all cases; each is empty where the run has no figures for it."""

from collections.abc import Sequence

from benchmarks.cases import POSTGRESQL, ROUTES, SQLITE, Changed, Section
from benchmarks.memory import LAYERS
from benchmarks.peers import PEERS
from benchmarks.report.pictures import route_name
from benchmarks.report.results import Measurement, Run
from benchmarks.report.statistics import fitted_exponent, times, times_by_floor
from benchmarks.report.tables import mib, ratio, seconds, spread, table, whole


def loads_section(run: Run) -> str:
    """Whole loads: as a process and within one."""
    rows = []
    for measured in run.of(Section.PROCESS):
        case = measured.case
        inside = run.find(Section.IN_PROCESS, database=case.database, subject=case.subject, changed=case.changed)
        floor = run.find(Section.FLOOR, changed=case.changed)
        rows.append(
            (
                f"`{case.subject}`",
                case.database,
                case.changed,
                seconds(measured.median),
                spread(measured),
                ratio(measured.ratio),
                ratio(times(measured, floor)),
                seconds(inside.median if inside else None),
                whole(case.offers / measured.median),
            )
        )
    head = (
        "strategy",
        "database",
        "changed",
        "whole command",
        "spread",
        "× floor",
        "× floor of the same change",
        "in process",
        "offers a second",
    )
    return _section("Whole loads", "", head, rows, text_columns=3)


def floor_section(run: Run) -> str:
    """The floor by itself."""
    rows = [(each.case.changed, seconds(each.median), spread(each)) for each in run.of(Section.FLOOR)]
    return _section("The floor", "", ("changed", "whole process", "spread"), rows)


def peers_section(run: Run) -> str:
    """The peers beside the loader."""
    ours = [_peer_row(run, each, f"**this loader, `{each.case.subject}`**") for each in _our_loads(run)]
    rows = [_peer_row(run, each, _titles()[each.case.subject]) for each in run.of(Section.PEERS)]
    if not rows:
        return ""
    head = ("on PostgreSQL", "changed", "whole process", "spread", "× floor", "× `copy`", "read", "match", "write")
    text = (
        "The same file, table, server and run; a process of its own for each. Where they have them, the last columns"
        " tell how long the steps took: a shop that reads its file faster saves that much.\n\n"
    )
    ways = [(peer.title, peer.way, peer.cannot) for peer in PEERS]
    notes = table(("peer", "as used here", "what it cannot do"), ways, text_columns=3)
    body = table(head, sorted(ours + rows, key=lambda row: row[1] != Changed.ALL.value), text_columns=2)
    return f"## Beside what else a shop could use\n\n{text}{body}\n{notes}"


def layers_section(run: Run, image: str) -> str:
    """The layers."""
    rows = [
        (
            each.case.subject,
            each.case.database,
            str(each.case.warehouses or ""),
            each.case.changed,
            seconds(each.median),
            spread(each),
        )
        for each in run.of(Section.LAYERS)
    ]
    head = ("layer", "database", "warehouses", "changed", "median", "spread")
    return _section("Layers", image, head, rows, text_columns=4)


def scale_section(run: Run) -> str:
    """Time over size."""
    rows, exponents = [], []
    for database, strategy in ROUTES:
        measured = run.scale(database, strategy)
        name = route_name(database, f"`{strategy}`")
        rows += [
            (name, whole(each.case.offers), seconds(each.median), spread(each), ratio(each.ratio)) for each in measured
        ]
        exponent = fitted_exponent((each.case.offers, each.median) for each in measured)
        if exponent is not None:
            exponents.append(f"{name}: time grows with offers to the power of {exponent:.2f}, the start included.")
    text = "\n".join(f"- {line}" for line in exponents) + "\n"
    section = _section("Scale", "", ("", "offers", "whole command", "spread", "× floor"), rows)
    return section and f"{section}\n{text}"


def memory_section(run: Run) -> str:
    """Memory over size, and by layer."""
    idle = run.find(Section.MEMORY, subject="idle")
    base = idle.peak_mib if idle and idle.peak_mib else 0.0
    rows = [
        (
            route_name(each.case.database, f"`{each.case.subject}`" if each.case.database else each.case.subject),
            whole(each.case.offers),
            mib(each.peak_mib),
            mib(each.peak_mib - base) if each.peak_mib and each.case.database else "–",
            mib(each.heap_mib),
            *(mib(each.layers[layer]["mib"]) if each.layers else "–" for layer in LAYERS),
            whole(sum(layer["blocks"] for layer in each.layers.values())) if each.layers else "–",
        )
        for each in run.of(Section.MEMORY)
    ]
    head = (
        "every product changed, MiB",
        "offers",
        "peak of the process",
        "over idle",
        "heap at its peak",
        *(f"of that {layer}" for layer in LAYERS),
        "blocks",
    )
    return _section("Memory", "", head, rows)


def sizes_section(run: Run) -> str:
    """Batch and chunk sizes."""
    parts = [
        _sizes(run, Section.BATCH_SIZES, "Writing by batch size", run.plan["batch_size"]),
        _sizes(run, Section.CHUNK_SIZES, "Matching by chunk size", run.plan["chunk_size"]),
    ]
    return "\n".join(filter(None, parts))


def _sizes(run: Run, section: Section, title: str, default: int) -> str:
    rows = []
    for size in sorted({each.case.size for each in run.of(section)}):
        both = [run.find(section, size=size, database=database) for database in (POSTGRESQL, SQLITE)]
        cells = [cell for each in both for cell in ((seconds(each.median), spread(each)) if each else ("–", "–"))]
        rows.append((f"**{size:,}** (default)" if size == default else whole(size), *cells))
    text = f"`bulk_update`, every product changed; the default is {default:,}."
    head = ("rows or offers", POSTGRESQL, "spread", SQLITE, "spread")
    return _section(title, text, head, rows)


def _our_loads(run: Run) -> list[Measurement]:
    changes = {each.case.changed for each in run.of(Section.PEERS)}
    return [each for each in run.of(Section.PROCESS, database=POSTGRESQL) if each.case.changed in changes]


def _peer_row(run: Run, measured: Measurement, title: str) -> tuple[str, ...]:
    changed = measured.case.changed
    copy = run.find(Section.PROCESS, database=POSTGRESQL, subject="copy", changed=changed)
    steps = (measured.steps.get(step) for step in ("reading", "matching", "writing"))
    return (
        title,
        changed,
        seconds(measured.median),
        spread(measured),
        ratio(measured.ratio),
        ratio(times_by_floor(measured, copy)),
        *map(seconds, steps),
    )


def _titles() -> dict[str, str]:
    return {peer.key: peer.title for peer in PEERS}


def _section(
    title: str, text: str, head: tuple[str, ...], rows: Sequence[Sequence[str]], *, text_columns: int = 1
) -> str:
    """Return a section, empty without rows."""
    if not rows:
        return ""
    return f"## {title}\n\n" + (f"{text}\n\n" if text else "") + table(head, rows, text_columns=text_columns)
