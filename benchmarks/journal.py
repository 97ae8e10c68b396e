"""What the journal costs a load, and an undo beside the load that it undoes: `python -m benchmarks.journal [rounds]`.

Whole processes, 100,000 products that all change, by turns: without the journal, with it, and the undo of that. Printed
are the medians, and the shortest of each with their ratios, which the machine's other work disturbs least. The last lines
are of loads that change nothing.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks import processes
from benchmarks.cases import ROUTES, Changed
from benchmarks.postgres_shop import postgres_shop
from benchmarks.shops import Shop, WrongResultError, check
from benchmarks.sqlite_shop import SqliteShop
from benchmarks.stock_files import StockFile, StockFiles
from embedded_postgres import embedded_postgres

DEFAULT_ROUNDS = 7
OFFERS = 100_000


def timed_load(shop: Shop, stock_file: StockFile, command: list[str], changed: Changed) -> tuple[float, int]:
    """Reset the shop and load; return the seconds and the number of the session.

    Raises:
        WrongResultError: it did not change what it should.
    """
    shop.reset(changed)
    began = perf_counter()
    report = json.loads(processes.run(command, url=shop.url))
    seconds = perf_counter() - began
    check(shop, stock_file, stamped=changed.rows(stock_file.offers))
    return seconds, report["session_id"]


def timed_undo(shop: Shop, stock_file: StockFile, session: int, strategy: str) -> float:
    """Undo the session; return the seconds.

    Raises:
        WrongResultError: not every product was put back.
    """
    command = [*processes.MANAGE, "undo_stock_load", str(session), "--strategy", strategy, "--force", "--json"]
    began = perf_counter()
    details = json.loads(processes.run(command, url=shop.url))["details"]
    seconds = perf_counter() - began
    if (details["updated_count"], shop.state().right) != (stock_file.offers, 0):
        raise WrongResultError(f"the undo put back {details['updated_count']} of {stock_file.offers} products")
    return seconds


def measure(shop: Shop, stock_file: StockFile, strategy: str, changed: Changed, rounds: int) -> str:
    """Return a line: medians and ratios."""
    shop.fill(stock_file)
    kept = [*processes.LOAD, "--file", str(stock_file.path), "--strategy", strategy, "--json", "--force"]
    times: list[tuple[float, float, float]] = []
    for _ in range(rounds):
        without, _ = timed_load(shop, stock_file, [*kept, "--no-journal"], changed)
        with_journal, session = timed_load(shop, stock_file, kept, changed)
        undone = timed_undo(shop, stock_file, session, strategy) if changed is Changed.ALL else 0.0
        times.append((without, with_journal, undone))
    medians = " / ".join(f"{median(column):.2f}" for column in zip(*times, strict=True))
    without, with_journal, undone = (min(column) for column in zip(*times, strict=True))
    cost = f"{without:.2f} s, journal {with_journal:.2f} s ({with_journal / without - 1:+.1%})"
    undo = f", undo {undone:.2f} s ({undone / with_journal:.2f})" if undone else ""
    return f"{shop.name}, {strategy}, {changed}: {cost}{undo}; medians {medians} s"


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
                line = measure(by_name[database], stock_file, strategy, changed, int(rounds))
                sys.stdout.write(f"{line}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
