"""How fast the exchange receives, beside `cp` and `fsync` on the same disk, and what the web server needs for it.

    python -m benchmarks.receiving [--mib 1024] [--rounds 3] [--requests 1 16 0] [--folder DIR]
    python backend/embedded_postgres.py var/receiving-postgres .venv/bin/python -m benchmarks.receiving

The second line is on PostgreSQL. `--requests` are MiB a request, 0 the whole file in one. Copy and exchange take turns,
every round compares what was received with what was sent, and the ratios are those of the medians.
"""

import argparse
import filecmp
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.served_shop import Client, ServedShop, cpu_seconds, memory_mib, served

MIB = 1024 * 1024
SEED_BYTES = 8 * MIB
QUOTA_MIB = 1_000_000


def main(arguments: Sequence[str]) -> int:
    """Measure and print a line a size of request; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.receiving")
    parser.add_argument("--mib", type=int, default=1024, help="size of the file")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--requests", type=int, nargs="+", default=[1, 16, 0], help="MiB a request; 0: one request")
    parser.add_argument("--folder", default="var", help="on the disk that is measured")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="receiving-", dir=given.folder) as name:
        folder = Path(name).absolute()
        source = made_file(folder / "source.bin", given.mib)
        url = os.environ.get("DATABASE_URL") or f"sqlite:///{folder / 'site.sqlite3'}"
        shop = ServedShop(folder=folder, url=url, exchange={"QUOTA_MIB": QUOTA_MIB, "START_WORKER": False})
        with served(shop) as server:
            measure(shop, server.pid, source, given.requests, given.rounds)
    return 0


def made_file(path: Path, mib: int) -> Path:
    """Write a file of random bytes that no disk can pack."""
    block = random.Random(1).randbytes(SEED_BYTES)  # noqa: S311  # to be the same each time
    with path.open("wb") as file:
        for number in range(-(-mib * MIB // SEED_BYTES)):
            file.write(number.to_bytes(8, "big") + block[8:])
        file.truncate(mib * MIB)
        file.flush()
        os.fsync(file.fileno())
    return path


def measure(shop: ServedShop, leader: int, source: Path, requests: Sequence[int], rounds: int) -> None:
    """Copy and send in turns; print the medians."""
    size = source.stat().st_size
    client = shop.client()
    client.send(source, "warm.bin", limit=size)
    empty(shop)
    peak = max(memory_mib(leader))
    copies: list[float] = []
    times: dict[int, list[float]] = {mib: [] for mib in requests}
    cpu: dict[int, list[float]] = {mib: [] for mib in requests}
    for number in range(rounds):
        copies.append(copied(source, shop.folder / "copy.bin"))
        for mib in requests:
            before = cpu_seconds(leader)
            times[mib].append(sent(shop, client, source, f"{number}-{mib}.bin", limit=mib * MIB or size))
            cpu[mib].append(cpu_seconds(leader) - before)
    copy = statistics.median(copies)
    _say(f"{size / MIB:.0f} MiB, medians of {rounds}; cp and fsync: {copy:.2f} s, {size / MIB / copy:.0f} MiB/s")
    for mib in requests:
        seconds = statistics.median(times[mib])
        number = -(-size // (mib * MIB or size))
        _say(
            f"{number} requests of {mib or size // MIB} MiB: {seconds:.2f} s, {size / MIB / seconds:.0f} MiB/s, "
            f"{copy / seconds:.2f} times the speed of cp; CPU of the server {statistics.median(cpu[mib]):.2f} s, "
            f"{statistics.median(cpu[mib]) / number * 1000:.1f} ms a request"
        )
    _say(f"memory of a worker at its largest: {max(memory_mib(leader)):.0f} MiB, after the first body {peak:.0f} MiB")


def copied(source: Path, target: Path) -> float:
    """Copy by `cp` and wait for the disk; return the seconds."""
    settle()
    began = time.perf_counter()
    subprocess.run(["cp", "--", str(source), str(target)], check=True)  # noqa: S603, S607  # the measure is cp itself
    with target.open("rb") as written:
        os.fsync(written.fileno())
    seconds = time.perf_counter() - began
    target.unlink()
    return seconds


def sent(shop: ServedShop, client: Client, source: Path, name: str, *, limit: int) -> float:
    """Send the file and compare what was received; return the seconds of the sending."""
    settle()
    began = time.perf_counter()
    client.send(source, name, limit=limit)
    seconds = time.perf_counter() - began
    (received,) = shop.spool.glob(f"*{name}")
    if not filecmp.cmp(source, received, shallow=False):
        raise RuntimeError(f"{name} is not what was sent")
    empty(shop)
    return seconds


def empty(shop: ServedShop) -> None:
    """Remove what was received."""
    shutil.rmtree(shop.spool)
    shop.spool.mkdir(mode=0o700)


def settle() -> None:
    """Have the disk finish what it still has to write."""
    os.sync()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
