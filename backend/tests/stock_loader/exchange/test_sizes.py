"""An exchange of real size, and what it costs the web server."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.stock_loader.exchange.site import PROJECT, Site

OFFERS = 100_000
MIB = 1024 * 1024


def peak_mib(site: Site) -> int:
    """The largest memory that a process of the web server ever had."""
    sizes = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = folder.joinpath("cmdline").read_bytes()
            if b"gunicorn" in command and f"127.0.0.1:{site.port}".encode() in command:
                status = folder.joinpath("status").read_text()
                sizes.append(int(status.partition("VmHWM:")[2].split()[0]) // 1024)
        except (OSError, IndexError):
            continue
    return max(sizes)


@pytest.fixture(scope="module")
def large_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("large") / "rests.xml"
    command = [sys.executable, "-m", "fixtures_generator", "--offers", str(OFFERS), "--warehouses", "3"]
    subprocess.run([*command, "--output", str(path)], cwd=PROJECT, check=True, capture_output=True)
    return path.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "zip"])
def test_exchange_of_real_size_in_fragments_of_1_mb(site: Site, large_file: bytes, packed: bool) -> None:
    client = site.client("new")
    began = time.monotonic()
    content = large_file if not packed else large_file.replace(b"</", b"</", 1)
    client.exchange({"rests.xml": content}, packed=packed)
    sys.stderr.write(f"\n[figures] {len(content) / MIB:.0f} MiB, {time.monotonic() - began:.1f} s\n")
    details = site.query("SELECT details FROM common_importsession")
    assert len(details) == 1
    assert str(OFFERS) in str(details[0][0])
    assert max(len(answer) for answer in client.answers) < 500
    assert all(answer.startswith(("success", "zip=", "progress\n")) for answer in client.answers)


@pytest.mark.slow
def test_body_of_256_mib_takes_no_memory(site: Site) -> None:
    client = site.client("new")
    client.begin()
    client.demand("file", body=b"x", filename="small.bin")
    before = peak_mib(site)
    client.demand("file", body=os.urandom(MIB) * 256, filename="large.bin")
    assert peak_mib(site) - before < 20
