"""A person's way through the pages, in a real browser, on gunicorn, with the processes that its requests start."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.chromium import check_page, chromium, needs_browser, press_keys_to, set_width
from tests.stock_loader.exchange.site import Site, server_of
from tests.stock_loader.exchange.stock_files import NEW, OLD, stock_file
from tests.stock_loader.upload.conftest import configure

pytestmark = [pytest.mark.slow, needs_browser]

PAGES = "/admin/stock_pages/stockload/"
LOAD = 'form[action$="/load/"] button'
LOOK = 'form[action$="/undo/"] button'
UNDO = 'form[action$="/carry-out/"] button'
Browse = Callable[..., Any]


@pytest.fixture(scope="module")
def address(site_with_users: Site) -> Iterator[str]:
    """Of the site with its collected static files."""
    site_with_users.manage("collectstatic", "--no-input", "--verbosity", "0")
    served = replace(site_with_users, port=0)
    with server_of(served, application="tests.stock_loader.upload.served_wsgi"):
        yield f"http://127.0.0.1:{served.port}"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory, address: str) -> Iterator[Any]:
    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture
def sign_in(site: Site, browser: Any, address: str) -> Browse:
    """Sign in at the login page; return what opens a page."""

    def signed_in(name: str, *, language: str = "en", width: int = 1200) -> Callable[[str], None]:
        set_width(browser, width)
        browser.delete_all_cookies()
        browser.get(f"{address}/admin/login/")
        browser.add_cookie({"name": "django_language", "value": language})
        browser.find_element("name", "username").send_keys(name)
        browser.find_element("name", "password").send_keys(name)
        browser.find_element("css selector", "[type=submit]").click()
        site.until(lambda: "/login/" not in browser.current_url)
        browser.get_log("browser")
        return lambda path: browser.get(address + path)

    return signed_in


def click(browser: Any, selector: str) -> None:
    browser.find_element("css selector", selector).click()


def is_shown(browser: Any, selector: str, text: str) -> bool:
    return bool(browser.find_element("css selector", selector).text == text)


def wait_for(site: Site, browser: Any, selector: str) -> None:
    """Wait until the page shows this by itself, and look at it."""
    site.until(lambda: browser.find_elements("css selector", selector))
    check_page(browser)


def choose(browser: Any, file: Path, content: bytes) -> None:
    file.write_bytes(content)
    browser.find_element("id", "files").send_keys(str(file))
    check_page(browser)
    click(browser, "#content-main button")


@pytest.mark.parametrize(("language", "width"), [("en", 1200), ("ru", 360)])
def test_upload_preview_load_session_undo_and_history(  # noqa: PLR0913, PLR0917  # fixtures
    site: Site, browser: Any, sign_in: Browse, tmp_path: Path, language: str, width: int
) -> None:
    show = sign_in("root", language=language, width=width)
    show("/admin/stock_upload/upload/add/")
    choose(browser, tmp_path / "rests.xml", stock_file())
    wait_for(site, browser, LOAD)
    assert site.stock() == OLD
    click(browser, LOAD)
    session_of_load = "dl > div:last-child dd a"
    site.until(lambda: site.stock() == NEW)
    wait_for(site, browser, '#content-main a[href$="/upload/add/"]')
    click(browser, session_of_load)
    assert browser.find_element("css selector", "html").get_attribute("lang") == language
    check_page(browser)
    click(browser, LOOK)
    wait_for(site, browser, UNDO)
    assert site.stock() == NEW
    click(browser, UNDO)
    wait_for(site, browser, ".stock-state.completed")
    assert site.stock() == OLD
    click(browser, ".stock-facts > div:last-child a")
    check_page(browser)
    click(browser, "#changes ~ table a")
    check_page(browser)
    assert len(browser.find_elements("css selector", ".stock-steps .dot")) == 2
    assert len(browser.find_elements("css selector", ".stock-table tbody tr")) == 2
    for path in (f"{PAGES}sessions/", PAGES, "/admin/stock_upload/upload/"):
        show(path)
        check_page(browser)


def test_refused_load_shows_why_and_has_no_button(site: Site, browser: Any, sign_in: Browse, tmp_path: Path) -> None:
    configure(site, OPTIONS=["--max-changed", "3"])
    sign_in("keeper", width=360)("/admin/stock_upload/upload/add/")
    choose(browser, tmp_path / "rests.xml", stock_file())
    wait_for(site, browser, ".objections")
    told = browser.find_element("css selector", ".objections").text
    assert "products that would change: 10, the limit is 3 (--max-changed)." in told
    assert "You have no right to load it in spite of this." in told
    assert not browser.find_elements("css selector", LOAD)
    assert site.stock() == OLD


def loaded(site: Site) -> int:
    """Load what is new by a command; return the number of its session."""
    file = site.folder / "cron.xml"
    file.write_bytes(stock_file())
    site.manage("load_product_stocks", "--file", str(file))
    return int(site.query("SELECT max(id) FROM common_importsession")[0][0])


def test_page_of_an_unfinished_undo_is_brought_up_to_date_in_its_place(
    site: Site, browser: Any, sign_in: Browse
) -> None:
    configure(site, START_WORKER=False)
    session = loaded(site)
    sign_in("root")(f"{PAGES}sessions/{session}/")
    click(browser, LOOK)
    check_page(browser)
    browser.execute_script("window.isTheSame = true")
    for state, words in {"previewing": "Being looked at", "to_load": "Waiting to be undone"}.items():
        site.query(f"UPDATE stock_pages_stockundo SET state = '{state}'")
        site.until(partial(is_shown, browser, "[role=status]", words))
        assert browser.find_element("css selector", ".stock-state").text == words
    assert browser.execute_script("return window.isTheSame")
    site.query("UPDATE stock_pages_stockundo SET state = 'failed', result = 'no such thing'")
    wait_for(site, browser, "[role=alert]")
    assert browser.execute_script("return window.isTheSame") is None


def test_keys_alone_undo_a_load(site: Site, browser: Any, sign_in: Browse) -> None:
    session = loaded(site)
    sign_in("root")(f"{PAGES}sessions/{session}/")
    press_keys_to(browser, "Skip to main content", "Undo: show what that would do")
    wait_for(site, browser, UNDO)
    press_keys_to(browser, "Skip to main content", "Undo")
    wait_for(site, browser, ".stock-state.completed")
    assert site.stock() == OLD


def test_users_without_the_right_see_no_button(site: Site, browser: Any, sign_in: Browse) -> None:
    session = loaded(site)
    show = sign_in("viewer")
    show("/admin/")
    assert browser.find_elements("css selector", 'a[href*="stock_pages"]')
    assert not browser.find_elements("css selector", 'a[href*="stock_upload"]')
    show(f"{PAGES}sessions/{session}/")
    check_page(browser)
    assert len(browser.find_elements("css selector", "#changes ~ table tbody tr")) == 10
    assert not browser.find_elements("css selector", LOOK)

    show = sign_in("guest")
    show("/admin/")
    assert not browser.find_elements("css selector", 'a[href*="stock_"]')
    for path in (f"{PAGES}sessions/{session}/", "/admin/stock_upload/upload/add/"):
        show(path)
        assert browser.find_element("css selector", "h1").text == "403 Forbidden"
