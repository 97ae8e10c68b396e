"""Nothing secret goes out, nothing that acts on a terminal or breaks a document goes out either."""

import json
import os
import signal
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from django.db import OperationalError, connection

from apps.common.models import ImportSession
from stock_loader.database.faults import database_failed, reason
from stock_loader.errors import StockLoadError
from tests.documents import offer
from tests.documents import rests as document
from tests.patience import PATIENCE_SECONDS, wait_until
from tests.reliability.loads import BACKEND, Loads, environment_of
from tests.reliability.shop import OLD, load, stock, write_new_stock
from tests.strategies import STRATEGIES

ACTING = {
    "c1 control sequence": "\x9b31mred",
    "next line": "a\x85b",
    "right-to-left override": "a\u202eb",
    "line separator": "a\u2028b",
    "invisible": "a\u200bb\ufeff",
    "json": '","status":"completed',
    "csv": '=cmd|"/c calc"!A1',
}
"""Ids that XML 1.0 allows and that terminals, JSON or spreadsheets may act on."""


def run(*arguments: str | bytes, url: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, str(BACKEND.parent / "manage.py"), "load_product_stocks", *arguments]
    return subprocess.run(command, env=environment_of(url), capture_output=True, check=False, timeout=PATIENCE_SECONDS)


@pytest.mark.parametrize("json_option", [[], ["--json"]])
def test_unreachable_server_is_one_line_without_the_password(json_option: list[str], rests: Path) -> None:
    ended = run("--file", str(rests), *json_option, url="postgres://shop:s3cr3t%2Fword@127.0.0.1:1/shop")

    assert ended.returncode == 1
    said = ended.stderr.decode()
    assert said.startswith('Error during the update: the database reported: connection to server at "127.0.0.1"')
    assert len(said.splitlines()) == 1
    assert b"s3cr3t" not in ended.stdout + ended.stderr


def test_traceback_of_an_unreachable_server_shows_no_password(rests: Path) -> None:
    url = "postgres://shop:s3cr3tword@127.0.0.1:1/shop"
    ended = run("--file", str(rests), "--traceback", "--verbosity", "3", url=url)

    assert ended.returncode == 1
    assert b"Traceback (most recent call last)" in ended.stderr
    assert b"s3cr3t" not in ended.stdout + ended.stderr


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_password_that_the_database_repeats_is_in_no_message_session_or_log(
    strategy: str, rests: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION chatter() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE 'could not connect with s3cr3t' USING DETAIL = 'password=s3cr3t'; END $$"
        )
        cursor.execute("CREATE TRIGGER chatter BEFORE UPDATE ON products_product EXECUTE FUNCTION chatter()")
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "s3cr3t")
    try:
        with caplog.at_level("DEBUG", logger="stocks"), pytest.raises(StockLoadError) as failed:
            load(write_new_stock(rests), strategy=strategy)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION chatter CASCADE")

    session = ImportSession.objects.get()
    assert str(failed.value).startswith("the database reported: could not connect with *** DETAIL: password=***")
    assert session.error_message == str(failed.value)
    assert "could not connect with ***" in caplog.text
    assert not any("s3cr3t" in text for text in [*caplog.messages, json.dumps(session.details), session.error_message])


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_copy_of_standard_input_has_no_name_and_is_gone_with_the_load(
    end: signal.Signals, rests: Path, tmp_path: Path, test_database_url: str
) -> None:
    """Nobody else can open it, and nothing is left of it whatever ends the load."""
    content = Path(write_new_stock(rests, padding=200_000)).read_bytes()
    place = tmp_path / "temporary"
    place.mkdir()
    command = [sys.executable, str(BACKEND.parent / "manage.py"), "load_product_stocks", "--file", "-"]
    environment = environment_of(test_database_url, TMPDIR=str(place))
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin
        process.stdin.write(content[:-1_000])
        process.stdin.flush()
        copies = wait_for_open_files(process.pid, place)
        assert [stat.S_IMODE(Path(copy).stat().st_mode) for copy in copies] == [0o600]
        assert list(place.iterdir()) == []
        process.send_signal(end)
        process.wait(timeout=PATIENCE_SECONDS)
    assert list(place.iterdir()) == []
    assert stock() == OLD


def wait_for_open_files(pid: int, folder: Path) -> list[str]:
    """Return the files that the process has open in `folder`, once there are any, by their places in /proc."""

    def look() -> list[str]:
        with suppress(OSError):
            links = list(Path(f"/proc/{pid}/fd").iterdir())
            return [str(link) for link in links if str(link.readlink()).startswith(str(folder))]
        return []

    return wait_until(look)


def test_database_url_that_cannot_be_read_does_not_show_the_password(rests: Path) -> None:
    """A password with a raw `#` or `/` is taken for the end of the address."""
    for url in ("postgres://shop:s3cr3t#word@127.0.0.1/shop", "postgres://shop:s3cr3t/word@127.0.0.1/shop"):
        ended = run("--file", str(rests), url=url)
        assert ended.returncode != 0
        assert b"s3cr3t" not in ended.stdout + ended.stderr


def test_database_without_tables_is_one_line(tmp_path: Path, rests: Path) -> None:
    ended = run("--file", str(rests), url=f"sqlite:///{tmp_path / 'empty.sqlite3'}")

    assert (ended.returncode, ended.stdout) == (1, b"")
    assert ended.stderr.decode() == (
        "Error during the update: a table or column of the shop is missing. Run manage.py migrate. "
        "The database reported: no such table: common_importsession\n"
    )


@pytest.mark.django_db(transaction=True)
def test_password_in_what_the_database_says_is_blotted_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "s3cr3t")
    error = OperationalError('FATAL: invalid dsn "host=db password=s3cr3t"')

    assert reason(error, connection) == 'FATAL: invalid dsn "host=db password=***"'
    assert str(database_failed(error, connection)) == (
        'the database reported: FATAL: invalid dsn "host=db password=***"'
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("kind", ACTING)
def test_acting_id_is_harmless_in_the_output(kind: str, loads: Loads, rests: Path) -> None:
    escaped = ACTING[kind].replace("&", "&amp;").replace('"', "&quot;")
    rests.write_text(document(offer(escaped, 1), offer("p0", "x" + escaped), offer("p1", OLD[1])), encoding="utf-8")

    assert loads.start("--file", str(rests), "--json", "--max-invalid", "off") is None
    assert loads.end() == 0

    report = json.loads(loads.output)
    assert (report["status"], len(loads.output.splitlines())) == ("completed", 1)
    assert (report["details"]["not_found_count"], report["details"]["invalid_count"]) == (1, 1)
    assert loads.output.rstrip("\n").isprintable()
    assert stock() == OLD


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("name", [b"\x1b[31mred\x07.xml", b"\xff\xfe.xml", b"a\nb.xml", b'","x":".xml'])
def test_acting_file_name_is_harmless_in_output_and_session(
    name: bytes, tmp_path: Path, test_database_url: str
) -> None:
    missing = os.path.join(os.fsencode(tmp_path), name)  # noqa: PTH118  # bytes

    ended = run("--file", missing, url=test_database_url)

    assert ended.returncode == 1
    said = ended.stderr.decode()
    assert said.endswith(": cannot be read: No such file or directory.\n")
    assert said.rstrip("\n").isprintable()
    session = ImportSession.objects.get()
    assert session.error_message.isprintable()
    assert session.details["file"].isprintable()

    ended = run("--file", missing, "--json", url=test_database_url)
    assert json.loads(ended.stdout)["status"] == "failed"
