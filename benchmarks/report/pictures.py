"""What each plot shows. Every function draws on matplotlib's axes and returns False where the run has no figures."""

from importlib import import_module
from typing import Any

from benchmarks.cases import BULK_UPDATE, COPY, POSTGRESQL, ROUTES, Section
from benchmarks.peers import PEERS
from benchmarks.report.results import Measurement, Run
from benchmarks.report.statistics import fitted_exponent

COLOURS = {
    (POSTGRESQL, COPY): "#1b7837",
    (POSTGRESQL, BULK_UPDATE): "#2166ac",
    ("SQLite", BULK_UPDATE): "#92c5de",
    ("", "parser"): "#8c510a",
}
PEER_COLOUR, FLOOR_COLOUR = "#bdbdbd", "#b2182b"
STEP_COLOURS = {"start": "#d9d9d9", "parsing": "#8c510a", "matching": "#2166ac", "writing": "#1b7837"}


def route_name(database: str, strategy: str) -> str:
    """Return the name of a database and a strategy."""
    return f"{strategy}, {database}" if database else strategy


def draw_scale(axes: Any, run: Run) -> bool:
    """Draw time over offers, both logarithmic, a line for the floor and for each way to load."""
    for database, strategy in ROUTES:
        measured = run.scale(database, strategy)
        points = [(each.case.offers, each.median) for each in measured]
        if points:
            label = _with_exponent(route_name(database, strategy), points)
            axes.plot(*zip(*points, strict=True), marker="o", color=COLOURS[database, strategy], label=label)
        if (database, strategy) == (POSTGRESQL, COPY):
            _draw_floor_line(axes, measured)
    if not axes.lines:
        return False
    axes.set(xscale="log", yscale="log", xlabel="offers", ylabel="seconds, whole command, every product changed")
    _label_sizes(axes, run, Section.SCALE, Section.PROCESS)
    _label_logarithm(axes.yaxis)
    axes.legend()
    return True


def draw_layers(axes: Any, run: Run) -> bool:
    """Draw the steps of each way to load as a stacked bar, and the whole command as a mark."""
    names = []
    for database, strategy in ROUTES:
        steps = [(step, _step(run, step, database, strategy)) for step in STEP_COLOURS]
        if not all(measured for _, measured in steps):
            continue
        names.append(route_name(database, strategy))
        left = 0.0
        for step, measured in steps:
            width = measured.median if measured else 0.0
            axes.barh(names[-1], width, left=left, color=STEP_COLOURS[step], label=step)
            left += width
        whole = run.find(Section.PROCESS, database=database, subject=strategy, changed="all")
        if whole:
            axes.plot(whole.median, names[-1], "D", color="black", label="the whole command")
    if not names:
        return False
    _draw_floor(axes, run)
    axes.invert_yaxis()
    axes.set(xlabel="seconds, every product changed")
    _legend_without_repetition(axes)
    return True


def draw_peers(axes: Any, run: Run) -> bool:
    """Draw a bar for each way to load, ours and the peers', the slowest last."""
    bars = [
        (f"this loader, {each.case.subject}", each.median, COLOURS[POSTGRESQL, each.case.subject])
        for each in run.of(Section.PROCESS, database=POSTGRESQL, changed="all")
    ]
    titles = {peer.key: peer.title for peer in PEERS}
    peers = list(run.of(Section.PEERS, changed="all"))
    bars += [(titles[each.case.subject], each.median, PEER_COLOUR) for each in peers]
    if not peers:
        return False
    names, values, colours = zip(*sorted(bars, key=lambda bar: bar[1]), strict=True)
    axes.bar_label(axes.barh(names, values, color=colours), fmt="{:.3g} s", padding=3, fontsize=9)
    _draw_floor(axes, run)
    axes.invert_yaxis()
    axes.set(xscale="log", xlabel="seconds, whole process, every product changed (logarithmic)")
    axes.set_xlim(left=min(values) / 2, right=max(values) * 2.5)
    _label_logarithm(axes.xaxis)
    axes.legend(loc="upper right")
    return True


def draw_memory(axes: Any, run: Run) -> bool:
    """Draw what each process needs beyond an idle manage.py; the parser, without Django, as it is."""
    idle = run.find(Section.MEMORY, subject="idle")
    for (database, subject), colour in COLOURS.items():
        measured = run.of(Section.MEMORY, database=database, subject=subject)
        points = sorted((each.case.offers, each.peak_mib) for each in measured if each.peak_mib)
        if points:
            name = route_name(database, subject) if database else "the parser alone, without Django"
            axes.plot(*zip(*points, strict=True), marker="o", color=colour, label=name)
    if not axes.lines:
        return False
    if idle and idle.peak_mib:
        axes.axhline(idle.peak_mib, color=FLOOR_COLOUR, linestyle="--", label="manage.py, idle")
    axes.set(xscale="log", xlabel="offers, every product changed", ylabel="MiB, peak of the process")
    axes.set_ylim(bottom=0)
    _label_sizes(axes, run, Section.MEMORY)
    axes.legend()
    return True


def _step(run: Run, step: str, database: str, strategy: str) -> Measurement | None:
    if step in {"start", "parsing"}:
        return run.find(Section.LAYERS, subject=step)
    return run.find(Section.LAYERS, subject=f"{strategy}: {step}", database=database, changed="all")


def _draw_floor(axes: Any, run: Run) -> None:
    if run.floor_seconds:
        axes.axvline(run.floor_seconds, color=FLOOR_COLOUR, linestyle="--", label="the floor")


def _draw_floor_line(axes: Any, measured: list[Measurement]) -> None:
    points = [(each.case.offers, each.floor_median) for each in measured if each.floor_median]
    if points:
        axes.plot(*zip(*points, strict=True), linestyle="--", color=FLOOR_COLOUR, label="the floor")


def _with_exponent(name: str, points: list[tuple[int, float]]) -> str:
    exponent = fitted_exponent(points)
    return name if exponent is None else f"{name}: offers^{exponent:.2f}"


def _label_sizes(axes: Any, run: Run, *sections: Section) -> None:
    """Label the sizes that were measured and no others."""
    sizes = sorted({each.case.offers for section in sections for each in run.of(section) if each.case.offers})
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.set_xticks([], minor=True)


def _label_logarithm(axis: Any) -> None:
    """Label 1, 2 and 5 of every power of ten, in plain numbers."""
    axis.set_major_locator(import_module("matplotlib.ticker").LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(lambda value, _: f"{value:g}")
    axis.set_minor_formatter(lambda *_: "")


def _legend_without_repetition(axes: Any) -> None:
    handles, labels = axes.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    axes.legend(unique.values(), unique.keys(), loc="upper center", bbox_to_anchor=(0.4, -0.14), ncols=len(unique))
