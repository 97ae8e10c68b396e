"""The pages of the exchange in the admin, as an administrator asks for them."""

import http.cookiejar
import re
import urllib.parse
import urllib.request

import pytest

from tests.stock_loader.exchange.site import Site
from tests.stock_loader.exchange.stock_files import stock_file

PAGES = ("exchangesession", "exchangerequest", "receivedfile", "exchangeuser")


class Browser:
    """Keeps cookies; signs in to the admin."""

    def __init__(self, site: Site) -> None:
        self._base = f"http://127.0.0.1:{site.port}"
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies)

    def get(self, path: str, form: dict[str, str] | None = None) -> str:
        """Return the page; a form is posted."""
        content = urllib.parse.urlencode(form).encode() if form else None
        request = urllib.request.Request(self._base + path, content, {"Referer": self._base + path})
        with self._opener.open(request, timeout=60) as answer:
            return str(answer.read().decode())

    def sign_in(self, name: str, password: str) -> None:
        """Sign in to the admin."""
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get("/admin/login/"))
        assert found
        form = {"csrfmiddlewaretoken": found[1], "username": name, "password": password, "next": "/admin/"}
        assert "stock_exchange" in self.get("/admin/login/", form)


@pytest.fixture
def browser(site: Site) -> Browser:
    code = (
        "from django.contrib.auth.models import User; User.objects.filter(username='root').delete(); "
        "User.objects.create_superuser('root', password='root')"
    )
    site.manage("shell", "--verbosity", "0", "--command", code)
    browser = Browser(site)
    browser.sign_in("root", "root")
    return browser


def test_pages_show_requests_files_and_loads(site: Site, browser: Browser) -> None:
    client = site.client()
    client.begin()
    client.send("left_over.xml", b"<x/>")
    client.begin()
    client.send_portion({"rests.xml": stock_file()})
    texts = {page: browser.get(f"/admin/stock_exchange/{page}/") for page in PAGES}
    assert "trade" in texts["exchangesession"]
    assert "left_over.xml" in texts["exchangesession"]
    assert "Done" in texts["receivedfile"]
    load = site.query("SELECT load_session FROM stock_exchange_stockimport")[0][0]
    assert f'sessions/{load}/">#{load}</a>' in texts["receivedfile"]
    assert "checkauth" in texts["exchangerequest"]
    assert "left_over.xml" in texts["receivedfile"]
    number = site.query("SELECT max(id) FROM stock_exchange_exchangesession")[0][0]
    page = browser.get(f"/admin/stock_exchange/exchangesession/{number}/change/")
    assert "rests.xml" in page
    assert f'sessions/{load}/">#{load}</a>' in page
    assert "checkauth</p>" in page
    assert "checkauth: success" not in page
    assert 'name="_save"' not in page
    left = browser.get("/admin/stock_exchange/receivedfile/?in_spool=yes")
    assert "left_over.xml" in left
    assert "rests.xml" not in left


def test_names_from_1c_are_shown_as_text(site: Site, browser: Browser) -> None:
    client = site.client()
    client.begin()
    client.call("file", body=b"x", filename="<script>alert(1)</script>.xml")
    page = browser.get("/admin/stock_exchange/receivedfile/")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_password_is_on_no_page(site: Site, browser: Browser) -> None:
    site.client()
    number = site.query("SELECT id FROM stock_exchange_exchangeuser WHERE name = 'trade'")[0][0]
    assert "pbkdf2" not in browser.get(f"/admin/stock_exchange/exchangeuser/{number}/change/")


def test_page_of_a_session_with_many_requests_shows_the_newest_and_links_to_all(site: Site, browser: Browser) -> None:
    client = site.client()
    client.check_auth()
    client.call("first")
    for _ in range(60):
        client.call("init")
    number = site.query("SELECT max(id) FROM stock_exchange_exchangesession")[0][0]
    page = browser.get(f"/admin/stock_exchange/exchangesession/{number}/change/")
    assert page.count("<p>init</p>") == 50
    link = f"/admin/stock_exchange/exchangerequest/?session__id__exact={number}"
    assert f'<a href="{link}">62</a>' in page
    assert "first" in browser.get(link)
