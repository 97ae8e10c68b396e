"""The database that the tests run on: a SQLite file, or with `--database=postgresql` or `mariadb` a real server.

The server is the one in `TEST_DATABASE_URL`, or an embedded one that lives as long as the tests. The run on it
leaves out the tests that touch no database. Processes that share the tests (`-n 2`) share the server, each with a
database of its own.
"""

import os
import signal
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.db import connections
from django.utils import translation

from config.settings import database
from tests.servers import SERVERS
from tests.side_by_side import Turns, told

DATABASES = ("sqlite", *SERVERS)
WITH_COPY = ("postgresql", "mariadb")
"""Those on which the strategy `copy` works."""
LARGE_TABLE = 200_000
"""Bytes. Smaller ones are emptied faster row by row than by files of their own."""

SHARED = pytest.StashKey[dict[str, object]]()
"""What every process that runs tests is told."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=DATABASES, default="sqlite", help="what the tests of the database run on")


def pytest_configure(config: pytest.Config) -> None:
    """Have every run begin with the signals of a terminal's, whatever `nohup` or a shell's `&` had it ignore.

    A program that is started ignores what its parent ignores, and a load leaves ignored signals ignored. What is
    caught instead becomes the default in the processes that tests start, and still does not end this one.
    """
    words = told(config)
    stops = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    ignored = words["ignored"] if words else [int(one) for one in stops if signal.getsignal(one) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, _pass_over)
    if words:
        config.pluginmanager.register(Turns(Path(words["folder"])))
    else:
        config.stash[SHARED] = {"ignored": ignored}


def _pass_over(number: int, frame: FrameType | None) -> None:
    """Do nothing, which is not the same as to ignore a signal."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Three processes on two cores, as many tests wait for a server or for a process of their own; six at most."""
    return min(6, (os.cpu_count() or 1) * 3 // 2)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a process that will run tests what all share; called in the one that hands them out."""
    config: pytest.Config = node.config
    shared = config.stash[SHARED]
    if "folder" not in shared:
        stack = ExitStack()
        config.add_cleanup(stack.close)
        shared["folder"] = stack.enter_context(tempfile.TemporaryDirectory(prefix="stock-load-"))
        server = SERVERS.get(config.getoption("--database"))
        if server and "TEST_DATABASE_URL" not in os.environ:
            shared["server_url"] = stack.enter_context(server())
    node.workerinput.update(shared)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    chosen = config.getoption("--database")
    if chosen != "sqlite":
        without_database = [item for item in items if not _touches_database(item)]
        items[:] = [item for item in items if _touches_database(item)]
        config.hook.pytest_deselected(items=without_database)
    for item in items:
        able = _databases_of(item)
        if able and chosen not in able:
            item.add_marker(pytest.mark.skip(reason=f"needs {' or '.join(able)}: pytest --database={able[0]}"))
        if chosen not in WITH_COPY and item.get_closest_marker("copy"):
            item.add_marker(pytest.mark.skip(reason=f"needs the strategy copy: pytest --database={WITH_COPY[0]}"))
    items.sort(key=_turn)


def _databases_of(item: pytest.Item) -> list[str]:
    """The databases that the marks of a test name, one of which it needs; else those that its module's marks name."""
    by_node: dict[object, list[str]] = {}
    for node, mark in item.iter_markers_with_node():
        if mark.name in DATABASES:
            by_node.setdefault(node, []).append(mark.name)
    return next(iter(by_node.values()), [])


def _turn(item: pytest.Item) -> tuple[bool, bool]:
    """What comes first: who waits for all others, then what takes long, so that no process ends long after another."""
    return item.get_closest_marker("alone") is None, item.get_closest_marker("slow") is None


def _touches_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("django_db") or fixtures & {"db", "transactional_db", "server_url"})


@pytest.fixture(scope="session")
def server_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the database to make the test database in; of SQLite, of the test database itself."""
    words = told(request.config) or {}
    if request.config.getoption("--database") == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'test.sqlite3'}"
    elif url := os.environ.get("TEST_DATABASE_URL"):
        yield url
    elif "server_url" in words:
        yield str(words["server_url"])
    else:
        with SERVERS[request.config.getoption("--database")]() as url:
            yield url


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest, server_url: str) -> None:
    """Point Django at the server (pytest-django calls this before it makes the test database)."""
    words = told(request.config)
    settings = connections.settings["default"]
    settings.update({"OPTIONS": {}} | database(server_url))
    if settings["ENGINE"] == "django.db.backends.sqlite3":
        settings["TEST"]["NAME"] = settings["NAME"]
    elif words:
        settings["TEST"]["NAME"] = f"test_{settings['NAME']}_{words['workerid']}"
    with suppress(AttributeError):  # no connection was made yet
        del connections["default"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """Have PostgreSQL remove after a test what it left, a few rows of a few tables, instead of truncating them all.

    Content types and permissions stay: Django would make them anew each time.
    """
    if connections["default"].vendor == "postgresql":
        type(connections["default"].ops).sql_flush = _sql_of_removal  # type: ignore[assignment, method-assign]


def _sql_of_removal(operations: Any, style: object, tables: Iterable[str], **how: bool) -> list[str]:
    """Return statements that empty the tables; foreign keys are looked at when they are all done."""
    names = [operations.quote_name(table) for table in {*tables} - {"django_content_type", "auth_permission"}]
    sizes = (f"SELECT '{name}', pg_relation_size('{name}') WHERE EXISTS (SELECT FROM {name})" for name in names)
    with operations.connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(sizes))
        filled = cursor.fetchall()
    return [f"DELETE FROM {name}" if size < LARGE_TABLE else f"TRUNCATE {name} CASCADE" for name, size in filled]


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


@pytest.fixture
def english() -> Iterator[None]:
    """Have this process speak English: `pytest.mark.usefixtures("english")`."""
    with translation.override("en"):
        yield


@pytest.fixture
def russian() -> Iterator[None]:
    """Have this process speak Russian."""
    with translation.override("ru"):
        yield
