"""Chromium for the tests of pages: what `make browser` installs, and what every page has to hold in it."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

INSTALLED = Path(__file__).resolve().parents[2] / "var" / "browser"
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
SERIOUS = """
const done = arguments[0];
const isBad = one => ["serious", "critical"].includes(one.impact);
axe.run(document).then(found => done(found.violations.filter(isBad).map(one => one.id + ": " + one.nodes[0].html)));
"""
HOSTS = "return [...new Set(performance.getEntriesByType('resource').map(one => new URL(one.name).host))]"
TAB, ENTER = "\ue004", "\ue007"

needs_browser = pytest.mark.skipif(
    not all(path.exists() for path in (AXE, CHROMIUM, DRIVER)), reason="needs a browser: make browser, as root"
)


@contextmanager
def chromium(folder: Path) -> Iterator[Any]:
    """Yield a browser with a profile of its own in `folder`."""
    sys.path.append(str(INSTALLED))
    webdriver: Any = importlib.import_module("selenium.webdriver")
    service: Any = importlib.import_module("selenium.webdriver.chrome.service")
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={folder}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=service.Service(str(DRIVER)))
    try:
        yield driver
    finally:
        driver.quit()
        sys.path.remove(str(INSTALLED))


def set_width(browser: Any, width: int) -> None:
    screen = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)


def check_page(browser: Any) -> None:
    """The page fits, has its styles, asks no other host, breaks no policy, and axe finds nothing serious."""
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth"), browser.current_url
    assert browser.execute_script(HOSTS) == [urlsplit(browser.current_url).netloc]
    browser.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})
    browser.execute_script(AXE.read_text("utf-8"))
    serious = browser.execute_async_script(SERIOUS)
    assert serious == [], f"{browser.current_url}: {serious}"
    messages = [said["message"] for said in browser.get_log("browser") if "favicon" not in said["message"]]
    assert messages == []


def press_keys_to(browser: Any, *texts: str) -> None:
    """Go with Tab to what has the first text, press Enter there, and so on."""
    for text in texts:
        for _ in range(80):
            browser.switch_to.active_element.send_keys(TAB)
            if browser.switch_to.active_element.text == text:
                break
        else:
            raise AssertionError(f"no way by keys to {text}")
        browser.switch_to.active_element.send_keys(ENTER)
