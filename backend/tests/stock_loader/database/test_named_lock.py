import pytest
from django.db import OperationalError, connection, transaction

from stock_loader.database.named_lock import NamedLock
from stock_loader.load.run_lock import obtain, run_lock
from tests.patience import PATIENCE_SECONDS
from tests.servers import connected

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mariadb]


def heed_nothing() -> None:
    pass


def test_named_lock_shuts_other_sessions_out() -> None:
    other = connection.copy()
    with run_lock(connection) as lock, run_lock(other) as second:
        assert lock.try_obtain()
        assert not second.try_obtain()
        assert not NamedLock(connection).try_obtain(), "a second load of the same session"
        assert not lock.is_lost()
        lock.release()
        assert second.try_obtain()
        assert not lock.try_obtain()
    other.close()


def test_other_targets_and_other_databases_of_the_server_have_locks_of_their_own(server_url: str) -> None:
    with run_lock(connection) as lock, run_lock(connection.copy(), "0" * 16) as of_other_target:
        assert lock.try_obtain()
        assert of_other_target.try_obtain()
    name = "SELECT CONCAT('stock-load-', LEFT(SHA2(CONCAT_WS('\n', DATABASE(), ''), 256), 48))"
    with connected(server_url) as cursor, connection.cursor() as own:
        cursor.execute(name)
        own.execute(name)
        first, second = cursor.fetchone()[0], own.fetchone()[0]
    assert first != second
    assert len(first) <= 64


def test_lock_is_the_same_over_a_socket_and_over_the_network() -> None:
    """Who calls the server `localhost` and who calls it by an address load the same shop."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@port")
        port = cursor.fetchone()[0]
    other = connection.copy()
    other.settings_dict.update(HOST="127.0.0.1", PORT=port)
    with run_lock(connection) as lock, run_lock(other) as second:
        assert lock.try_obtain()
        assert not second.try_obtain()
    other.close()


def test_reconnected_lock_is_lost_and_its_session_can_be_ended() -> None:
    lock = NamedLock(connection)
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


def test_session_that_gave_the_lock_back_is_left_in_peace() -> None:
    lock, other = NamedLock(connection), connection.copy()
    assert lock.try_obtain()
    with connection.cursor() as cursor:
        cursor.execute("SELECT RELEASE_ALL_LOCKS()")
    first = NamedLock(other)
    assert first.try_obtain(), "another load"
    assert lock.is_lost()
    lock.end_lost_session()
    assert not first.is_lost()
    with transaction.atomic(using="default"):
        lock.release()
    first.release()
    other.close()


def test_release_on_a_dead_connection_raises_nothing() -> None:
    with run_lock(connection) as lock:
        assert lock.try_obtain()
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute(f"KILL {connection.connection.thread_id()}")
        other.close()
    assert connection.connection is None
