"""The database that the tests run on: a SQLite file, or with `--database=postgresql` a real PostgreSQL.

PostgreSQL is the server in `TEST_DATABASE_URL`, or an embedded one that lives as long as the tests. The run on it
leaves out the tests that touch no database.
"""

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from types import FrameType

import psycopg2
import pytest
from django.db import connections

from config.settings import database
from embedded_postgres import embedded_postgres

DATABASES = ("sqlite", "postgresql")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=DATABASES, default="sqlite", help="what the tests of the database run on")


def pytest_configure() -> None:
    """Have every run begin with the signals of a terminal's, whatever `nohup` or a shell's `&` had it ignore.

    A program that is started ignores what its parent ignores, and a load leaves ignored signals ignored. What is
    caught instead becomes the default in the processes that tests start, and still does not end this one.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, _pass_over)


def _pass_over(number: int, frame: FrameType | None) -> None:
    """Do nothing, which is not the same as to ignore a signal."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    chosen = config.getoption("--database")
    if chosen != "sqlite":
        without_database = [item for item in items if not _touches_database(item)]
        items[:] = [item for item in items if _touches_database(item)]
        config.hook.pytest_deselected(items=without_database)
    for item in items:
        for other in DATABASES:
            if other != chosen and item.get_closest_marker(other):
                item.add_marker(pytest.mark.skip(reason=f"needs {other}: pytest --database={other}"))


def _touches_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("django_db") or fixtures & {"db", "transactional_db", "server_url"})


@pytest.fixture(scope="session")
def server_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the database to make the test database in; of SQLite, of the test database itself."""
    if request.config.getoption("--database") == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'test.sqlite3'}"
    elif url := os.environ.get("TEST_DATABASE_URL"):
        yield url
    else:
        # Not among pytest's folders: each run of pytest closes these to others, and as root the server is another user.
        with tempfile.TemporaryDirectory(prefix="stock-load-") as folder, embedded_postgres(Path(folder) / "pg") as url:
            _wait_for_no_disk(url)
            yield url


def _wait_for_no_disk(url: str) -> None:
    """Have the server leave it to the kernel when to write: what tests kill are processes, never the machine."""
    with closing(psycopg2.connect(url)) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute("ALTER SYSTEM SET fsync = off")
            cursor.execute("SELECT pg_reload_conf()")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(server_url: str) -> None:
    """Point Django at the server (pytest-django calls this before it makes the test database)."""
    settings = connections.settings["default"]
    settings.update(database(server_url))
    if settings["ENGINE"] == "django.db.backends.sqlite3":
        settings["TEST"]["NAME"] = settings["NAME"]
    with suppress(AttributeError):  # no connection was made yet
        del connections["default"]


@pytest.fixture
def test_database_url(server_url: str, transactional_db: None) -> str:
    """The URL of the test database, for a process of its own: `env={"DATABASE_URL": …}`."""
    name = str(connections["default"].settings_dict["NAME"])
    if server_url.startswith("sqlite"):
        return f"sqlite:///{name}"
    before, _, query = server_url.partition("?")
    return f"{before.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")


@pytest.fixture
def rests(tmp_path: Path) -> Path:
    """The path of a file to write a document to."""
    return tmp_path / "rests.xml"
