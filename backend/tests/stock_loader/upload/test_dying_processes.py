"""What loads is killed, the web server is restarted: nothing is half done, and the next one carries on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.stock_loader.exchange.site import PROJECT, Site, server_of
from tests.stock_loader.exchange.stock_files import NEW, OLD, stock_file
from tests.stock_loader.upload.browser import Browser
from tests.stock_loader.upload.conftest import configure, shown, state

Browse = Callable[[str], Browser]
READING = ("stock_loader.load.loader", "in_order_of_dates")
WRITTEN = ("stock_loader.journal.sessions", "complete")
"""In the transaction of the load: the stock is written, and nothing of it is to be seen."""
COMMITTED = ("stock_loader.load.run", "tell_shop")


@contextmanager
def killed_at(point: tuple[str, str], site: Site, *command: str) -> Iterator[None]:
    """Run what loads, or another command, until it comes to `point`, and kill it there."""
    held = [sys.executable, "-m", "tests.stock_loader.exchange.held_worker", *point, *(command or ["upload_worker"])]
    reached = site.folder / "reached"
    with subprocess.Popen(held, env=site.environment, cwd=PROJECT) as worker:
        try:
            site.until(reached.exists)
            yield
        finally:
            worker.kill()
            reached.unlink(missing_ok=True)


def test_killed_preview_and_killed_load_are_carried_on_with(site: Site, browse: Browse) -> None:
    configure(site, START_WORKER=False)
    browser = browse("keeper")
    page = browser.send(("rests.xml", stock_file()))
    with killed_at(READING, site):
        assert state(site) == "previewing"
    site.manage("upload_worker", "--until-idle")
    page = browser.press(shown(site, browser, page), "Load")
    with killed_at(WRITTEN, site):
        assert state(site) == "loading"
    assert (state(site), site.stock()) == ("loading", OLD)
    configure(site)  # a page that is looked at starts the next one
    shown(site, browser, browser.get(page.address.partition(str(site.port))[2]))
    assert (state(site), site.stock()) == ("done", NEW)


@pytest.mark.slow
def test_load_whose_process_died_after_it_completed_is_not_repeated(site: Site, browse: Browse) -> None:
    configure(site, START_WORKER=False)
    browser = browse("keeper")
    page = browser.send(("rests.xml", stock_file()))
    site.manage("upload_worker", "--until-idle")
    browser.press(shown(site, browser, page), "Load")
    with killed_at(COMMITTED, site):
        site.query("UPDATE products_product SET stock_quantity = 3 WHERE onec_id = 'p3'")
    site.manage("upload_worker", "--until-idle")
    assert (state(site), site.stock()) == ("done", NEW | {"p3": 3})
    assert site.loads() == ["completed", "completed"]


@pytest.mark.slow
def test_preview_whose_process_died_three_times_is_given_up(site: Site, browse: Browse) -> None:
    configure(site, START_WORKER=False)
    browser = browse("keeper")
    page = browser.send(("rests.xml", stock_file()))
    for _ in range(3):
        with killed_at(READING, site):
            pass
    site.manage("upload_worker", "--until-idle")
    page = shown(site, browser, page)
    assert "the process at work died 3 times; nothing was written." in page.words
    browser.press(page, "Look again")
    site.manage("upload_worker", "--until-idle")
    assert state(site) == "previewed"


@pytest.mark.slow
def test_web_server_that_is_killed_stops_nothing(site: Site) -> None:
    other = replace(site, port=0)
    with server_of(other) as server:
        browser = Browser(other, "keeper")
        browser.send(("rests.xml", stock_file()))
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
    site.until(lambda: state(site) == "previewed")
    assert site.stock() == OLD


@pytest.mark.slow
def test_load_of_a_command_is_waited_for(site: Site, browse: Browse) -> None:
    browser = browse("keeper")
    page = shown(site, browser, browser.send(("rests.xml", stock_file())))
    file = site.folder / "cron.xml"
    file.write_bytes(stock_file({"p1": 8}))
    with killed_at(READING, site, "load_product_stocks", "--file", str(file)):
        browser.press(page, "Load")
        site.until(lambda: state(site) == "loading")
        time.sleep(1)  # it would be done by then
        assert (state(site), site.stock()) == ("loading", OLD)
    shown(site, browser, page)
    assert (state(site), site.stock()) == ("done", NEW)
