"""A shop's web site under a real server, with a database and a spool of its own."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers import connected, python_path
from tests.stock_loader.exchange.onec_client import OnecClient

PROJECT = Path(__file__).resolve().parents[4]
START_SECONDS = 60

PASSWORDS: dict[tuple[str, str], str] = {}
"""Of the users that were made, by database and name: all sites of a database share them."""


@dataclass
class Site:
    """The running site. Its server and the commands read the settings of the exchange anew at every use."""

    folder: Path
    database_url: str
    port: int = 0
    loading_service: "subprocess.Popen[bytes] | None" = None

    @property
    def spool(self) -> Path:
        """The folder of what was received."""
        return self.folder / "spool"

    @property
    def environment(self) -> dict[str, str]:
        """Of every process of the site."""
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": python_path(PROJECT / "backend"),
            "DJANGO_SETTINGS_MODULE": "tests.stock_loader.exchange.served_settings",
            "DJANGO_SECRET_KEY": "a key of the tests",
            "DJANGO_LANGUAGE_CODE": "en",
            "DATABASE_URL": self.database_url,
            "EXCHANGE_SETTINGS": str(self.folder / "settings.json"),
        }

    def configure(self, **settings: object) -> None:
        """Give the exchange these settings and no others."""
        written = {"SPOOL": str(self.spool), "LANGUAGE": "en", "ANSWER_SECONDS": 1} | settings
        new = self.folder / "settings.new"
        new.write_text(json.dumps(written), encoding="utf-8")
        new.replace(self.folder / "settings.json")

    def serve_loads(self) -> None:
        """Have the worker run as a service does, unless it does already, and wait until it has nothing to load."""
        if self.loading_service is None or self.loading_service.poll() is not None:
            end_worker(self)
            command = [sys.executable, "-m", "django", "exchange_worker"]
            self.loading_service = subprocess.Popen(command, env=self.environment, cwd=PROJECT, start_new_session=True)
        unfinished = "SELECT 1 FROM stock_exchange_stockimport WHERE state IN ('queued', 'loading')"
        self.until(lambda: not self.query(unfinished))

    def manage(self, *arguments: str) -> str:
        """Run a command of the site; return what it says."""
        command = [sys.executable, "-m", "django", *arguments]
        done = subprocess.run(
            command, env=self.environment, cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def make_user(self, name: str) -> str:
        """Make credentials of the exchange; return the password."""
        password = self.manage("exchange_user", name).split("Password: ")[1].split(" ")[0]
        PASSWORDS[self.database_url, name] = password
        return password

    def client(self, kind: str = "old", *, name: str = "trade") -> OnecClient:
        """Return a 1C with credentials."""
        if (self.database_url, name) not in PASSWORDS:
            self.make_user(name)
        return OnecClient(self.port, name, PASSWORDS[self.database_url, name], kind)

    def query(self, sql: str) -> list[Any]:
        """Return the rows of a query of the site's database."""
        if self.database_url.startswith("sqlite"):
            with closing(sqlite3.connect(self.database_url.removeprefix("sqlite:///"), timeout=30)) as connection:
                rows = connection.execute(sql).fetchall()
                connection.commit()
                return rows
        with connected(self.database_url) as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall()) if cursor.description else []

    def stock(self) -> dict[str, int]:
        """The quantities by 1C's id."""
        return dict(self.query("SELECT onec_id, stock_quantity FROM products_product"))

    def loads(self) -> list[str]:
        """What the sessions of the loads say, the oldest first; skipped ones are told apart."""
        rows = self.query("SELECT status, details FROM common_importsession ORDER BY id")
        details = [json.loads(row[1]) if isinstance(row[1], str) else row[1] for row in rows]
        return ["skipped" if detail["skipped"] else row[0] for row, detail in zip(rows, details, strict=True)]

    def reset(self, quantity: int = 5) -> None:
        """Give every product this quantity, forget the loads and what was received."""
        self.query(f"UPDATE products_product SET stock_quantity = {quantity}, stock_updated_at = NULL")
        self.query("DELETE FROM common_importsession")
        for path in self.spool.glob("[0-9]*"):
            path.unlink(missing_ok=True)
        for table in ("exchangerequest", "receivedfile", "stockimport", "exchangesession"):
            self.query(f"DELETE FROM stock_exchange_{table}")

    def until(self, is_so: Callable[[], object], *, seconds: float = 60) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < deadline, "it did not come to be"
            time.sleep(0.1)


@contextmanager
def running(site: Site) -> Iterator[Site]:
    """Serve the site by gunicorn on a free port; end its loading process too."""
    with server_of(site):
        try:
            yield site
        finally:
            end_worker(site)


@contextmanager
def server_of(site: Site, *, application: str = "config.wsgi") -> Iterator["subprocess.Popen[bytes]"]:
    """Serve the site by gunicorn on a free port; yield its first process, the leader of its group."""
    server = _start_server(site, application)
    try:
        yield server
    finally:
        server.terminate()
        with suppress(subprocess.TimeoutExpired):
            server.wait(20)
        server.kill()
        server.wait()


def _start_server(site: Site, application: str) -> "subprocess.Popen[bytes]":
    """Start the server and wait until it answers."""
    site.port = site.port or _free_port()
    command: Sequence[str] = [
        *(sys.executable, "-m", "gunicorn", "--chdir", str(PROJECT / "backend"), "--workers", "2"),
        *("--bind", f"127.0.0.1:{site.port}", "--timeout", "120", "--log-level", "error", application),
    ]
    server = subprocess.Popen(command, env=site.environment, cwd=PROJECT, start_new_session=True)
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert server.poll() is None, "the server ended"
        assert time.monotonic() < deadline, "the server does not answer"
        with suppress(OSError), closing(socket.create_connection(("127.0.0.1", site.port), timeout=5)):
            return server
        time.sleep(0.1)


def end_worker(site: Site) -> None:
    """Kill the workers of this site, and wait until they are gone."""
    while processes := worker_processes(site):
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.05)
    if site.loading_service is not None:
        site.loading_service.wait()


def worker_processes(site: Site) -> list[int]:
    """The processes that have the settings of this site in their environment and are workers."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = folder.joinpath("cmdline").read_bytes()
            environment = folder.joinpath("environ").read_bytes()
            is_worker = any(name in command for name in (b"exchange_worker", b"upload_worker", b"undo_worker"))
            if is_worker and site.environment["EXCHANGE_SETTINGS"].encode() in environment:
                found.append(int(folder.name))
    return found


def _free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
