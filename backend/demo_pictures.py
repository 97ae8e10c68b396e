"""Pictures of the pages for the docs: `make demo-site` in one shell, `python backend/demo_pictures.py` in another.

English ones go to docs/pages, Russian ones to docs/pages/ru. It needs what `make browser` installs. It asks for an undo
and uploads a file as it goes, and confirms neither. Times and ids in the pictures are those of the demo's run.
"""

import importlib
import sys
import time
from pathlib import Path
from typing import Any

from demo_site import PASSWORD, USER

PROJECT = Path(__file__).resolve().parent.parent
FOLDERS = {"en": PROJECT / "docs" / "pages", "ru": PROJECT / "docs" / "pages" / "ru"}
LOADS = "/admin/stock_pages/stockload/"
FILE = PROJECT / "var" / "demo" / "site" / "rests-7.xml"
PICTURES = (
    ("overview", LOADS, 1100),
    ("overview-phone", LOADS, 360),
    ("session", f"{LOADS}sessions/9/", 1100),
    ("product", f"{LOADS}products/5/", 1100),
)
"""Name, page, width."""
LAST_LOAD = f"{LOADS}sessions/11/"
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars")
HEIGHT = 640
PATIENCE_SECONDS = 60


def main() -> None:
    """Write the pictures; the first argument is the address of the site where it is another."""
    site = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    browser = opened()
    try:
        browser.get(f"{site}/admin/login/")
        browser.find_element("name", "username").send_keys(USER)
        browser.find_element("name", "password").send_keys(PASSWORD)
        browser.find_element("css selector", "[type=submit]").click()
        for language, folder in FOLDERS.items():
            folder.mkdir(exist_ok=True)
            browser.add_cookie({"name": "django_language", "value": language})
            take_all(browser, site, folder)
    finally:
        browser.quit()


def opened() -> Any:
    """Return a browser."""
    sys.path.append(str(PROJECT / "var" / "browser"))
    webdriver: Any = importlib.import_module("selenium.webdriver")
    service: Any = importlib.import_module("selenium.webdriver.chrome.service")
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in FLAGS:
        options.add_argument(flag)
    return webdriver.Chrome(options=options, service=service.Service("/usr/bin/chromedriver"))


def take_all(browser: Any, site: str, folder: Path) -> None:
    """Take the pictures of one language."""
    for name, path, width in PICTURES:
        set_width(browser, width)
        browser.get(site + path)
        browser.save_screenshot(str(folder / f"{name}.png"))
    set_width(browser, 1100)
    browser.get(site + LAST_LOAD)
    browser.find_element("css selector", 'form[action$="/undo/"] button').click()
    wait_for(browser, 'form[action$="/carry-out/"]')
    browser.save_screenshot(str(folder / "undo.png"))
    browser.get(f"{site}/admin/stock_upload/upload/add/")
    browser.find_element("id", "files").send_keys(str(FILE))
    browser.find_element("css selector", "#content-main button").click()
    wait_for(browser, 'form[action$="/load/"]')
    browser.save_screenshot(str(folder / "upload.png"))


def set_width(browser: Any, width: int) -> None:
    """Give the page this width."""
    screen = {"width": width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)


def wait_for(browser: Any, selector: str) -> None:
    """Wait until the page shows this."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not browser.find_elements("css selector", selector):
        if time.monotonic() > deadline:
            sys.exit(f"{browser.current_url} does not show {selector}")
        time.sleep(0.2)


if __name__ == "__main__":
    main()
