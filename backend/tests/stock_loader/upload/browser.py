"""A browser without scripts: keeps cookies, fills in Django's forms, sends files."""

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass

from tests.stock_loader.exchange.site import Site

BOUNDARY = "a-boundary-of-the-tests"


@dataclass(frozen=True, kw_only=True)
class Page:
    """An answer."""

    status: int
    address: str
    text: str

    @property
    def words(self) -> str:
        """The text without tags."""
        return " ".join(re.sub(r"<[^>]+>", " ", self.text).split())


class Browser:
    """One user's."""

    def __init__(self, site: Site, name: str) -> None:
        self._base = f"http://127.0.0.1:{site.port}"
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self.submit("/admin/login/", username=name, password=name, next="/admin/")

    def get(self, path: str) -> Page:
        """Ask for a page."""
        return self._ask(path, None, {})

    def submit(self, path: str, *, seen_on: str = "", **fields: str) -> Page:
        """Post a form with the token of the page that shows it."""
        fields = {"csrfmiddlewaretoken": self.token(seen_on or path)} | fields
        return self._ask(path, urllib.parse.urlencode(fields).encode(), {})

    def token(self, path: str) -> str:
        """The token of the first form of a page."""
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(path).text)
        assert found, path
        return found[1]

    def send(self, *files: tuple[str, bytes], token: str | None = None, is_whole: bool = True) -> Page:
        """Choose files and upload them."""
        fields = {"csrfmiddlewaretoken": self.token("/admin/stock_upload/upload/add/") if token is None else token}
        parts = [_part(name, value.encode()) for name, value in fields.items()]
        parts += [_part("files", content, file_name=name) for name, content in files]
        parts += [_part("whole", b"1")] if is_whole else []
        body = b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        return self._ask("/admin/stock_upload/upload/add/", body, {"Content-Type": kind})

    def press(self, page: Page, button: str) -> Page:
        """Submit the form of the page that has this button, with what it holds."""
        for action, form in re.findall(r'<form method="post" action="([^"]+)">(.*?)</form>', page.text, re.DOTALL):
            if f">{button}</button>" in form:
                fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
                return self._ask(action, urllib.parse.urlencode(fields).encode(), {})
        raise AssertionError(f"there is no button {button}: {page.words}")

    def _ask(self, path: str, content: bytes | None, headers: dict[str, str]) -> Page:
        request = urllib.request.Request(self._base + path, content, {"Referer": self._base + path} | headers)
        try:
            with self._opener.open(request, timeout=60) as answer:
                return Page(status=answer.status, address=answer.geturl(), text=answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return Page(status=error.code, address=error.geturl(), text=error.read().decode())


def _part(name: str, content: bytes, *, file_name: str = "") -> bytes:
    file = f'; filename="{file_name}"' if file_name else ""
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + content + b"\r\n"
