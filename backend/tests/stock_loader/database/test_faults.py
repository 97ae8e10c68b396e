from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError, ProgrammingError, connection

from stock_loader.database.faults import database_failed, first_error, interrupt_statement

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


def test_interrupting_a_connection_with_nothing_to_do_does_nothing() -> None:
    interrupt_statement(connection)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    connection.close()
    interrupt_statement(connection)
    assert connection.connection is None
