"""Many exchanges at once: how long they take, and the memory of web server and loading process.

    python -m benchmarks.exchanges_at_once [--exchanges 20] [--offers 13500] [--body-mib 2048] [--folder DIR]
    python backend/embedded_postgres.py var/at-once-postgres .venv/bin/python -m benchmarks.exchanges_at_once

Each exchange signs in, sends a file of its own (some 10 MB) in requests of 1 MB and asks until it is loaded, all at the
same time; afterwards every product must have the quantity of its file. At last one body of 2 GiB is sent, while the
memory of the web server is looked at. The second line is on PostgreSQL.
"""

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks import processes
from benchmarks.served_shop import Client, ServedShop, memory_mib, served

MIB = 1024 * 1024
FILE_LIMIT = 1_000_000
EVERY_SECONDS = 0.05


def main(arguments: Sequence[str]) -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exchanges_at_once")
    parser.add_argument("--exchanges", type=int, default=20)
    parser.add_argument("--offers", type=int, default=13_500, help="of each file")
    parser.add_argument("--body-mib", type=int, default=2048, help="size of the one large body")
    parser.add_argument("--workers", type=int, default=2, help="of gunicorn")
    parser.add_argument("--threads", type=int, default=8, help="of each worker")
    parser.add_argument("--folder", default="var")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="at-once-", dir=given.folder) as name:
        folder = Path(name).absolute()
        url = os.environ.get("DATABASE_URL") or f"sqlite:///{folder / 'site.sqlite3'}"
        settings: dict[str, object] = {"FILE_LIMIT": FILE_LIMIT}
        shop = ServedShop(folder=folder, url=url, exchange=settings, workers=given.workers, threads=given.threads)
        with served(shop) as server:
            exchange_at_once(shop, server.pid, made_files(folder, given.exchanges, given.offers))
            send_large(shop, server.pid, given.body_mib)
    return 0


def made_files(folder: Path, number: int, offers: int) -> list[Path]:
    """Write the files of the exchanges, each with products of its own."""
    paths = []
    for seed in range(1, number + 1):
        paths.append(folder / f"rests_{seed}.xml")
        command = [sys.executable, "-m", "fixtures_generator", "--offers", str(offers), "--seed", str(seed), "--quiet"]
        processes.run([*command, "--output", str(paths[-1])])
    return paths


def exchange_at_once(shop: ServedShop, leader: int, files: Sequence[Path]) -> None:
    """Seed the products, send all files at once and have them loaded; print what it took."""
    for path in files:
        shop.manage("seed_products", "--file", str(path))
    clients = [shop.client() for _ in files]
    idle = sum(memory_mib(leader, "VmRSS"))
    began = time.perf_counter()
    with watched(shop, leader) as peaks, ThreadPoolExecutor(len(files)) as pool:
        seconds = list(pool.map(exchanged, clients, files))
    total = time.perf_counter() - began
    check(shop, files)
    size = sum(path.stat().st_size for path in files) / len(files) / 1e6
    _say(
        f"{len(files)} exchanges of {size:.1f} MB at once: {total:.1f} s until the last is loaded, the first after "
        f"{min(seconds):.1f} s; the longest answer took {max(client.longest_seconds for client in clients):.1f} s"
    )
    _say(
        f"web server, all processes: {idle:.0f} MiB idle, {peaks.server:.0f} MiB at most; "
        f"loading process: {peaks.loading:.0f} MiB at most"
    )


def exchanged(client: Client, path: Path) -> float:
    """Send a file and ask until it is loaded; return the seconds."""
    began = time.perf_counter()
    client.send(path, path.name, limit=FILE_LIMIT)
    while client.call("import", path.name) != "success":
        pass
    return time.perf_counter() - began


def check(shop: ServedShop, files: Sequence[Path]) -> None:
    """Load the files once more by hand: nothing may be left to change."""
    told = shop.manage("load_product_stocks", "--dry-run", "--json", "--file", *map(str, files))
    counts = json.loads(told)["details"]
    if counts["unchanged_count"] != counts["total_records"]:
        raise RuntimeError(f"not all was loaded: {told}")


@dataclass
class Peaks:
    """The most memory that was seen, in MiB."""

    server: float = 0
    """Of all processes of the web server together."""
    loading: float = 0


@contextmanager
def watched(shop: ServedShop, leader: int) -> Iterator[Peaks]:
    """Look at the memory again and again; yield what was seen."""
    peaks, is_over = Peaks(), threading.Event()

    def watch() -> None:
        while not is_over.wait(EVERY_SECONDS):
            peaks.server = max(peaks.server, sum(memory_mib(leader, "VmRSS")))
            peaks.loading = max([peaks.loading, *loading_mib(shop)])

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peaks
    finally:
        is_over.set()
        watcher.join()


def loading_mib(shop: ServedShop) -> Iterator[float]:
    """Yield the largest memory of the processes that load for this shop."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            if b"exchange_worker" not in (folder / "cmdline").read_bytes():
                continue
            if str(shop.spool).encode() in (folder / "environ").read_bytes():
                yield int((folder / "status").read_text().partition("VmHWM:")[2].split()[0]) / 1024


def send_large(shop: ServedShop, leader: int, mib: int) -> None:
    """Send one body of this size, all zeros and none of them on this disk; print what the server needed."""
    source = shop.folder / "large.bin"
    with source.open("wb") as file:
        file.truncate(mib * MIB)
    client = shop.client()
    before = max(memory_mib(leader, "VmRSS"))
    began = time.perf_counter()
    client.send(source, "large.bin", limit=mib * MIB)
    seconds = time.perf_counter() - began
    after = max(memory_mib(leader))
    _say(f"one body of {mib} MiB: {seconds:.1f} s; a worker {before:.0f} MiB before, {after:.0f} MiB at most")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
