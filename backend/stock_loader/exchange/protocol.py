"""The words of the exchange: what 1C's clients send and can read.

Read off 1C's own client modules (trade management 11.5, UNF, Bitrix's module) and public logs. Answers are
`text/plain; charset=utf-8` with `charset` last, lines part with LF alone (a CR would get into the client's `Cookie`
header), and nothing follows the last line.
"""

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import unquote

from stock_loader.errors import one_line

COOKIE_NAME = "stock_exchange"
"""Announced and read; it never changes."""

MAX_NAME_LENGTH = 300
MAX_USER_LENGTH = 150
MAX_VERSION_LENGTH = 20
MAX_TEXT_LENGTH = 400
"""Characters of a text that a user of 1C is shown."""

PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".svg", ".tif", ".tiff", ".ico")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What 1C is told: the first line decides, the others are for its user."""

    text: str
    status: int = 200

    @property
    def first_line(self) -> str:
        """Return the word that decides."""
        return self.text.partition("\n")[0]


class RefusedRequestError(Exception):
    """A request that is answered with `failure` and the line in `args[0]`."""

    def __init__(self, text: str, *, status: int = 200) -> None:
        super().__init__(text)
        self.status = status


SUCCESS = Answer(text="success")
"""Bare: one client takes only this."""


def failure(text: str, *, status: int = 200) -> Answer:
    """Return a failure with a line for its user; of the protocol with status 200, for an old client reads no other."""
    return Answer(text=f"failure\n{one_line(text, limit=MAX_TEXT_LENGTH)}", status=status)


def progress(text: str) -> Answer:
    """Return what has the client ask again."""
    return Answer(text=f"progress\n{one_line(text, limit=MAX_TEXT_LENGTH)}")


def signed_in(key: str, *, session_id: int, timestamp: int) -> Answer:
    """Return the answer to `checkauth`.

    Old clients read three lines; newer ones add lines 4 and 5 to later addresses, prefixes and all.
    """
    return Answer(text=f"success\n{COOKIE_NAME}\n{key}\nsessid={session_id}\ntimestamp={timestamp}")


def initialized(*, takes_zip: bool, file_limit: int, session_id: int, version: str) -> Answer:
    """Return the answer to `init`: two lines, for one client fails with more; four where it named its version."""
    lines = [f"zip={'yes' if takes_zip else 'no'}", f"file_limit={file_limit}"]
    if version:
        lines += [f"sessid={session_id}", f"version={one_line(version, limit=MAX_VERSION_LENGTH)}"]
    return Answer(text="\n".join(lines))


def credentials(header: str) -> tuple[str, str] | None:
    """Return name and password of a Basic `Authorization` header (RFC 7617, UTF-8); None where it holds none."""
    scheme, _, encoded = header.strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
    name, colon, password = text.partition(":")
    is_possible = len(name) <= MAX_USER_LENGTH and "\0" not in text  # no database takes a NUL
    return (name, password) if colon and is_possible else None


def shown_name(name: str) -> str:
    """Return the name of a file as pages and messages show it."""
    return one_line(name, limit=MAX_NAME_LENGTH)


def key_of(name: str) -> str:
    r"""Return the name of a file as it is compared: a key, never a path.

    `C:\v8_1.xml`, `/tmp/v8_1.xml` and `%2Ftmp%2Fv8_1.xml` are as they stand, but for the slashes, the percent signs
    and the case.
    """
    plain = unquote(name) if "%" in name else name
    return shown_name(plain.replace("\\", "/").strip().strip("/").casefold())


def base_name(key: str) -> str:
    """Return what follows the last slash."""
    return key.rpartition("/")[2]


def is_picture(key: str) -> bool:
    """Tell whether the name is that of a picture."""
    return key.endswith(PICTURES)
