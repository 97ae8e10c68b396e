"""A shop whose tables are not all as the migrations make them: one line that names the remedy, and nothing changed."""

import sys
from subprocess import run

import pytest
from django.db import connection

from stock_loader.errors import DatabaseFailedError
from tests.reliability.loads import BACKEND, environment_of
from tests.reliability.shop import NEW, OLD, executed, last_message, load, statuses, stock
from tests.strategies import COPY

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]

PRODUCTS, SESSIONS = "products_product", "common_importsession"
REMEDY = "a table or column of the shop is missing. Run manage.py migrate. The database reported: "
OF_PRODUCTS = ["onec_id", "stock_quantity", "stock_updated_at"]
OF_SESSIONS = ["import_type", "status", "started_at", "finished_at", "details", "error_message"]
CHECKED = {"stock_quantity", "details"}
CASES = [
    *(("bulk_update", PRODUCTS, column) for column in OF_PRODUCTS),
    *(pytest.param(*COPY.values, PRODUCTS, column, marks=COPY.marks) for column in OF_PRODUCTS),
    *(("bulk_update", SESSIONS, column) for column in OF_SESSIONS),
]


def refusal(file: str, strategy: str) -> str:
    with pytest.raises(DatabaseFailedError) as failed:
        load(file, strategy=strategy)
    assert "\n" not in str(failed.value)
    assert str(failed.value).startswith(REMEDY)
    return str(failed.value)


@pytest.mark.parametrize(("strategy", "table", "column"), CASES)
def test_column_that_is_missing_is_told_with_the_remedy(strategy: str, table: str, column: str, new_stock: str) -> None:
    if connection.vendor == "mysql" and column in CHECKED:
        pytest.skip("MariaDB renames no column that a check names")
    change = f"ALTER TABLE {table} RENAME COLUMN"
    with executed(f"{change} {column} TO gone", undone_by=f"{change} gone TO {column}"):
        said = refusal(new_stock, strategy)
    assert column in said
    assert stock() == OLD
    if table == PRODUCTS:
        assert (statuses(), last_message()) == (["failed"], said)
    load(new_stock, strategy=strategy)
    assert (stock(), statuses()[-1]) == (NEW, "completed")


@pytest.mark.parametrize("table", [PRODUCTS, SESSIONS])
def test_table_that_is_missing_is_one_line_of_the_command(table: str, test_database_url: str, new_stock: str) -> None:
    program = [sys.executable, str(BACKEND.parent / "manage.py"), "load_product_stocks", "--file", new_stock]
    with executed(f"ALTER TABLE {table} RENAME TO gone", undone_by=f"ALTER TABLE gone RENAME TO {table}"):
        if connection.vendor == "sqlite":
            connection.close()
        ended = run(
            [*program, "--verbosity", "0"],
            env=environment_of(test_database_url),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (1, "", 1)
    assert ended.stderr.startswith(f"Error during the update: {REMEDY}")
    assert table in ended.stderr
    assert (stock(), statuses()) == (OLD, ["failed"] if table == PRODUCTS else [])
