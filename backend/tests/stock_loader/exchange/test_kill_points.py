"""The process that loads dies at each point of its way: all old or all new, nothing twice, and the next one goes on."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.stock_loader.exchange.onec_client import OnecClient
from tests.stock_loader.exchange.site import PROJECT, Site
from tests.stock_loader.exchange.stock_files import NEW, OLD, stock_file

WORKER = "stock_loader.exchange.worker"
Point = tuple[str, str]
QUEUED, LOADING, COMMITTED, CLEAN_UP = ((WORKER, name) for name in ("run_import", "load", "_end", "remove_file"))
WRITTEN = ("stock_loader.journal.sessions", "complete")
"""In the transaction of the load: the stock is written, and nothing of it is to be seen."""

READING = ("stock_loader.load.loader", "in_order_of_dates")

Serve = Callable[..., Site]


@contextmanager
def held_at(point: Point, site: Site) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the process that loads until it is killed; it comes no further than `point`."""
    command = [sys.executable, "-m", "tests.stock_loader.exchange.held_worker", *point]
    worker = subprocess.Popen(command, env=site.environment, cwd=PROJECT)
    try:
        yield worker
    finally:
        worker.kill()
        worker.wait()
        (site.folder / "reached").unlink(missing_ok=True)


def asked(site: Site) -> OnecClient:
    """A client whose file was received whole and asked for."""
    client = site.client("new")
    client.begin()
    client.send("rests.xml", stock_file())
    assert client.call("import", filename="rests.xml").startswith("progress\n")
    return client


@pytest.mark.slow
@pytest.mark.parametrize(
    ("point", "stock"),
    [(QUEUED, OLD), (LOADING, OLD), (WRITTEN, OLD), (COMMITTED, NEW), (CLEAN_UP, NEW)],
    ids=["queued", "loading", "written", "committed", "clean-up"],
)
def test_worker_killed_at_any_point_leaves_all_old_or_all_new(site_with: Serve, point: Point, stock: object) -> None:
    site = site_with(START_WORKER=False, ANSWER_SECONDS=0)
    client = asked(site)
    with held_at(point, site):
        site.until((site.folder / "reached").exists)
    assert site.stock() == stock
    sold = 3 if stock == NEW else 0
    site.query(f"UPDATE products_product SET stock_quantity = stock_quantity - {sold} WHERE onec_id = 'p3'")
    site.manage("exchange_worker", "--until-idle")
    client.have_imported("rests.xml")
    assert site.stock() == NEW | {"p3": NEW["p3"] - sold}
    assert site.loads().count("completed") == 1


@pytest.mark.slow
def test_worker_that_is_asked_to_end_leaves_the_import_to_the_next_one(site_with: Serve) -> None:
    site = site_with(START_WORKER=False, ANSWER_SECONDS=0)
    client = asked(site)
    with held_at(READING, site) as worker:
        site.until((site.folder / "reached").exists)
        os.kill(worker.pid, signal.SIGTERM)
        worker.wait(30)
    assert client.call("import", filename="rests.xml").startswith("progress\n")
    site.manage("exchange_worker", "--until-idle")
    assert client.call("import", filename="rests.xml") == "success"
    assert (site.stock(), site.loads()) == (NEW, ["failed", "completed"])
    assert site.query("SELECT attempts FROM stock_exchange_stockimport") == [(1,)]


@pytest.mark.slow
def test_import_whose_process_died_three_times_is_given_up_and_told(site_with: Serve) -> None:
    site = site_with(START_WORKER=False, ANSWER_SECONDS=0)
    client = asked(site)
    for _ in range(3):
        with held_at(LOADING, site):
            site.until((site.folder / "reached").exists)
    site.manage("exchange_worker", "--until-idle")
    told = "failure\nthe process that loads died 3 times; nothing was loaded."
    assert client.call("import", filename="rests.xml") == told
    assert (site.stock(), site.loads()) == (OLD, [])


@pytest.mark.slow
def test_spool_that_is_removed_is_told_and_what_is_sent_again_is_loaded(site_with: Serve) -> None:
    site = site_with(START_WORKER=False, ANSWER_SECONDS=0)
    client = asked(site)
    shutil.rmtree(site.spool)
    site.manage("exchange_worker", "--until-idle")
    told = "failure\nrests.xml is no longer there as it was received; send it again."
    assert client.call("import", filename="rests.xml") == told
    assert (site.stock(), site.loads()) == (OLD, [])
    site.configure()
    site.client("new").exchange({"rests.xml": stock_file()})
    assert site.stock() == NEW
