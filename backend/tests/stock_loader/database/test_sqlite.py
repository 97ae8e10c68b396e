import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.sqlite3.base import DatabaseWrapper

from stock_loader.database.choice import dialect_of
from stock_loader.database.dialect import RunLock
from stock_loader.errors import LoadRefusedError
from tests.patience import PATIENCE_SECONDS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

HOLD_FILE = """
import fcntl, os, sys
descriptor = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.flock(descriptor, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def sqlite_at(name: str) -> BaseDatabaseWrapper:
    settings = {**connection.settings_dict, "ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": {}}
    return DatabaseWrapper(settings, alias="other")


@contextmanager
def taken_back(database: BaseDatabaseWrapper) -> Iterator[RunLock]:
    """The run lock of the database, given back at the end."""
    lock = dialect_of(database).run_lock()
    try:
        yield lock
    finally:
        lock.release()


def test_busy_sqlite_is_a_conflict_and_a_wrong_statement_is_none() -> None:
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 1")
            with pytest.raises(OperationalError) as busy:
                cursor.execute("BEGIN IMMEDIATE")
            with pytest.raises(OperationalError) as wrong:
                cursor.execute("SELECT nothing FROM nowhere")
    connection.close()
    assert dialect_of(connection).is_conflict(busy.value)
    assert not dialect_of(connection).is_conflict(wrong.value)


@pytest.mark.parametrize(("code", "is_memory"), [("IOERR_NOMEM", True), ("IOERR_SHMMAP", True), ("IOERR_WRITE", False)])
def test_disk_error_that_is_one_of_memory_is_known_by_its_code(code: str, is_memory: bool) -> None:
    said = sqlite3.OperationalError("disk I/O error")
    said.sqlite_errorcode = getattr(sqlite3, f"SQLITE_{code}")
    error = OperationalError("disk I/O error")
    error.__cause__ = said
    assert dialect_of(connection).is_out_of_memory(error) is is_memory


def test_names_of_a_hard_link_have_one_lock(tmp_path: Path) -> None:
    first = sqlite_at(str(tmp_path / "shop.sqlite3"))
    first.connect()
    (tmp_path / "linked.sqlite3").hardlink_to(tmp_path / "shop.sqlite3")
    second = sqlite_at(str(tmp_path / "linked.sqlite3"))
    try:
        with taken_back(first) as lock, taken_back(second) as other:
            assert lock.try_obtain()
            assert not other.try_obtain()
            lock.release()
            assert other.try_obtain()
    finally:
        first.close()
        second.close()


@pytest.mark.parametrize("statement", ["SELECT * FROM gone", "SELECT gone FROM products_product"])
def test_missing_table_or_column_is_known(statement: str) -> None:
    with pytest.raises(OperationalError) as missing, connection.cursor() as cursor:
        cursor.execute(statement)
    assert dialect_of(connection).is_schema_missing(missing.value)
    assert not dialect_of(connection).is_schema_missing(OperationalError("disk I/O error"))


@pytest.mark.parametrize(
    "name", ["{}", "shop.sqlite3", "file:{}", "file:{}?mode=rwc", "file:shop.sqlite3", "link.sqlite3"]
)
def test_every_name_of_a_sqlite_file_has_one_lock(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Absolute, relative, a URI, through a link: who names the database differently must not load at the same time."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "shop.sqlite3"
    file.touch()
    (tmp_path / "link.sqlite3").symlink_to(file)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD_FILE, f"{file}.stock-load.lock"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout
    assert holder.stdout.readline() == b"held\n"
    database = sqlite_at(name.format(file))
    try:
        with taken_back(database) as lock:
            assert not lock.try_obtain()
            holder.communicate(timeout=PATIENCE_SECONDS)
            assert lock.try_obtain()
    finally:
        holder.kill()
        holder.communicate()
        database.close()


def test_databases_in_memory_are_locked_each_for_its_own_process() -> None:
    database = sqlite_at(":memory:")
    try:
        with taken_back(database) as lock:
            assert lock.try_obtain()
    finally:
        database.close()


def test_lock_file_in_a_folder_that_is_gone_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    database = sqlite_at(str(folder / "shop.sqlite3"))
    database.ensure_connection()
    (folder / "shop.sqlite3").unlink(missing_ok=True)
    folder.rmdir()
    try:
        with pytest.raises(LoadRefusedError) as refused, taken_back(database) as lock:
            lock.try_obtain()
    finally:
        database.close()
    assert str(refused.value) == (
        f"the run lock {folder / 'shop.sqlite3.stock-load.lock'} cannot be opened: {os.strerror(2)}. "
        "Run loads as one user, who may write there."
    )
