"""The process that undoes is killed: nothing is half undone, nothing is undone twice, the next one carries on."""

import json
import re
from typing import Any

import pytest

from tests.stock_loader.exchange.site import Site
from tests.stock_loader.exchange.stock_files import NEW, OLD, stock_file
from tests.stock_loader.upload.browser import Browser, Page
from tests.stock_loader.upload.conftest import configure
from tests.stock_loader.upload.test_dying_processes import COMMITTED, WRITTEN, killed_at

PAGES = "/admin/stock_pages/stockload/"


@pytest.fixture
def browser(site: Site) -> Browser:
    """Of a user who may undo, who looks at the only load; requests start no process."""
    configure(site, START_WORKER=False)
    file = site.folder / "cron.xml"
    file.write_bytes(stock_file())
    site.manage("load_product_stocks", "--file", str(file))
    return Browser(site, "root")


def looked_at(site: Site, browser: Browser, *, relative: str = "") -> Page:
    """The page of an undo of the newest load, once it was looked at."""
    session = site.query("SELECT max(id) FROM common_importsession")[0][0]
    shown = f"{PAGES}sessions/{session}/"
    page = browser.submit(f"{shown}undo/", seen_on=shown, relative=relative)
    site.manage("undo_worker", "--until-idle")
    return browser.get(page.address.partition(str(site.port))[2])


def state(site: Site) -> Any:
    return site.query("SELECT state FROM stock_pages_stockundo ORDER BY id DESC")[0][0]


def test_killed_undo_is_carried_on_with_by_who_looks_at_the_page(site: Site, browser: Browser) -> None:
    page = looked_at(site, browser)
    page = browser.press(page, "Undo")
    with killed_at(WRITTEN, site, "undo_worker"):
        assert state(site) == "loading"
    assert (state(site), site.stock()) == ("loading", NEW)
    configure(site)
    path = page.address.partition(str(site.port))[2]
    assert 'http-equiv="refresh"' in browser.get(path).text
    site.until(lambda: state(site) == "done")
    assert site.stock() == OLD
    assert re.search(r"Session of the undo #\d+", browser.get(path).words)


@pytest.mark.slow
def test_undo_whose_process_died_after_it_completed_is_not_repeated(site: Site, browser: Browser) -> None:
    page = browser.press(looked_at(site, browser, relative="1"), "Undo")
    with killed_at(COMMITTED, site, "undo_worker"):
        site.query("UPDATE products_product SET stock_quantity = 80 WHERE onec_id = 'p3'")
    site.manage("undo_worker", "--until-idle")
    assert (state(site), site.stock()) == ("done", OLD | {"p3": 80})
    details = site.query("SELECT details FROM common_importsession ORDER BY id DESC")[0][0]
    details = json.loads(details) if isinstance(details, str) else details
    assert (details["asked_by"], details["relative"], details["changed_count"]) == ("root", True, 10)
    assert "Undone" in browser.get(page.address.partition(str(site.port))[2]).words
