"""What a process needs: its peak as the kernel saw it, and under memray, in a run of its own, who allocated it."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from memray import FileReader

from benchmarks import processes

READING = "reading"
WRITING = "matching and writing"
MODULES = "modules"
OTHER = "other"
LAYERS = (MODULES, READING, WRITING, OTHER)

WRITING_PATHS = ("/stock_loader/strategies/", "/stock_loader/database/")
READING_PATHS = ("/stock_loader/commerceml/", "/lxml/")

Frame = tuple[str, str, int]


def layer_of(frames: Iterable[Frame]) -> str:
    """Return the layer that asked for memory: that of the innermost frame which belongs to one."""
    found = ""
    for _, path, _ in frames:
        if "importlib" in path:
            return MODULES
        if not found and any(part in path for part in WRITING_PATHS):
            found = WRITING
        elif not found and any(part in path for part in READING_PATHS):
            found = READING
    return found or OTHER


def allocations(command: Sequence[str], *, url: str, flame_graph: Path) -> dict[str, Any]:
    """Run a Python command under memray; return its peak and who held it, and write the flame graph of the peak."""
    capture = flame_graph.with_suffix(".bin")
    capture.unlink(missing_ok=True)
    memray = (sys.executable, "-m", "memray")
    _, *arguments = command
    try:
        processes.run([*memray, "run", "--aggregate", "--quiet", "--output", str(capture), *arguments], url=url)
        processes.run([*memray, "flamegraph", "--force", "--output", str(flame_graph), str(capture)])
        return _at_peak(capture)
    finally:
        capture.unlink(missing_ok=True)


def _at_peak(capture: Path) -> dict[str, Any]:
    layers = {layer: {"mib": 0.0, "blocks": 0} for layer in LAYERS}
    with FileReader(str(capture)) as reader:
        peak_mib = reader.metadata.peak_memory / 2**20
        for record in reader.get_high_watermark_allocation_records(merge_threads=True):
            layer = layers[layer_of(record.stack_trace())]
            layer["mib"] += record.size / 2**20
            layer["blocks"] += record.n_allocations
    return {"heap_mib": peak_mib, "layers": layers}
