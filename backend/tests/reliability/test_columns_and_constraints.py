"""Columns and constraints that a shop added: a load does not mind them, or fails in one line and changes nothing."""

import pytest
from django.db import connection

from stock_loader.errors import DatabaseFailedError
from tests.reliability.shop import NEW, OLD, executed, last_message, load, statuses, stock
from tests.strategies import STRATEGIES

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("shop"),
    # The columns are made in the words of these; what is of MariaDB stands in stock_loader/database/test_mysql.py.
    pytest.mark.postgresql,
    pytest.mark.sqlite,
]

TABLE = "ALTER TABLE products_product"


def generated(column: str, expression: str) -> str:
    """Add a column that the database computes: stored, but for SQLite, which adds only virtual ones."""
    kind = "STORED" if connection.vendor == "postgresql" else "VIRTUAL"
    return f"{TABLE} ADD COLUMN {column} GENERATED ALWAYS AS ({expression}) {kind}"


def refusal(file: str, strategy: str) -> str:
    with pytest.raises(DatabaseFailedError) as failed:
        load(file, strategy=strategy)
    assert "\n" not in str(failed.value)
    return str(failed.value)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_check_that_forbids_a_new_quantity_changes_nothing(strategy: str, new_stock: str) -> None:
    added = f"{TABLE} ADD COLUMN bound integer DEFAULT 15 CONSTRAINT few CHECK (stock_quantity < bound)"
    with executed(added, undone_by=f"{TABLE} DROP COLUMN bound"):
        said = refusal(new_stock, strategy)
        assert said.startswith(
            "a constraint of the shop's table forbids what the load writes. Correct the quantity in 1C, or the "
            "constraint. The database reported: "
        )
        assert "few" in said
        assert (stock(), statuses(), last_message()) == (OLD, ["failed"], said)
    load(new_stock, strategy=strategy)
    assert (stock(), statuses()) == (NEW, ["failed", "completed"])


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_columns_beside_are_none_of_the_loads_business(strategy: str, new_stock: str) -> None:
    """One that may not be NULL, on PostgreSQL without a default, and two that the database computes."""
    is_postgresql = connection.vendor == "postgresql"
    with executed(
        f"{TABLE} ADD COLUMN shelf integer NOT NULL DEFAULT 7",
        *([f"{TABLE} ALTER COLUMN shelf DROP DEFAULT"] if is_postgresql else []),
        generated("is_many boolean", "stock_quantity > 14"),
        generated("low varchar(100)", "lower(sku)"),
        undone_by=f"{TABLE} DROP COLUMN is_many; {TABLE} DROP COLUMN low; {TABLE} DROP COLUMN shelf",
    ):
        load(new_stock, strategy=strategy)
        with connection.cursor() as cursor:
            cursor.execute("SELECT shelf, low, CASE WHEN is_many THEN 1 ELSE 0 END FROM products_product ORDER BY id")
            assert list(cursor.fetchall()) == [(7, f"s{n}", int(quantity > 14)) for n, quantity in enumerate(NEW)]
    assert (stock(), statuses()) == (NEW, ["completed"])


@pytest.mark.parametrize(
    ("column", "kind", "expression"),
    [("stock_quantity", "integer", "5"), ("stock_updated_at", "{time}", "CAST(NULL AS {time})")],
)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_column_to_write_that_the_database_computes_is_told(
    strategy: str, column: str, kind: str, expression: str, new_stock: str
) -> None:
    time = connection.data_types["DateTimeField"]
    with executed(
        f"{TABLE} RENAME COLUMN {column} TO before",
        generated(f"{column} {kind.format(time=time)}", expression.format(time=time)),
        undone_by=f"{TABLE} DROP COLUMN {column}; {TABLE} RENAME COLUMN before TO {column}",
    ):
        said = refusal(new_stock, strategy)
    assert said.startswith(
        "the database computes by itself a column that a load writes. Name another one in STOCK_LOADER. The database "
        "reported: "
    )
    assert f'"{column}"' in said
    assert (stock(), statuses(), last_message()) == (OLD, ["failed"], said)


@pytest.mark.postgresql
def test_column_of_sessions_that_may_not_be_null_changes_nothing(new_stock: str) -> None:
    with executed(
        "ALTER TABLE common_importsession ADD COLUMN branch text NOT NULL",
        undone_by="ALTER TABLE common_importsession DROP COLUMN branch",
    ):
        said = refusal(new_stock, "bulk_update")
    assert "a constraint of the shop's table forbids what the load writes." in said
    assert 'null value in column "branch"' in said
    assert (stock(), statuses()) == (OLD, [])
