import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from django.db import DatabaseError, OperationalError, ProgrammingError, connection, transaction

from stock_loader.database.faults import (
    database_failed,
    first_error,
    interrupt_statement,
    is_conflict,
    is_idle,
    limit_waiting,
)

pytestmark = pytest.mark.django_db(transaction=True)


def raised_in_place_of(first: BaseException) -> BaseException:
    """A complaint of the connection that came up while `first` was on its way."""
    try:
        with complaining():
            raise first
    except ProgrammingError as error:
        return error


@contextmanager
def complaining() -> Iterator[None]:
    try:
        yield
    finally:
        raise ProgrammingError("set_session cannot be used inside a transaction")


@pytest.mark.parametrize("first", [MemoryError(), SystemExit(143), KeyboardInterrupt()])
def test_what_began_it_is_not_hidden(first: BaseException) -> None:
    assert first_error(raised_in_place_of(first)) is first


def test_ordinary_errors_speak_for_themselves() -> None:
    error = raised_in_place_of(ValueError("first"))
    assert first_error(error) is error


def test_database_error_is_one_line() -> None:
    error = OperationalError('connection to server failed: FATAL:\n\tno "shop"\n')
    assert str(database_failed(error, connection)) == (
        'the database reported: connection to server failed: FATAL: no "shop"'
    )


def test_database_error_without_a_text_is_named() -> None:
    assert str(database_failed(OperationalError(), connection)) == "the database reported: OperationalError"


@pytest.mark.sqlite
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
    assert is_conflict(busy.value)
    assert not is_conflict(wrong.value)


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("sqlstate", "is_one"), [("40P01", True), ("40001", True), ("55P03", True), ("57014", False), ("53100", False)]
)
def test_conflicts_of_postgresql(sqlstate: str, is_one: bool) -> None:
    with pytest.raises(DatabaseError) as raised, connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE 'x' USING ERRCODE = '{sqlstate}'; END $$")
    assert is_conflict(raised.value) is is_one


def test_connection_is_idle_outside_transactions_only() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert is_idle(connection)
    with transaction.atomic():
        assert not is_idle(connection)
    assert is_idle(connection)
    connection.close()
    assert not is_idle(connection)


@pytest.mark.postgresql
def test_waiting_is_limited_in_the_transaction_only() -> None:
    def limits() -> tuple[str, ...]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
            return tuple(cursor.fetchone())

    with transaction.atomic():
        limit_waiting(connection)
        assert limits() == ("10s", "5min")
    assert limits() == ("0", "0")


def test_interrupting_a_connection_with_nothing_to_do_does_nothing() -> None:
    interrupt_statement(connection)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    connection.close()
    interrupt_statement(connection)
    assert connection.connection is None
