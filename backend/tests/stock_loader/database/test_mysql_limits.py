import pytest
from django.db import connection

from stock_loader.database.choice import dialect_of
from stock_loader.database.mysql_limits import SessionVariables

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mariadb]

NAMES = [
    "max_statement_time",
    "innodb_lock_wait_timeout",
    "lock_wait_timeout",
    "wait_timeout",
    "net_read_timeout",
    "idle_transaction_timeout",
    "in_predicate_conversion_threshold",
]


def limits() -> list[float]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(f'@@SESSION.{name}' for name in NAMES)}")
        return [float(value) for value in cursor.fetchone()]


def test_limits_of_the_load_stand_until_those_before_are_put_back() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SET max_statement_time = 1.5, innodb_lock_wait_timeout = 2, wait_timeout = 9, net_read_timeout = 9"
        )
    before = limits()
    try:
        session = dialect_of(connection).session_limits()
        session.apply()
        assert limits() == [0, 10, 10, 28_800, 28_800, 300, 0]
        dialect_of(connection).limit_waiting()
        assert limits() == [300, 10, 10, 28_800, 28_800, 300, 0]
        session.put_back()
        assert limits() == before
    finally:
        connection.close()


@pytest.mark.parametrize(("chosen", "seconds"), [(0.1, 1), (0, 31_536_000), (60, 60), (10**9, 31_536_000)])
def test_setting_becomes_whole_seconds(settings: pytest.FixtureRequest, chosen: float, seconds: int) -> None:
    settings.STOCK_LOAD_LOCK_TIMEOUT_SECONDS = chosen  # type: ignore[attr-defined]
    session = SessionVariables(connection)
    session.apply()
    assert limits()[1:3] == [seconds] * 2
    session.put_back()


def test_load_reads_without_locks_whatever_the_isolation_of_the_shop() -> None:
    def level() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT @@SESSION.tx_isolation")
            return str(cursor.fetchone()[0])

    with connection.cursor() as cursor:
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    session = SessionVariables(connection)
    session.apply()
    assert level() == "READ-COMMITTED"
    session.put_back()
    assert level() == "REPEATABLE-READ"
    connection.close()


def test_longer_waiting_for_packets_is_kept() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET wait_timeout = 100000")
    session = SessionVariables(connection)
    session.apply()
    assert limits()[3] == 100_000
    connection.close()


def test_limits_that_were_not_set_are_not_put_back() -> None:
    before = limits()
    SessionVariables(connection).put_back()
    assert limits() == before


def test_new_session_has_the_limits_of_the_server_when_the_load_has_ended() -> None:
    connection.close()
    before = limits()
    session = SessionVariables(connection)
    session.apply()
    connection.close()
    dialect_of(connection).limit_waiting()
    session.put_back()
    assert limits() == before


def test_session_that_takes_no_statement_any_more_is_closed() -> None:
    session = SessionVariables(connection)
    session.apply()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute(f"KILL {connection.connection.thread_id()}")
    other.close()
    session.put_back()
    assert connection.connection is None
