import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from django.db import DatabaseError, DataError, OperationalError, connection, connections

from config.settings import database
from embedded_mariadb import embedded_mariadb
from stock_loader.database.mysql_lines import send_lines

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mariadb]

PATIENCE_SECONDS = 60
TABLE = "CREATE TEMPORARY TABLE told (number INT PRIMARY KEY, name TEXT CHARACTER SET utf8mb4 NOT NULL, price INT)"


class Texts:
    """Lines read like a file, some at a time; `then` is called where they end."""

    def __init__(self, texts: Iterable[str], then: object = None) -> None:
        self.texts = iter(texts)
        self.then = then

    def read(self, size: int = -1) -> str:
        text = next(self.texts, "")
        if not text and callable(self.then):
            self.then()
        return text


@pytest.fixture(params=["1", "0"], ids=["load data", "insert"])
def local_infile(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the client lets the server have files; the shop says that in `OPTIONS`."""
    connection.close()
    options = connection.settings_dict["OPTIONS"] | {"local_infile": int(request.param)}
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
    return str(request.param) == "1"


@pytest.fixture(autouse=True)
def own_session(transactional_db: None) -> Iterator[None]:
    """A database session that ends with the test, and its temporary table and options too."""
    yield
    connection.close()


def create() -> None:
    with connection.cursor() as cursor:
        cursor.execute(TABLE)


def rows() -> list[tuple[int, str, int | None]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT number, name, price FROM told ORDER BY number")
        return list(cursor.fetchall())


def send(lines: Texts) -> None:
    with connection.cursor() as cursor:
        send_lines(cursor, "told", lines)


def inserts() -> int:
    """How many INSERTs this session has sent."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS LIKE 'Com_insert'")
        return int(cursor.fetchone()[1])


def test_texts_arrive_as_they_are_read(*, local_infile: bool) -> None:
    create()
    before = inserts()
    texts = [
        "a",
        "",
        "\\",
        "a\tb",
        "a\nb",
        "a\rb",
        "\\N",
        "'\"`",
        "%s",
        "я",
        "\N{GRINNING FACE}",
        "a\x0bb\x85c ",
        "x" * 5000,
    ]
    escaped = [
        text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r") for text in texts
    ]
    prices = [str(number) if number % 2 else "\\N" for number in range(len(texts))]
    lines = [f"{number}\t{text}\t{prices[number]}\n" for number, text in enumerate(escaped)]
    send(Texts(["".join(lines[:3]), *lines[3:]]))
    assert rows() == [(number, text, number if number % 2 else None) for number, text in enumerate(texts)]
    assert inserts() - before == (not local_infile)


@pytest.mark.usefixtures("local_infile")
def test_no_lines_are_no_rows() -> None:
    create()
    send(Texts([]))
    assert rows() == []


@pytest.mark.usefixtures("local_infile")
def test_many_lines_arrive_whole() -> None:
    create()
    send(Texts("".join(f"{number}\tname {number}\t1\n" for number in range(n, n + 500)) for n in range(0, 20_000, 500)))
    assert rows() == [(number, f"name {number}", 1) for number in range(20_000)]


@pytest.mark.usefixtures("local_infile")
@pytest.mark.parametrize(
    "lines", ["1\ta\t99999999999\n", "1\ta\tx\n", "1\ta\t1\n1\tb\t1\n", "1\t\\N\t1\n", "1\ta\t1\textra\n", "1\n"]
)
def test_line_that_does_not_fit_the_table_is_an_error(lines: str) -> None:
    """LOAD DATA LOCAL would cut a number that is too large, or pass over a row."""
    create()
    with pytest.raises(DatabaseError):
        send(Texts([lines]))


def test_number_that_is_too_large_is_told() -> None:
    create()
    with pytest.raises(DataError, match="Out of range value for column 'price'"):
        send(Texts(["1\ta\t99999999999\n"]))


@pytest.mark.usefixtures("local_infile")
@pytest.mark.parametrize("stop", [SystemExit(143), KeyboardInterrupt(), MemoryError(), ValueError("broken")])
@pytest.mark.parametrize("texts", [[], ["1\ta\t1\n"]])
def test_whatever_stops_the_lines_comes_out_and_the_connection_goes_on(texts: list[str], stop: BaseException) -> None:
    create()

    def end() -> None:
        raise stop

    with pytest.raises(type(stop)) as raised:
        send(Texts(texts, end))
    assert raised.value is stop
    assert rows() in ([], [(1, "a", 1)])


def test_statement_that_the_server_refuses_is_told_and_nobody_waits() -> None:
    lines = Texts(["1\ta\t1\n"])
    with pytest.raises(DatabaseError, match="told"):
        send(lines)
    assert [thread for thread in threading.enumerate() if thread.name == "stock-load-lines"] == []


@pytest.mark.usefixtures("local_infile")
@pytest.mark.parametrize("local_infile", ["1"], indirect=True)
@pytest.mark.parametrize("what", ["CONNECTION", "QUERY"])
def test_who_is_killed_meanwhile_ends_with_an_error(what: str) -> None:
    create()
    with connection.cursor() as cursor:
        cursor.execute("SELECT CONNECTION_ID()")
        (session,) = cursor.fetchone()
    line = "x" * 1000

    def kill() -> None:
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute(f"KILL {what} {session}")
        other.close()

    def endless() -> Iterable[str]:
        for number in range(2_000):
            if number == 100:
                killer = threading.Thread(target=kill)
                killer.start()
                killer.join()
            yield "".join(f"{number * 100 + n}\t{line}\t1\n" for n in range(100))

    began = time.monotonic()
    with pytest.raises(OperationalError):
        send(Texts(endless()))
    assert time.monotonic() - began < PATIENCE_SECONDS
    assert [thread for thread in threading.enumerate() if thread.name == "stock-load-lines"] == []


@pytest.mark.slow
@pytest.mark.parametrize("allowed", ["ON", "OFF"])
def test_server_of_small_packets_takes_all_lines(tmp_path: Path, allowed: str) -> None:
    long = "я'" * 5_000
    options = [f"--local-infile={allowed}", "--max-allowed-packet=1M"]
    with tempfile.TemporaryDirectory(prefix="stock-load-") as folder, embedded_mariadb(Path(folder), *options) as url:
        server = type(connections["default"])({**connection.settings_dict, **database(url)}, alias="small")
        try:
            with server.cursor() as cursor:
                cursor.execute(TABLE)
                send_lines(
                    cursor, "told", Texts("".join(f"{n * 100 + i}\t{long}\t1\n" for i in range(100)) for n in range(5))
                )
                cursor.execute("SELECT count(*), count(DISTINCT name), max(char_length(name)), min(price) FROM told")
                assert cursor.fetchone() == (500, 1, len(long), 1)
                cursor.execute("SHOW SESSION STATUS LIKE 'Com_insert'")
                assert (int(cursor.fetchone()[1]) > 10) == (allowed == "OFF")
        finally:
            server.close()


def test_process_that_is_killed_leaves_no_pipe_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While lines are sent, nothing of it lies in a folder any more."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    create()
    left: list[Path] = []
    send(Texts(["1\ta\t1\n"], then=lambda: left.extend(tmp_path.iterdir())))
    assert (left, rows()) == ([], [(1, "a", 1)])
