import pytest
from django.db import DatabaseError, connection, transaction

from stock_loader.database.choice import dialect_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


@pytest.mark.parametrize(
    ("sqlstate", "is_one"), [("40P01", True), ("40001", True), ("55P03", True), ("57014", False), ("53100", False)]
)
def test_conflicts_of_postgresql(sqlstate: str, is_one: bool) -> None:
    with pytest.raises(DatabaseError) as raised, connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE 'x' USING ERRCODE = '{sqlstate}'; END $$")
    assert dialect_of(connection).is_conflict(raised.value) is is_one


def test_waiting_is_limited_in_the_transaction_only() -> None:
    def limits() -> tuple[str, ...]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
            return tuple(cursor.fetchone())

    with transaction.atomic():
        dialect_of(connection).limit_waiting()
        assert limits() == ("10s", "5min")
    assert limits() == ("0", "0")
