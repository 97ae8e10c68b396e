"""The pages in a real browser: clicks, keys, widths, languages, accessibility, and a strict policy of content."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from stock_loader.outcome import StockChange
from tests.chromium import check_page, chromium, needs_browser, press_keys_to, set_width
from tests.stock_loader.pages.strict_policy import POLICY

URL = "/admin/stock_pages/stockload/"

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), needs_browser]


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
    with chromium(tmp_path) as driver:
        driver.get(f"{served.url}/admin/login/")
        cookie = signed_in("view_stockload", "view_product").cookies[settings.SESSION_COOKIE_NAME]
        driver.add_cookie({"name": settings.SESSION_COOKIE_NAME, "value": cookie.value})
        driver.get_log("browser")
        yield driver


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
    check_page(browser)
    browser.find_element("css selector", ".stock-menu li:nth-child(2) a").click()
    check_page(browser)
    browser.find_element("link text", f"#{number}").click()
    assert browser.find_element("css selector", "html").get_attribute("lang") == language
    check_page(browser)
    browser.find_element("link text", "Cup 1").click()
    check_page(browser)
    assert len(browser.find_elements("css selector", ".stock-steps .dot")) == 2


def test_keys_alone_lead_to_a_session(browser: Any, served: LiveServer, make_session: Callable[..., int]) -> None:
    number = make_session()
    browser.get(f"{served.url}{URL}sessions/")
    press_keys_to(browser, f"#{number}")
    assert browser.current_url.endswith(f"{URL}sessions/{number}/")


def test_policy_is_on_every_page(client: Client) -> None:
    assert client.get(URL)["Content-Security-Policy"] == POLICY
