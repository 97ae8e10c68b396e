"""The disk of the spool: it has what was answered with success, and it may be full. Real file systems, so root only."""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.stock_loader.exchange.onec_client import OnecClient
from tests.stock_loader.exchange.site import Site
from tests.stock_loader.exchange.stock_files import NEW, OLD, stock_file

MIB = 1024 * 1024
DISK_BYTES = 80 * MIB
"""A little more than the room that the exchange leaves alone."""


@contextmanager
def mounted(what: Path | str, folder: Path, *options: str) -> Iterator[Path]:
    """Mount a file system as long as the test runs; skip where nobody may."""
    folder.mkdir()
    mount = ["mount", *options, str(what), str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a file system, and not in every container")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A disk of its own, kept in a file: that has what the file system wrote, and not what it still means to write."""
    if not shutil.which("mkfs.ext4"):
        pytest.skip("needs mkfs.ext4")
    path = tmp_path / "disk"
    with path.open("wb") as file:
        file.truncate(DISK_BYTES)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(path)], check=True)
    return path


@pytest.mark.slow
def test_part_that_was_answered_outlives_the_loss_of_power(
    site_with: Callable[..., Site], image: Path, tmp_path: Path
) -> None:
    with mounted(image, tmp_path / "now", "-o", "loop") as folder:
        site = site_with(SPOOL=str(folder / "spool"), START_WORKER=False)
        client = site.client()
        client.begin()
        content = stock_file()
        client.demand("file", body=content[:500], filename="rests.xml")
        client.demand("file", body=content[500:], filename="rests.xml")
        shutil.copyfile(image, tmp_path / "as it is without power")
    with mounted(tmp_path / "as it is without power", tmp_path / "later", "-o", "loop") as folder:
        (kept,) = (folder / "spool").glob("*rests.xml")
        assert kept.read_bytes() == content


@pytest.mark.slow
def test_disk_that_fills_while_a_part_comes_keeps_nothing_of_it(site_with: Callable[..., Site], tmp_path: Path) -> None:
    with mounted("none", tmp_path / "small", "-t", "tmpfs", "-o", f"size={DISK_BYTES}") as folder:
        site = site_with(SPOOL=str(folder / "spool"))
        client = site.client()
        client.begin()
        content = stock_file()
        client.demand("file", body=content[:500], filename="rests.xml")
        assert sent_while_the_disk_fills(site, client, folder) == (
            "failure\nthere is no room for the file on the shop's disk."
        )
        full = client.call("file", body=content[500:], filename="rests.xml")
        assert full == "failure\nthere is no room for the file on the shop's disk."
        assert [path.stat().st_size for path in folder.glob("spool/*rests.xml")] == [500]
        assert site.stock() == OLD
        (folder / "somebody else's").unlink()
        client.demand("file", body=content[500:], filename="rests.xml")
        client.have_imported("rests.xml")
        assert (site.stock(), site.loads()) == (NEW, ["completed"])


def sent_while_the_disk_fills(site: Site, client: OnecClient, folder: Path) -> str:
    """Send the half of a part, fill the disk when the shop has written it, and send the rest; return the answer."""
    headers = "".join(f"{key}: {value}\r\n" for key, value in client.headers().items())
    head = f"POST {client.address('file', filename='rests.xml')} HTTP/1.1\r\nHost: localhost\r\n{headers}"
    half = bytes(4 * MIB)
    (kept,) = folder.glob("spool/*rests.xml")
    whole = kept.stat().st_size + len(half)
    with socket.create_connection(("127.0.0.1", client.port), timeout=60) as line:
        line.sendall(f"{head}Content-Length: {2 * len(half)}\r\n\r\n".encode() + half)
        site.until(lambda: kept.stat().st_size == whole)
        with (folder / "somebody else's").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(folder).free - MIB)
        line.sendall(half)
        line.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: line.recv(65536), b""))
    return answer.decode().partition("\r\n\r\n")[2]
