"""What the journal costs a load, and an undo beside the load that it undoes: `python -m benchmarks.journal [rounds]`.

Whole processes, 100,000 products that all change, by turns: without the journal, with it, and the undo of that.
Printed are medians of processor time, of the command and of PostgreSQL together, which other work of the machine
disturbs little, and of wall time. At last, loads that change nothing.
"""

import json
import os
import resource
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

from benchmarks import processes
from benchmarks.cases import ROUTES, Changed
from benchmarks.postgres_shop import postgres_shop
from benchmarks.shops import Shop, WrongResultError, check
from benchmarks.sqlite_shop import SqliteShop
from benchmarks.stock_files import StockFile, StockFiles
from embedded_postgres import embedded_postgres

DEFAULT_ROUNDS = 7
OFFERS = 100_000


class Cost(NamedTuple):
    """Seconds of one command."""

    cpu: float
    wall: float


def run(command: list[str], shop: Shop, folder: Path) -> tuple[dict[str, Any], Cost]:
    """Run the command; return the report that it prints, and what it took."""
    cpu, began = _cpu_seconds(folder), perf_counter()
    report: dict[str, Any] = json.loads(processes.run(command, url=shop.url))
    return report, Cost(_cpu_seconds(folder) - cpu, perf_counter() - began)


def _cpu_seconds(folder: Path) -> float:
    """Return the processor time of what this process and the server in `folder` ran that has ended."""
    own = resource.getrusage(resource.RUSAGE_CHILDREN)
    postmaster = (folder / "pg" / "postmaster.pid").read_text().split()[0]
    server = Path(f"/proc/{postmaster}/stat").read_text().rpartition(")")[2].split()
    ticks = int(server[13]) + int(server[14])
    return own.ru_utime + own.ru_stime + ticks / os.sysconf("SC_CLK_TCK")


def measure(  # noqa: PLR0913  # what one line is about
    shop: Shop, stock_file: StockFile, strategy: str, changed: Changed, *, rounds: int, folder: Path
) -> str:
    """Return a line: processor time, then wall time, without the journal, with it, and of the undo.

    Raises:
        WrongResultError: something did not do what it should.
    """
    shop.fill(stock_file)
    load = [*processes.LOAD, "--file", str(stock_file.path), "--strategy", strategy, "--json", "--force"]
    costs: list[tuple[Cost, ...]] = []
    for _ in range(rounds):
        shop.reset(changed)
        _, without = run([*load, "--no-journal"], shop, folder)
        shop.reset(changed)
        report, kept = run(load, shop, folder)
        check(shop, stock_file, stamped=changed.rows(stock_file.offers))
        costs.append(
            (
                without,
                kept,
                *_undone(shop, stock_file, report["session_id"], strategy=strategy, changed=changed, folder=folder),
            )
        )
    cpu, wall = ([median(cost[i] for cost in column) for column in zip(*costs, strict=True)] for i in (0, 1))
    undo = f", undo {cpu[2] / cpu[1]:.2f} of the load" if len(cpu) > 2 else ""  # noqa: PLR2004  # undo is the third
    seconds = "; ".join(" / ".join(f"{second:.2f}" for second in column) for column in (cpu, wall))
    return f"{shop.name}, {strategy}, {changed}: journal {cpu[1] / cpu[0] - 1:+.1%}{undo} (CPU; wall: {seconds} s)"


def _undone(  # noqa: PLR0913  # what one undo needs
    shop: Shop, stock_file: StockFile, session: int, *, strategy: str, changed: Changed, folder: Path
) -> tuple[Cost, ...]:
    """Undo a load that changed all; return what it took, nothing of others."""
    if changed is not Changed.ALL:
        return ()
    command = [*processes.MANAGE, "undo_stock_load", str(session), "--strategy", strategy, "--force", "--json"]
    report, cost = run(command, shop, folder)
    if (report["details"]["updated_count"], shop.state().right) != (stock_file.offers, 0):
        raise WrongResultError(
            f"the undo put back {report['details']['updated_count']} of {stock_file.offers} products"
        )
    return (cost,)


@contextmanager
def shops(folder: Path) -> Iterator[dict[str, Shop]]:
    """Yield a shop on each database."""
    with embedded_postgres(folder / "pg") as url, postgres_shop(url) as postgres:
        sqlite = SqliteShop(folder)
        yield {postgres.name: postgres, sqlite.name: sqlite}


def main(rounds: str = str(DEFAULT_ROUNDS)) -> None:
    """Print a line for each database, strategy and share of changes."""
    with tempfile.TemporaryDirectory(prefix="journal-") as name, shops(Path(name)) as by_name:
        stock_file = StockFiles(Path(name)).get(OFFERS)
        for changed in (Changed.ALL, Changed.NONE):
            for database, strategy in ROUTES:
                line = measure(by_name[database], stock_file, strategy, changed, rounds=int(rounds), folder=Path(name))
                sys.stdout.write(f"{line}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
