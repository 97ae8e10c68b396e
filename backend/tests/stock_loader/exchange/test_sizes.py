"""An exchange of real size, and what it costs the web server."""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.stock_loader.exchange.site import PROJECT, Site
from tests.stock_loader.exchange.stock_files import NEW

OFFERS = 100_000
FRAGMENT = 1_000_000
BEFORE = 1_000_000
"""The stock of every product, which no offer of the file has."""
MIB = 1024 * 1024
NAMESPACE = "{urn:1C.ru:commerceml_3}"


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
def large_file(made_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[bytes]:
    """A file of 100,000 offers; the shop has their products as long as the tests of this module run."""
    path = tmp_path_factory.mktemp("large") / "rests.xml"
    command = [sys.executable, "-m", "fixtures_generator", "--offers", str(OFFERS), "--warehouses", "3"]
    subprocess.run([*command, "--output", str(path)], cwd=PROJECT, check=True, capture_output=True)
    made_site.manage("seed_products", "--file", str(path))
    yield path.read_bytes()
    made_site.query(f"DELETE FROM products_product WHERE onec_id NOT IN ({listed(NEW)})")


def listed(words: Iterable[str]) -> str:
    """Return words as SQL lists them."""
    return ", ".join(f"'{word}'" for word in words)


def quantities(content: bytes) -> dict[str, int]:
    """The sum over the warehouses of each offer, read by ElementTree."""
    offers = ET.fromstring(content).iter(f"{NAMESPACE}Предложение")
    return {
        str(offer.findtext(f"{NAMESPACE}Ид")): sum(
            int(str(found.text)) for found in offer.iter(f"{NAMESPACE}Количество")
        )
        for offer in offers
    }


@pytest.mark.slow
@pytest.mark.parametrize("packed", [False, pytest.param(True, marks=pytest.mark.sqlite)], ids=["plain", "zip"])
def test_exchange_of_real_size_in_fragments_of_1_mb(site: Site, large_file: bytes, packed: bool) -> None:
    site.reset(BEFORE)
    client = site.client("new")
    client.exchange({"rests.xml": large_file}, packed=packed)
    expected = quantities(large_file)
    assert len(expected) == OFFERS
    assert BEFORE not in expected.values()
    assert site.stock() == expected | dict.fromkeys(NEW, BEFORE)
    assert site.loads() == ["completed"]
    assert max(len(answer) for answer in client.answers) < 500
    assert all(answer.startswith(("success", "zip=", "progress\n")) for answer in client.answers)
    (largest, requests), *_ = site.query(
        "SELECT max(size), count(*) FROM stock_exchange_exchangerequest WHERE mode = 'file'"
    )
    assert largest == FRAGMENT
    assert requests > (2 if packed else 70)


@pytest.mark.slow
def test_body_of_256_mib_takes_no_memory(site: Site) -> None:
    client = site.client("new")
    client.begin()
    client.demand("file", body=b"x", filename="small.bin")
    before = peak_mib(site)
    client.demand("file", body=os.urandom(MIB) * 256, filename="large.bin")
    assert peak_mib(site) - before < 20
