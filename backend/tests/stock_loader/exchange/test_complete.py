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


def zeroing(site_with: Serve, **settings: object) -> Site:
    options = ["--missing", "zero", "--max-zeroed", "off"]
    return site_with(WHEN="complete", OPTIONS=options, ANSWER_SECONDS=20, **settings)


def test_part_that_was_loaded_before_is_not_taken_for_missing(site_with: Serve) -> None:
    """The idle minutes pass while 1C prepares the next portion."""
    site = zeroing(site_with, IDLE_MINUTES=0.02)
    client = site.client()
    first, second = files().items()
    client.begin()
    client.send(*first)
    site.until(lambda: site.loads() == ["completed"])
    client.begin()
    client.send(*second)
    client.call("deactivate", timestamp="1")
    client.end()
    site.until(lambda: site.stock() == OLD | TOGETHER)


def test_deactivate_of_a_broken_exchange_zeroes_nothing_in_the_next(site_with: Serve) -> None:
    site = zeroing(site_with)
    client = site.client()
    client.check_auth()
    client.call("deactivate", timestamp="1")
    client.exchange(files())
    site.until(lambda: site.stock() == OLD | TOGETHER)
    assert site.loads() == ["completed"]


def test_complete_that_comes_again_tells_how_the_first_ended(site_with: Serve) -> None:
    site = zeroing(site_with)
    client = site.client()
    client.exchange({"rests.xml": stock_file()[:-40]}, ends=False)
    answers = []
    for _ in range(2):
        client.check_auth()
        answers.append(client.call("complete"))
    assert answers[0].startswith("failure\nrests.xml: ")
    assert answers[0] == answers[1]
