"""How long the history of a product takes to find among a million pages: `python -m benchmarks.history [pages]`.

Sessions of 1, 10, 100 and 1,000 pages; a product that one session in seven changed, and one that none did, on
PostgreSQL and SQLite. The first number is that of the last change alone; then of the last 50, and of looking through
all sessions. The shortest of five, in milliseconds, from a process of its own.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import django
from django.db import connection

from benchmarks import processes
from embedded_postgres import embedded_postgres

PAGES = 1_000_000
PAGE_COUNTS = (1, 10, 100, 1000)
STEP = 50
"""Between two keys; a page has 20."""
ROUNDS = 5
CHILD = "--measure"

REPEAT = """
INSERT INTO stock_loader_journalpage (session_model, session, target, number, size, first, last, products, old, new)
SELECT session_model, session + %s, target, number, size, first, last, products, old, new
FROM stock_loader_journalpage WHERE session <= %s ORDER BY session, number
"""


def fill(sessions: int, pages: int) -> None:
    """Have `sessions` sessions of `pages` pages each and no others; every seventh has the same products."""
    from stock_loader.database.shop import mapping, session_model  # noqa: PLC0415  # settings are not ready before
    from stock_loader.journal.pages import JournalPage, page_of  # noqa: PLC0415
    from stock_loader.outcome import StockChange  # noqa: PLC0415

    identity = {"session_model": session_model()._meta.label, "target": mapping().column}
    made = [
        page_of(
            [StockChange(key, 5, 7) for key in range(number * 1000 + session % 7, number * 1000 + 1000, STEP)],
            number=number + 1,
            session=session,
            **identity,
        )
        for session in range(1, 8)
        for number in range(pages)
    ]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM stock_loader_journalpage")
        JournalPage.objects.bulk_create(made)
        there = 7
        while there < sessions:
            cursor.execute(REPEAT, [there, min(there, sessions - there)])
            there *= 2
        cursor.execute("VACUUM ANALYZE stock_loader_journalpage" if connection.vendor == "postgresql" else "ANALYZE")


def milliseconds(look_up: Callable[[], object]) -> float:
    """Return the shortest of some look-ups."""
    times = []
    for _ in range(ROUNDS):
        began = perf_counter()
        look_up()
        times.append(perf_counter() - began)
    return min(times) * 1000


def measure(total: int) -> None:
    """Print a line for each shape of sessions, on the database of the settings."""
    django.setup()
    from stock_loader.journal.changes import history  # noqa: PLC0415

    for pages in PAGE_COUNTS:
        sessions = total // pages
        fill(sessions, pages)
        place = (pages // 2) * 1000
        last, fifty = (milliseconds(lambda: history(place + 3, limit=n)) for n in (1, 50))  # noqa: B023  # at once
        all_of_them = milliseconds(lambda: history(place + 9))  # noqa: B023  # at once
        shape = f"{connection.vendor}, {sessions} sessions of {pages} pages"
        sys.stdout.write(f"{shape}: last {last:.1f} ms, last 50 {fifty:.1f} ms, none in all {all_of_them:.0f} ms\n")


def main(*arguments: str) -> None:
    """Measure on both databases, each in a process of its own."""
    total = str(arguments[0] if arguments else PAGES)
    command = [sys.executable, "-m", "benchmarks.history", CHILD, total]
    with tempfile.TemporaryDirectory(prefix="history-") as folder, embedded_postgres(Path(folder) / "pg") as url:
        for database in (url, f"sqlite:///{folder}/shop.sqlite3"):
            processes.run(processes.MIGRATE, url=database)
            sys.stdout.write(processes.run(command, url=database))
            sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1:2] == [CHILD]:
        measure(int(sys.argv[2]))
    else:
        main(*sys.argv[1:])
