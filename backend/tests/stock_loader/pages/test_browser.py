"""The pages in a real browser: clicks, keys, widths, languages, accessibility, and a strict policy of content."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from stock_loader.outcome import StockChange
from tests.stock_loader.pages.strict_policy import POLICY

INSTALLED = Path(__file__).resolve().parents[4] / "var" / "browser"
AXE = INSTALLED / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
URL = "/admin/stock_pages/stockload/"
SERIOUS = """
const done = arguments[0];
const isBad = one => ["serious", "critical"].includes(one.impact);
axe.run(document).then(found => done(found.violations.filter(isBad).map(one => one.id + ": " + one.nodes[0].html)));
"""
HOSTS = "return [...new Set(performance.getEntriesByType('resource').map(one => new URL(one.name).host))]"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not all(path.exists() for path in (AXE, CHROMIUM, DRIVER)), reason="needs a browser: make browser, as root"
    ),
]


@pytest.fixture(scope="module")
def served(site: None) -> Iterator[LiveServer]:
    """The site under a server of its own: that of pytest-django begins before the site has its settings."""
    server = LiveServer("localhost")
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def browser(tmp_path: Path, signed_in: Callable[..., Client], served: LiveServer) -> Iterator[Any]:
    """Chromium, signed in as a user who may view."""
    sys.path.append(str(INSTALLED))
    webdriver: Any = importlib.import_module("selenium.webdriver")
    service: Any = importlib.import_module("selenium.webdriver.chrome.service")
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={tmp_path}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=service.Service(str(DRIVER)))
    try:
        driver.get(f"{served.url}/admin/login/")
        cookie = signed_in("view_stockload", "view_product").cookies[settings.SESSION_COOKIE_NAME]
        driver.add_cookie({"name": settings.SESSION_COOKIE_NAME, "value": cookie.value})
        driver.get_log("browser")
        yield driver
    finally:
        driver.quit()
        sys.path.remove(str(INSTALLED))


def set_width(browser: Any, width: int) -> None:
    screen = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)


def check_page(browser: Any, server: LiveServer) -> None:
    """The page fits, asks no other host, breaks no policy, and axe finds nothing serious."""
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth"), browser.current_url
    assert browser.execute_script(HOSTS) == [server.url.removeprefix("http://")]
    browser.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})
    browser.execute_script(AXE.read_text("utf-8"))
    assert browser.execute_async_script(SERIOUS) == [], browser.current_url
    messages = [said["message"] for said in browser.get_log("browser") if "favicon" not in said["message"]]
    assert messages == []


@pytest.mark.parametrize(("language", "width"), [("en", 1200), ("ru", 360)])
def test_way_from_the_list_to_a_product(  # noqa: PLR0913, PLR0917  # fixtures
    browser: Any,
    served: LiveServer,
    make_session: Callable[..., int],
    products: list[int],
    language: str,
    width: int,
) -> None:
    offer = {"onec_id": "x", "sku": "", "line": 7, "seen": "5", "code": "no_product", "reason": ""}
    details = {"total_records": 3, "updated_count": 2, "not_found_count": 1, "not_found": [offer]}
    make_session(StockChange(products[1], 0, 5), **details)
    number = make_session(StockChange(products[1], 5, 9), StockChange(products[2], 9, 0), **details)
    browser.add_cookie({"name": settings.LANGUAGE_COOKIE_NAME, "value": language})
    set_width(browser, width)
    browser.get(f"{served.url}{URL}")
    check_page(browser, served)
    browser.find_element("css selector", ".stock-menu li:nth-child(2) a").click()
    check_page(browser, served)
    browser.find_element("link text", f"#{number}").click()
    assert browser.find_element("css selector", "html").get_attribute("lang") == language
    check_page(browser, served)
    browser.find_element("link text", "Cup 1").click()
    check_page(browser, served)
    assert len(browser.find_elements("css selector", ".stock-steps .dot")) == 2


def test_keys_alone_lead_to_a_session(browser: Any, served: LiveServer, make_session: Callable[..., int]) -> None:
    number = make_session()
    browser.get(f"{served.url}{URL}sessions/")
    for _ in range(60):
        browser.switch_to.active_element.send_keys("\ue004")  # Tab
        if browser.switch_to.active_element.text == f"#{number}":
            break
    browser.switch_to.active_element.send_keys("\ue007")  # Enter
    assert browser.current_url.endswith(f"{URL}sessions/{number}/")


def test_policy_is_on_every_page(client: Client) -> None:
    assert client.get(URL)["Content-Security-Policy"] == POLICY
