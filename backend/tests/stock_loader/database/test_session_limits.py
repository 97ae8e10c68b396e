import pytest
from django.db import connection

from stock_loader.database.choice import dialect_of
from stock_loader.database.session_limits import TimeoutLimits

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]

NAMES = ["statement_timeout", "idle_session_timeout", "lock_timeout", "idle_in_transaction_session_timeout"]


def limits() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting(name) FROM unnest(%s::text[]) WITH ORDINALITY t(name, at) ORDER BY at", [NAMES]
        )
        return [setting for (setting,) in cursor.fetchall()]


def test_limits_of_the_load_stand_until_those_before_are_put_back() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '1500ms'; SET lock_timeout = 250; SET idle_session_timeout = '1min'")
    try:
        session = dialect_of(connection).session_limits()
        session.apply()
        assert limits() == ["0", "0", "10s", "5min"]
        session.put_back()
        assert limits() == ["1500ms", "1min", "250ms", "0"]
    finally:
        connection.close()


def test_limits_that_were_not_set_are_not_put_back() -> None:
    TimeoutLimits(connection).put_back()


def test_new_session_keeps_its_own_limits() -> None:
    session = TimeoutLimits(connection)
    session.apply()
    connection.close()
    connection.connect()
    session.put_back()
    assert limits() == ["0"] * 4


def test_session_that_takes_no_statement_any_more_is_closed() -> None:
    session = TimeoutLimits(connection)
    session.apply()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
    other.close()
    session.put_back()
    assert connection.connection is None
