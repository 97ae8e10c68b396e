from contextlib import closing

import psycopg2
import pytest
from django.db import OperationalError, connection

from stock_loader.database.advisory_lock import ADVISORY_KEY, AdvisoryLock
from stock_loader.load.run_lock import obtain, run_lock
from tests.patience import PATIENCE_SECONDS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def heed_nothing() -> None:
    pass


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


def test_reconnected_lock_is_lost_and_its_session_can_be_ended() -> None:
    lock = AdvisoryLock(connection)
    first = connection.copy()
    first.connect()
    own, connection.connection = connection.connection, first.connection
    assert lock.try_obtain()
    connection.connection = own

    assert lock.is_lost()
    lock.end_lost_session()
    with pytest.raises(OperationalError), first.cursor() as cursor:
        cursor.execute("SELECT 1")
    first.close()
    lock.release()
    with run_lock(connection) as free:
        assert obtain(free, wait_seconds=PATIENCE_SECONDS, heed=heed_nothing)


def test_release_on_a_dead_connection_raises_nothing(test_database_url: str) -> None:
    with closing(psycopg2.connect(test_database_url)) as other, run_lock(connection) as lock:
        assert lock.try_obtain()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 60000)", [connection.connection.info.backend_pid])
    connection.close()
