"""What holds for every dialect, and what one does that knows nothing of its database."""

import subprocess
import sys

import pytest
from django.db import OperationalError, connection, transaction

from stock_loader.database.choice import dialect_of
from stock_loader.database.dialect import Dialect
from stock_loader.database.file_lock import FileLock

pytestmark = pytest.mark.django_db(transaction=True)


def test_connection_is_idle_outside_transactions_only() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert dialect_of(connection).is_idle()
    with transaction.atomic():
        assert not dialect_of(connection).is_idle()
    assert dialect_of(connection).is_idle()
    connection.close()
    assert not dialect_of(connection).is_idle()


def test_unknown_database_is_left_to_django() -> None:
    dialect = Dialect(connection)
    dialect.limit_waiting()
    dialect.interrupt()
    assert not dialect.has_copy
    assert not dialect.has_set_based_update
    assert dialect.among(("id", []), None, {1}) is None
    assert not dialect.is_conflict(OperationalError())
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert dialect.is_idle()
    connection.close()
    assert not dialect.is_idle()


def test_unknown_database_has_a_lock_on_this_host() -> None:
    lock, other = Dialect(connection).run_lock(), Dialect(connection).run_lock()
    assert isinstance(lock, FileLock)
    assert lock.try_obtain()
    assert not other.try_obtain()
    lock.release()
    assert other.try_obtain()
    other.release()


def test_no_driver_is_imported_but_the_one_at_work() -> None:
    """A shop on another database, or another driver, has no psycopg2."""
    program = (
        "import sys; import stock_loader.database.set_based_update, stock_loader.database.faults, "
        "stock_loader.load.run_lock; assert not {'psycopg2', 'psycopg'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd="backend")
