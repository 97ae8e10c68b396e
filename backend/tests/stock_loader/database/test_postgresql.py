import pytest
from django.db import DatabaseError, NotSupportedError, connection, transaction

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


def test_collation_in_which_different_texts_are_equal_is_known() -> None:
    dialect = dialect_of(connection)
    assert dialect.inexact_columns("products_product") == frozenset()
    with connection.cursor() as cursor:
        try:
            cursor.execute(
                "CREATE COLLATION careless (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
            )
        except NotSupportedError:
            pytest.skip("needs a server with ICU: TEST_DATABASE_URL")
        cursor.execute("CREATE TABLE careless (id text COLLATE careless, name text)")
    try:
        assert dialect.inexact_columns("careless") == {"id"}
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE careless")
            cursor.execute("DROP COLLATION careless")
