"""1C's side of the exchange, written from what its published modules do.

Three kinds: `old` (trade management: a session a portion, three lines of `checkauth` read, exactly two of `init`),
`new` (Bitrix's module: one session, `version=`, `sessid` and `timestamp` put raw into later addresses), and `small`
(UNF: everything by POST, no `init`).
"""

import base64
import http.client
import io
import socket
import struct
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from urllib.parse import quote

KINDS = ("old", "new", "small")
MAX_REPEATS = 200
"""Of an `import` that is answered `progress`."""


class ExchangeFailedError(Exception):
    """The shop answered something else than the client can go on with."""


@dataclass
class OnecClient:
    """One 1C."""

    port: int
    name: str
    password: str
    kind: str = "old"
    path: str = "/1c_exchange.php"
    file_limit: int = 1_000_000
    takes_zip: bool = False
    cookie: str = ""
    tail: str = ""
    answers: list[str] = field(default_factory=list)

    def exchange(self, files: dict[str, bytes], *, packed: bool = False, ends: bool = True) -> None:
        """Send all files, have each imported, and say that it is over."""
        if self.kind == "old":
            for name, content in files.items():
                self.begin()
                self.send_portion({name: content}, packed=packed)
        else:
            self.begin()
            self.send_portion(files, packed=packed)
        if ends:
            self.end()

    def begin(self) -> None:
        """Sign in, and ask for the limits."""
        self.check_auth()
        if self.kind != "small":
            self.init()

    def send_portion(self, files: dict[str, bytes], *, packed: bool = False) -> None:
        """Send files and have them imported."""
        if packed:
            self.send("v8_1f2e.zip", packed_files(files))
        else:
            for name, content in files.items():
                self.send(name, content)
        for name in files:
            self.have_imported(name)

    def end(self) -> None:
        """Say that everything was sent: in a session of its own, as the older clients do."""
        if self.kind == "old":
            self.check_auth()
        self.call("complete")

    def check_auth(self) -> None:
        """Sign in; keep the cookie untrimmed, as the real ones do."""
        lines = self.demand("checkauth").split("\n")
        self.cookie = f"{lines[1]}={lines[2]}"
        self.tail = f"&{lines[3]}&{lines[4]}" if self.kind == "new" else ""

    def init(self) -> None:
        """Ask for the limits."""
        answer = self.call("init", version="3.1") if self.kind == "new" else self.call("init")
        lines = answer.split("\n")
        if self.kind == "old" and len(lines) != 2:
            raise ExchangeFailedError(answer)
        values = dict(line.split("=", 1) for line in lines)
        self.takes_zip, self.file_limit = values["zip"] == "yes", int(values["file_limit"])

    def send(self, name: str, content: bytes) -> None:
        """Send a file in as many requests as the limit asks for; an exact multiple ends with an empty one."""
        for part in parts(content, self.file_limit):
            self.demand("file", body=part, filename=name)

    def have_imported(self, name: str) -> None:
        """Ask until it is imported."""
        for _ in range(MAX_REPEATS):
            answer = self.call("import", filename=name)
            if answer == "success":
                return
            if not answer.startswith("progress\n"):
                raise ExchangeFailedError(answer)
        raise ExchangeFailedError(answer)

    def demand(self, mode: str, *, body: bytes | None = None, **query: str) -> str:
        """Call; the first line must be `success`."""
        answer = self.call(mode, body=body, **query)
        if answer.partition("\n")[0] != "success":
            raise ExchangeFailedError(answer)
        return answer

    def call(self, mode: str, *, body: bytes | None = None, type: str = "catalog", **query: str) -> str:  # noqa: A002
        """Send one request and return the body of the answer, whatever its status."""
        return self.request(mode, body=body, type=type, **query)[1]

    def request(self, mode: str, *, body: bytes | None = None, type: str = "catalog", **query: str) -> tuple[int, str]:  # noqa: A002
        """Send one request; return status and body."""
        method = "POST" if body is not None or self.kind == "small" else "GET"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, self.address(mode, type=type, **query), body, self.headers())
            answer = connection.getresponse()
            content_type = answer.headers["Content-Type"]
            text = answer.read().decode(content_type.rpartition("charset=")[2])
        finally:
            connection.close()
        self.answers.append(text)
        return answer.status, text

    def send_cut(self, name: str, part: bytes, *, sent: int, reset: bool = False) -> None:
        """Begin to send a part and go away after `sent` bytes of it, politely or with a reset of the connection."""
        headers = "".join(f"{key}: {value}\r\n" for key, value in self.headers().items())
        head = f"POST {self.address('file', filename=name)} HTTP/1.1\r\nHost: localhost\r\n{headers}"
        with closing(socket.create_connection(("127.0.0.1", self.port), timeout=60)) as line:
            line.sendall(f"{head}Content-Length: {len(part)}\r\n\r\n".encode() + part[:sent])
            if reset:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def address(self, mode: str, *, type: str = "catalog", **query: str) -> str:  # noqa: A002
        """Return the address of a call."""
        more = "".join(f"&{name}={quote(value, safe='')}" for name, value in query.items())
        return f"{self.path}?type={type}&mode={mode}{more}{self.tail}"

    def headers(self) -> dict[str, str]:
        """Return the headers: credentials come with every request, also those with the cookie."""
        encoded = base64.b64encode(f"{self.name}:{self.password}".encode()).decode()
        headers = {"Authorization": f"Basic {encoded}", "X-Forwarded-Proto": "https"}
        return headers | ({"Cookie": self.cookie} if self.cookie else {})


def parts(content: bytes, limit: int) -> Iterator[bytes]:
    """Cut a file as the clients do."""
    for start in range(0, len(content), limit):
        yield content[start : start + limit]
    if len(content) % limit == 0:
        yield b""


def packed_files(files: dict[str, bytes]) -> bytes:
    """Return an archive of the files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()
