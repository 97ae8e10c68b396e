"""How fast the exchange receives, beside `cp` and `fsync` on the same disk, and what the web server needs for it.

    python -m benchmarks.receiving [--mib 1024] [--rounds 3] [--requests 1 16 64 0] [--folder DIR]
    python backend/embedded_postgres.py var/receiving-postgres .venv/bin/python -m benchmarks.receiving

The second line is on PostgreSQL. `--requests` are MiB a request, 0 the whole file in one. Copy and exchange take turns,
and every round compares what was received with what was sent; the ratios are those of the medians. The bare loop shows
what a server could reach that only reads a socket, writes a file and waits for the disk.
"""

import argparse
import filecmp
import multiprocessing
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.served_shop import ADDRESS, Client, ServedShop, cpu_seconds, memory_mib, served

MIB = 1024 * 1024
SEED_BYTES = 8 * MIB
QUOTA_MIB = 1_000_000


def main(arguments: Sequence[str]) -> int:
    """Measure and print a line a size of request; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.receiving")
    parser.add_argument("--mib", type=int, default=1024, help="size of the file")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--requests", type=int, nargs="+", default=[1, 16, 64, 0], help="MiB a request; 0: one request")
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
    loops: list[float] = []
    times: dict[int, list[float]] = {mib: [] for mib in requests}
    cpu: dict[int, list[float]] = {mib: [] for mib in requests}
    for number in range(rounds):
        copies.append(copied(source, shop.folder / "copy.bin"))
        loops.append(received_bare(source, shop.folder / "bare.bin"))
        for mib in requests:
            before = cpu_seconds(leader)
            times[mib].append(sent(shop, client, source, f"{number}-{mib}.bin", limit=mib * MIB or size))
            cpu[mib].append(cpu_seconds(leader) - before)
    copy = statistics.median(copies)
    _say(f"{size / MIB:.0f} MiB, medians of {rounds}; cp and fsync: {copy:.2f} s, {size / MIB / copy:.0f} MiB/s")
    loop = statistics.median(loops)
    _say(f"bare loop: {loop:.2f} s, {size / MIB / loop:.0f} MiB/s, {copy / loop:.2f} times the speed of cp")
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


def received_bare(source: Path, target: Path) -> float:
    """Send the file to a process that only keeps it; return the seconds until the disk has it."""
    settle()
    with socket.create_server((ADDRESS, 0)) as listener:
        taker = multiprocessing.Process(target=_take, args=(listener, target))
        taker.start()
        began = time.perf_counter()
        with socket.create_connection(listener.getsockname()) as line, source.open("rb") as file:
            line.sendfile(file)
            line.shutdown(socket.SHUT_WR)
            line.recv(1)  # ends when the other side has closed it
        seconds = time.perf_counter() - began
    taker.join()
    if not filecmp.cmp(source, target, shallow=False):
        raise RuntimeError("the bare loop kept something else than what was sent")
    target.unlink()
    return seconds


def _take(listener: socket.socket, target: Path) -> None:
    line, _ = listener.accept()
    buffer = memoryview(bytearray(MIB))
    with line, target.open("wb", buffering=0) as file:
        while size := line.recv_into(buffer):
            file.write(buffer[:size])
        os.fdatasync(file.fileno())


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
