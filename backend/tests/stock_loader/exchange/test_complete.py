"""All files of an exchange as one snapshot at its end (`"WHEN": "complete"`)."""

from collections.abc import Callable

import pytest

from tests.stock_loader.exchange.onec_client import KINDS
from tests.stock_loader.exchange.site import Site
from tests.stock_loader.exchange.stock_files import NEW, OLD, stock_file

HALVES = ({"p0": 1, "p1": 1, "p2": 1}, {"p3": 2, "p4": 2})
TOGETHER = HALVES[0] | HALVES[1]
ZEROED = dict.fromkeys(NEW, 0) | TOGETHER

Serve = Callable[..., Site]


def files() -> dict[str, bytes]:
    return {f"rests_1_{number}.xml": stock_file(half) for number, half in enumerate(HALVES, 1)}


@pytest.mark.parametrize("kind", KINDS)
def test_files_of_all_sessions_are_one_snapshot(site_with: Serve, kind: str) -> None:
    site = site_with(WHEN="complete")
    client = site.client(kind)
    client.exchange(files(), ends=False)
    assert (site.stock(), site.loads()) == (OLD, [])
    client.end()
    site.until(lambda: site.stock() == OLD | TOGETHER)
    assert site.loads() == ["completed"]
    client.end()
    assert site.loads() == ["completed"]


def test_missing_products_are_zeroed_only_when_1c_said_that_all_came(site_with: Serve) -> None:
    site = site_with(WHEN="complete", OPTIONS=["--missing", "zero", "--max-zeroed", "off"])
    client = site.client()
    client.exchange(files())
    site.until(lambda: site.stock() == OLD | TOGETHER)
    client.exchange({name: content + b"\n" for name, content in files().items()}, ends=False)
    client.check_auth()
    client.call("deactivate", timestamp="1")
    client.end()
    site.until(lambda: site.stock() == ZEROED)


def test_exchange_with_a_file_that_did_not_come_whole_zeroes_nothing(site_with: Serve) -> None:
    site = site_with(WHEN="complete", OPTIONS=["--missing", "zero", "--max-zeroed", "off"])
    client = site.client()
    client.exchange(files(), ends=False)
    client.begin()
    client.send_cut("rests_1_3.xml", stock_file(), sent=50)
    site.until(lambda: len(site.query("SELECT 1 FROM stock_exchange_receivedfile")) == 3)
    client.call("deactivate", timestamp="1")
    client.end()
    site.until(lambda: site.stock() == OLD | TOGETHER)
