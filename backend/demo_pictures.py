"""Pictures of the pages for docs/pages.md: `make demo-site` in one shell, `python backend/demo_pictures.py` in another.

It needs what `make browser` installs. Times and ids in the pictures are those of the demo's run.
"""

import importlib
import sys
from pathlib import Path
from typing import Any

from demo_site import PASSWORD, USER

PROJECT = Path(__file__).resolve().parent.parent
PICTURES = (
    ("overview", "", 1100),
    ("overview-phone", "", 360),
    ("session", "sessions/9/", 1100),
    ("product", "products/5/", 1100),
)
"""Name, page, width."""
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars")
HEIGHT = 640


def main() -> None:
    """Write docs/pages/NAME.png; the first argument is the address of the site where it is another."""
    site = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    sys.path.append(str(PROJECT / "var" / "browser"))
    webdriver: Any = importlib.import_module("selenium.webdriver")
    service: Any = importlib.import_module("selenium.webdriver.chrome.service")
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in FLAGS:
        options.add_argument(flag)
    browser = webdriver.Chrome(options=options, service=service.Service("/usr/bin/chromedriver"))
    try:
        browser.get(f"{site}/admin/login/")
        browser.find_element("name", "username").send_keys(USER)
        browser.find_element("name", "password").send_keys(PASSWORD)
        browser.find_element("css selector", "[type=submit]").click()
        browser.add_cookie({"name": "django_language", "value": "en"})
        for name, path, width in PICTURES:
            screen = {"width": width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
            browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
            browser.get(f"{site}/admin/stock_pages/stockload/{path}")
            browser.save_screenshot(str(PROJECT / "docs" / "pages" / f"{name}.png"))
    finally:
        browser.quit()


if __name__ == "__main__":
    main()
