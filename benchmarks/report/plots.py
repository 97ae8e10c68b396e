"""Plots as SVG: the same bytes for the same run, readable on a light and on a dark page."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.report.pictures import draw_layers, draw_memory, draw_peers, draw_scale
from benchmarks.report.results import Run

PLOTS: dict[str, tuple[str, Callable[[Any, Run], bool]]] = {
    "scale.svg": ("Time by number of offers", draw_scale),
    "layers.svg": ("Where the time of a load goes", draw_layers),
    "peers.svg": ("Time beside what else a shop could use", draw_peers),
    "memory.svg": ("Memory by number of offers", draw_memory),
}
"""File name, title, and what draws it; that returns False where the run has nothing to draw."""

STYLE = {
    "svg.hashsalt": "benchmarks",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.alpha": 0.25,
    "legend.frameon": False,
    "figure.figsize": (7.6, 4.2),
    "figure.constrained_layout.use": True,
}


def write_plots(run: Run, folder: Path) -> dict[str, str]:
    """Write every plot that the run has figures for; return titles by file name.

    Raises:
        ImportError: matplotlib is not installed.
    """
    pyplot = import_module("matplotlib.pyplot")
    folder.mkdir(parents=True, exist_ok=True)
    written = {}
    with pyplot.rc_context(STYLE):
        for name, (title, draw) in PLOTS.items():
            with _figure(pyplot) as (figure, axes):
                if draw(axes, run):
                    axes.set_title(title, loc="left", fontweight="bold")
                    figure.savefig(folder / name, metadata={"Date": None, "Creator": None})
                    written[name] = title
    return written


@contextmanager
def _figure(pyplot: Any) -> Iterator[tuple[Any, Any]]:
    figure, axes = pyplot.subplots()
    try:
        yield figure, axes
    finally:
        pyplot.close(figure)
