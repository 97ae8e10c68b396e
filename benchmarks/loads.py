"""Whole loads: as a process beside the floor, and within this process."""

import json
import sys
from collections.abc import Sequence
from time import perf_counter
from typing import Any

from benchmarks import processes
from benchmarks.bench import FEW_ROUNDS, Bench, connect, disconnect
from benchmarks.cases import Case, Changed, Cores
from benchmarks.cores import BusyCores
from benchmarks.postgres_shop import PostgresShop
from benchmarks.shops import Shop, WrongResultError, check
from benchmarks.stock_files import StockFile
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions


class FloorRounds:
    """The floor, measured before every round of something else: what slows one slows the other."""

    def __init__(self, shop: PostgresShop, stock_file: StockFile) -> None:
        shop.fill(stock_file)
        self.seconds: list[float] = []
        self._shop = shop
        self._stock_file = stock_file

    def measure(self) -> None:
        """Reset, run and check the floor, every product changed; keep the time."""
        self._shop.reset_floor(Changed.ALL)
        began = perf_counter()
        run_floor(self._shop, self._stock_file, Changed.ALL)
        self.seconds.append(perf_counter() - began)
        self._shop.check_floor()


def run_floor(shop: PostgresShop, stock_file: StockFile, changed: Changed) -> None:
    """Run the floor as a process.

    Raises:
        WrongResultError: it saw another number of offers, or of rows that differ.
    """
    arguments = [str(stock_file.path), shop.url, str(stock_file.quantities)]
    seen = processes.run([sys.executable, "-m", "benchmarks.floor", *arguments])
    wanted = f"{stock_file.offers} {changed.rows(stock_file.offers)}\n"
    if seen != wanted:
        raise WrongResultError(f"the floor: expected {wanted!r}, saw {seen!r}")


def load_command(stock_file: StockFile, strategy: str) -> list[str]:
    """Return the command that an operator would give, with its report as JSON."""
    return [*processes.LOAD, "--file", str(stock_file.path), "--strategy", strategy, "--json"]


def measure_process(
    bench: Bench, case: Case, command: Sequence[str], *, rounds: int | None = None, writes_all: bool = False
) -> None:
    """Time a command that loads the case's file, and the floor before every round.

    The command prints JSON with `details.updated_count`, None where it cannot know. With `writes_all`, products that
    did not differ are written too. Other cores that are to be busy are so for the command only, not for the floor.
    """
    stock_file = bench.stock_file(offers=case.offers, warehouses=case.warehouses)
    shop = bench.shop(case.database, stock_file)
    changed = Changed(case.changed)
    updated = stock_file.offers if writes_all else changed.rows(stock_file.offers)
    floor = FloorRounds(bench.postgres, stock_file)
    figures: dict[str, Any] = {"floor_seconds": floor.seconds}
    busy_cores = BusyCores()

    def setup() -> None:
        floor.measure()
        shop.reset(changed)
        if case.cores is Cores.OTHERS_BUSY:
            busy_cores.start()

    def target() -> None:
        details = json.loads(processes.run(command, url=shop.url))["details"]
        if details["updated_count"] is not None:
            check_updated(details["updated_count"], updated)
        figures["steps"] = details.get("seconds", {})

    def teardown() -> None:
        busy_cores.stop()
        check(shop, stock_file, stamped=updated)

    try:
        bench.measure(
            case,
            target,
            setup=setup,
            teardown=teardown,
            rounds=rounds or bench.plan.rounds_of(case.offers),
            figures=figures,
        )
    finally:
        busy_cores.stop()


def measure_in_process(bench: Bench, case: Case) -> None:
    """Time a load within this process, on a fresh connection."""
    stock_file = bench.stock_file(offers=case.offers, warehouses=case.warehouses)
    shop = bench.shop(case.database, stock_file)
    changed = Changed(case.changed)
    options = LoadOptions(file=str(stock_file.path), strategy=case.subject)

    def target() -> None:
        report = load_stocks(options)
        check_updated(report.details.updated_count, changed.rows(stock_file.offers))

    bench.measure(
        case,
        target,
        setup=lambda: reset_and_connect(shop, changed),
        teardown=lambda: check(shop, stock_file, stamped=changed.rows(stock_file.offers)),
        rounds=bench.plan.rounds_of(case.offers, most=FEW_ROUNDS),
    )


def reset_and_connect(shop: Shop, changed: Changed) -> None:
    """Reset the shop while Django is not connected, then connect it."""
    disconnect()
    shop.reset(changed)
    connect(shop)


def check_updated(seen: int, wanted: int) -> None:
    """Check the number of rows that were updated.

    Raises:
        WrongResultError: it is another.
    """
    if seen != wanted:
        raise WrongResultError(f"expected {wanted} updated rows, saw {seen}")
