"""Memory over the number of offers: of the process, and by layer under memray."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import memory, processes
from benchmarks.bench import Bench
from benchmarks.cases import Case, Changed, Section
from benchmarks.loads import check_updated, load_command
from benchmarks.parameters import each_route
from benchmarks.shops import check

PARSE = (sys.executable, "-m", "benchmarks.parse")


def memory_case(subject: str, offers: int, *, database: str = "") -> Case:
    """Return the case of a process."""
    changed = Changed.ALL.value if database else ""
    return Case(section=Section.MEMORY, subject=subject, offers=offers, database=database, changed=changed)


def allocations(bench: Bench, command: Sequence[str], *, offers: int, url: str, flame_graph: Path) -> dict[str, Any]:
    """Return who allocated what, for sizes of which that does not take too long."""
    if offers > bench.plan.offers:
        return {}
    return memory.allocations(command, url=url, flame_graph=flame_graph) | {"flame_graph": flame_graph.name}


def test_idle(bench: Bench) -> None:
    """A manage.py that has imported what a load imports, and does nothing."""
    figures: dict[str, Any] = {}
    bench.measure(
        memory_case("idle", 0),
        lambda: figures.update(peak_mib=processes.run_for_peak(processes.IDLE).mib),
        figures=figures,
    )


def test_parser(bench: Bench, scale_offers: int, artefacts: Path) -> None:
    """The parser by itself, without Django."""
    stock_file = bench.stock_file(offers=scale_offers)
    command = [*PARSE, str(stock_file.path)]
    figures: dict[str, Any] = {}

    def parse() -> None:
        peak = processes.run_for_peak(command)
        assert peak.stdout == f"{stock_file.offers}\n"
        figures["peak_mib"] = peak.mib

    flame_graph = artefacts / f"parser-{scale_offers}.html"
    figures |= allocations(bench, command, offers=scale_offers, url="", flame_graph=flame_graph)
    bench.measure(memory_case("parser", scale_offers), parse, rounds=1, figures=figures)


@each_route
def test_load(bench: Bench, database: str, strategy: str, scale_offers: int, artefacts: Path) -> None:
    """The whole command, every product changed."""
    stock_file = bench.stock_file(offers=scale_offers)
    shop = bench.shop(database, stock_file)
    command = load_command(stock_file, strategy)
    figures: dict[str, Any] = {}

    def load() -> None:
        peak = processes.run_for_peak(command, url=shop.url)
        check_updated(json.loads(peak.stdout)["details"]["updated_count"], stock_file.offers)
        figures["peak_mib"] = peak.mib

    shop.reset(Changed.ALL)
    flame_graph = artefacts / f"{database}-{strategy}-{scale_offers}.html".lower()
    figures |= allocations(bench, command, offers=scale_offers, url=shop.url, flame_graph=flame_graph)
    bench.measure(
        memory_case(strategy, scale_offers, database=database),
        load,
        setup=lambda: shop.reset(Changed.ALL),
        teardown=lambda: check(shop, stock_file, stamped=stock_file.offers),
        rounds=1,
        figures=figures,
    )
