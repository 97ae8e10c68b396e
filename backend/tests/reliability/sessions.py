"""What a server is asked of its sessions, and how one is ended: PostgreSQL and MariaDB."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection
from django.db.utils import ConnectionHandler

from config.settings import database
from tests.patience import wait_until

NO_SUCH_SESSION = 1094
"""MariaDB's code."""


def is_gone(backend: int) -> Callable[[], bool]:
    """What tells whether the server has ended the database session."""
    where = {"postgresql": "pg_stat_activity WHERE pid", "mysql": "information_schema.PROCESSLIST WHERE ID"}

    def look() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {where[connection.vendor]} = %s", [backend])
            return bool(cursor.fetchone()[0] == 0)

    return look


def end_session(backend: int) -> None:
    """End the database session, and wait until it is gone with its locks."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_terminate_backend(%s, 60000)", [backend])
            return
        try:
            cursor.execute(f"KILL {backend}")
        except OperationalError as error:
            if error.args[0] != NO_SUCH_SESSION:
                raise
    wait_until(is_gone(backend))


@contextmanager
def another_session(url: str) -> Iterator[Any]:
    """A connection of the driver's own, in a transaction as soon as it does something."""
    wrapper: Any = ConnectionHandler({"default": database(url)})["default"]
    wrapper.connection = wrapper.get_new_connection(wrapper.get_connection_params())
    wrapper._set_autocommit(False)
    try:
        yield wrapper.connection
    finally:
        wrapper.connection.close()
