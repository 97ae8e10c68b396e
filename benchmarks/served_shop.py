"""The shop's site under gunicorn, as docs/exchange.md has it served, and a client that sends files to it."""

import base64
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from benchmarks import processes

START_SECONDS = 60
ADDRESS = "127.0.0.1"
SITE = {
    "DJANGO_SETTINGS_MODULE": "config.site_settings",
    "DJANGO_SECRET_KEY": "benchmark",
    "DJANGO_LANGUAGE_CODE": "en",
}


@dataclass(kw_only=True)
class ServedShop:
    """A running site; `folder` holds its database (SQLite) and its spool."""

    folder: Path
    url: str
    exchange: dict[str, object] = field(default_factory=dict)
    """`STOCK_LOADER["EXCHANGE"]`, beside the spool."""
    workers: int = 2
    threads: int = 8
    """Of each worker: a request that waits for a load holds one."""
    port: int = 0
    password: str = ""

    @property
    def spool(self) -> Path:
        """The folder of what was received."""
        return self.folder / "spool"

    @property
    def environment(self) -> dict[str, str]:
        """Of every process of the site."""
        settings = {"SPOOL": str(self.spool), "HTTPS": False, "LANGUAGE": "en"} | self.exchange
        return processes.environment(self.url) | SITE | {"STOCK_EXCHANGE": json.dumps(settings)}

    def manage(self, *arguments: str) -> str:
        """Run a command of the site; return what it printed."""
        command = [*processes.MANAGE, *arguments]
        done = subprocess.run(  # noqa: S603  # commands of this project
            command, cwd=processes.PROJECT, env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise processes.ProcessFailedError(done.stderr.strip()[-2000:])
        return done.stdout

    def client(self) -> "Client":
        """Return a client with credentials that has signed in."""
        self.password = self.password or self.manage("exchange_user", "bench").split("Password: ")[1].split(" ")[0]
        client = Client(self.port, self.password)
        client.sign_in()
        return client


@dataclass
class Client:
    """A 1C of the newer kind; each request has a connection of its own, as the older ones do."""

    port: int
    password: str
    cookie: str = ""
    longest_seconds: float = 0
    """Of an answer."""

    def sign_in(self) -> None:
        """Open a session."""
        lines = self.call("checkauth").split("\n")
        self.cookie = f"{lines[1]}={lines[2]}"

    def call(self, mode: str, name: str = "") -> str:
        """Send a request without a body; return the answer.

        Raises:
            RuntimeError: it is a failure.
        """
        with self._connection() as connection:
            connection.request("GET", self._address(mode, name), headers=self._headers())
            return _checked(connection)

    def send(self, path: Path, name: str, *, limit: int) -> int:
        """Send the file in requests of at most `limit` bytes; return their number. The kernel copies: no bytes here."""
        size = path.stat().st_size
        with path.open("rb") as file:
            for start in range(0, size, limit):
                self._send_part(file, name, start, min(limit, size - start))
        return -(-size // limit)

    def _send_part(self, file: BinaryIO, name: str, start: int, length: int) -> None:
        with self._connection() as connection:
            connection.putrequest("POST", self._address("file", name))
            for header, value in (self._headers() | {"Content-Length": str(length)}).items():
                connection.putheader(header, value)
            connection.endheaders()
            if connection.sock.sendfile(file, start, length) != length:
                raise RuntimeError(f"{name}: not all was sent")
            _checked(connection)

    @contextmanager
    def _connection(self) -> Iterator[http.client.HTTPConnection]:
        began = time.monotonic()
        with closing(http.client.HTTPConnection(ADDRESS, self.port, timeout=600)) as connection:
            yield connection
        self.longest_seconds = max(self.longest_seconds, time.monotonic() - began)

    def _address(self, mode: str, name: str) -> str:
        return f"/1c_exchange.php?type=catalog&mode={mode}" + (f"&filename={quote(name)}" if name else "")

    def _headers(self) -> dict[str, str]:
        encoded = base64.b64encode(f"bench:{self.password}".encode()).decode()
        return {"Authorization": f"Basic {encoded}"} | ({"Cookie": self.cookie} if self.cookie else {})


def _checked(connection: http.client.HTTPConnection) -> str:
    answer = connection.getresponse()
    text = answer.read().decode()
    if answer.status != http.HTTPStatus.OK or text.startswith("failure"):
        raise RuntimeError(f"{answer.status}: {text}")
    return text


@contextmanager
def served(shop: ServedShop) -> Iterator["subprocess.Popen[bytes]"]:
    """Migrate the shop's database and serve it by gunicorn on a free port; yield the leader of its processes."""
    shop.manage("migrate", "--verbosity", "0")
    with closing(socket.socket()) as listener:
        listener.bind((ADDRESS, 0))
        shop.port = int(listener.getsockname()[1])
    command: Sequence[str] = [
        *(sys.executable, "-m", "gunicorn", "--chdir", "backend", "--workers", str(shop.workers)),
        *("--threads", str(shop.threads)),
        *("--bind", f"{ADDRESS}:{shop.port}", "--timeout", "600", "--log-level", "error", "config.wsgi"),
    ]
    server = subprocess.Popen(command, cwd=processes.PROJECT, env=shop.environment)  # noqa: S603
    try:
        _wait_until_it_answers(server, shop.port)
        yield server
    finally:
        server.terminate()
        server.wait()


def _wait_until_it_answers(server: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), closing(socket.create_connection((ADDRESS, port), timeout=5)):
            return
        time.sleep(0.1)
    raise processes.ProcessFailedError("gunicorn does not answer")


def memory_mib(leader: int, name: str = "VmHWM") -> list[float]:
    """Return the memory of each process of the server: at its largest (`VmHWM`) or now (`VmRSS`)."""
    children = Path(f"/proc/{leader}/task/{leader}/children").read_text().split()
    found = []
    for process in (str(leader), *children):
        with suppress(OSError, IndexError):
            status = Path(f"/proc/{process}/status").read_text()
            found.append(int(status.partition(f"{name}:")[2].split()[0]) / 1024)
    return found


def cpu_seconds(leader: int) -> float:
    """Return the CPU time that the server's processes took until now."""
    children = Path(f"/proc/{leader}/task/{leader}/children").read_text().split()
    ticks = 0
    for process in (str(leader), *children):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
