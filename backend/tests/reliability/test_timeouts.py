"""Timeouts of the role, made for a web shop, end no load that reads slowly; they are as they were after it."""

import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from stock_loader.errors import DatabaseFailedError
from tests.reliability.shop import NEW, OLD, last_message, load, statuses, stock, write_new_stock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop"), pytest.mark.postgresql]

STRATEGIES = ["bulk_update", "copy"]
TIMEOUTS = ["statement_timeout", "idle_session_timeout", "idle_in_transaction_session_timeout", "transaction_timeout"]


def timeouts() -> dict[str, str]:
    """The timeouts of this session, of those that the server knows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, current_setting(name) FROM unnest(%s::text[]) AS n(name)"
            " WHERE current_setting(name, true) IS NOT NULL",
            [[*TIMEOUTS, "lock_timeout"]],
        )
        return dict(cursor.fetchall())


@pytest.fixture
def short_timeouts() -> Iterator[dict[str, str]]:
    """The role's sessions in this database, not in those of tests that run beside, end what takes longer than 0.4 s."""
    names = timeouts()
    database = connection.ops.quote_name(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"ALTER ROLE CURRENT_USER IN DATABASE {database} SET {name} = 400")
    connection.close()
    try:
        yield dict.fromkeys(names, "400ms")
    finally:
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER ROLE CURRENT_USER IN DATABASE {database} RESET ALL")
        connection.close()


@pytest.fixture
def slow_file(rests: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file of which every read takes half a second."""
    read = os.read

    def read_slowly(descriptor: int, size: int) -> bytes:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            time.sleep(0.5)
        return read(descriptor, size)

    monkeypatch.setattr(os, "read", read_slowly)
    return write_new_stock(rests, padding=100_000)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_file_that_is_read_slowly_is_loaded(strategy: str, short_timeouts: dict[str, str], slow_file: str) -> None:
    began = time.monotonic()
    load(slow_file, strategy=strategy)
    assert time.monotonic() - began > 1
    assert timeouts() == short_timeouts
    assert (stock(), statuses()) == (NEW, ["completed"])


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_timeouts_are_put_back_after_a_failure_too(strategy: str, short_timeouts: dict[str, str], rests: Path) -> None:
    file = write_new_stock(rests)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE products_product ADD CONSTRAINT few CHECK (stock_quantity < 15)")
    try:
        with pytest.raises(DatabaseFailedError, match=r'constraint of the shop.*violates check constraint "few"'):
            load(file, strategy=strategy)
        assert timeouts() == short_timeouts
        assert (stock(), statuses()) == (OLD, ["failed"])
        assert 'violates check constraint "few"' in last_message()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE products_product DROP CONSTRAINT few")
