"""The servers that tests run on: embedded ones, and databases made in them."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from django.db.utils import ConnectionHandler

from config.settings import database
from embedded_mariadb import embedded_mariadb
from embedded_postgres import embedded_postgres


@contextmanager
def postgresql() -> Iterator[str]:
    """An embedded PostgreSQL that leaves it to the kernel when to write: tests kill processes, never the machine."""
    # Not among pytest's folders: each run of pytest closes these to others, and as root the server is another user.
    with tempfile.TemporaryDirectory(prefix="stock-load-") as folder, embedded_postgres(Path(folder) / "pg") as url:
        with closing(psycopg2.connect(url)) as server:
            server.autocommit = True
            with server.cursor() as cursor:
                cursor.execute("ALTER SYSTEM SET fsync = off")
                cursor.execute("SELECT pg_reload_conf()")
        yield url


@contextmanager
def mariadb() -> Iterator[str]:
    """An embedded MariaDB."""
    with tempfile.TemporaryDirectory(prefix="stock-load-") as folder, embedded_mariadb(Path(folder) / "data") as url:
        yield url


SERVERS: dict[str, Callable[[], AbstractContextManager[str]]] = {"postgresql": postgresql, "mariadb": mariadb}
"""By the words of `--database`; each yields a URL."""


@contextmanager
def connected(url: str) -> Iterator[Any]:
    """A cursor of the driver's own, outside transactions: of a database that is not the one of the tests."""
    wrapper: Any = ConnectionHandler({"default": database(url)})["default"]
    with closing(wrapper.get_new_connection(wrapper.get_connection_params())) as wrapper.connection:
        wrapper._set_autocommit(True)
        yield wrapper.connection.cursor()


def new_database(server_url: str, name: str) -> str:
    """Make an empty database in the server, in place of one of that name; return its URL."""
    quote = "`" if server_url.startswith("mysql") else '"'
    with connected(server_url) as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {quote}{name}{quote}")
        cursor.execute(f"CREATE DATABASE {quote}{name}{quote}")
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))


def python_path(*folders: Path) -> str:
    """PYTHONPATH for a process of its own: these folders, and the one with the driver that these tests were given."""
    given = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    return os.pathsep.join(str(folder.absolute()) for folder in (*folders, *map(Path, given)))
