import os
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.sqlite3.base import DatabaseWrapper as SQLite

from stock_loader.errors import LoadRefusedError
from stock_loader.load.run_lock import ADVISORY_KEY, AdvisoryLock, FileLock, obtain, run_lock

pytestmark = pytest.mark.django_db(transaction=True)

HOLD_FILE = """
import fcntl, os, sys
descriptor = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.flock(descriptor, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def heed_nothing() -> None:
    pass


def sqlite_at(name: str) -> BaseDatabaseWrapper:
    settings = {**connection.settings_dict, "ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": {}}
    return SQLite(settings, alias="other")


def test_lock_is_free_again_after_the_block() -> None:
    for _ in range(2):
        with run_lock(connection) as lock:
            assert lock.try_obtain()
            assert not lock.is_lost()


def test_lock_that_was_not_taken_is_not_given_back() -> None:
    with run_lock(connection) as lock:
        assert not lock.is_lost()


def test_waiting_asks_before_every_try_whether_to_stop() -> None:
    asked = []

    class Taken(FileLock):
        def try_obtain(self) -> bool:
            return False

    began = time.monotonic()
    assert not obtain(Taken(connection), wait_seconds=0.6, heed=lambda: asked.append(1))
    assert 0.6 <= time.monotonic() - began < 2
    assert len(asked) == 4


def test_no_waiting_means_one_try() -> None:
    asked = []
    with run_lock(connection) as lock:
        assert obtain(lock, wait_seconds=0, heed=lambda: asked.append(1))
    assert asked == [1]


@pytest.mark.sqlite
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
        with run_lock(database) as lock:
            assert not lock.try_obtain()
            holder.communicate(timeout=10)
            assert lock.try_obtain()
    finally:
        holder.kill()
        holder.communicate()
        database.close()


@pytest.mark.sqlite
def test_databases_in_memory_are_locked_each_for_its_own_process(tmp_path: Path) -> None:
    database = sqlite_at(":memory:")
    try:
        with run_lock(database) as lock:
            assert lock.try_obtain()
    finally:
        database.close()


@pytest.mark.sqlite
def test_lock_file_in_a_folder_that_is_gone_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    database = sqlite_at(str(folder / "shop.sqlite3"))
    database.ensure_connection()
    (folder / "shop.sqlite3").unlink(missing_ok=True)
    folder.rmdir()
    try:
        with pytest.raises(LoadRefusedError) as refused, run_lock(database) as lock:
            lock.try_obtain()
    finally:
        database.close()
    assert str(refused.value) == (
        f"the run lock {folder / 'shop.sqlite3.stock-load.lock'} cannot be opened: {os.strerror(2)}. "
        "Run loads as one user, who may write there."
    )


@pytest.mark.postgresql
def test_advisory_lock_shuts_other_sessions_out(test_database_url: str) -> None:
    with closing(psycopg2.connect(test_database_url)) as other, run_lock(connection) as lock:
        other.autocommit = True
        assert lock.try_obtain()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_KEY])
            assert cursor.fetchone() == (False,)
            lock.release()
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_KEY])
            assert cursor.fetchone() == (True,)
        assert not lock.try_obtain()


@pytest.mark.postgresql
def test_reconnected_lock_is_lost_and_its_session_can_be_ended(test_database_url: str) -> None:
    with closing(psycopg2.connect(test_database_url)) as first:
        lock = AdvisoryLock(connection)
        own = connection.connection
        connection.connection = first
        first.autocommit = True
        assert lock.try_obtain()
        connection.connection = own

        assert lock.is_lost()
        lock.end_lost_session()
        with pytest.raises(psycopg2.OperationalError), first.cursor() as cursor:
            cursor.execute("SELECT 1")
        lock.release()
        with run_lock(connection) as free:
            assert obtain(free, wait_seconds=5, heed=heed_nothing)


@pytest.mark.postgresql
def test_release_on_a_dead_connection_raises_nothing(test_database_url: str) -> None:
    with closing(psycopg2.connect(test_database_url)) as other, run_lock(connection) as lock:
        assert lock.try_obtain()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
    connection.close()
