"""A database that would cut, mix up or keep half of what is loaded is refused in one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection

from apps.common.models import ImportSession
from apps.products.models import Product
from stock_loader.errors import LoadRefusedError
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from tests.documents import offer
from tests.documents import rests as document

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mariadb, pytest.mark.usefixtures("english")]


@contextmanager
def changed(statement: str, back: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(back)


def refusal(path: Path) -> str:
    """Load a file; return why that was refused, in one line, with the stock as it was and the session failed."""
    Product.objects.create(onec_id="a", sku="a", stock_quantity=1)
    path.write_text(document(offer("a", 2)), encoding="utf-8")
    with pytest.raises(LoadRefusedError) as raised:
        load_stocks(LoadOptions(file=str(path), strategy="bulk_update"))
    assert Product.objects.get().stock_quantity == 1
    assert ImportSession.objects.get().status == ImportSession.ImportStatus.FAILED
    text = raised.value.text(str)
    assert "\n" not in text
    return text


@pytest.mark.parametrize("encoding", ["latin1", "utf8mb3"])
def test_ids_that_are_not_in_utf8mb4(rests: Path, encoding: str) -> None:
    column = "ALTER TABLE products_product MODIFY onec_id varchar(100) CHARACTER SET {} NULL"
    with changed(column.format(encoding), column.format("utf8mb4")):
        assert refusal(rests) == (
            f"the column onec_id of the table products_product is encoded in {encoding}, which cannot store every "
            "text. Run ALTER TABLE products_product CONVERT TO CHARACTER SET utf8mb4."
        )


def test_sessions_that_are_not_in_utf8mb4(rests: Path) -> None:
    column = "ALTER TABLE common_importsession MODIFY error_message longtext CHARACTER SET {} NOT NULL"
    with changed(column.format("latin1"), column.format("utf8mb4")):
        assert refusal(rests).startswith("the column error_message of the table common_importsession is encoded in lat")


def test_other_columns_may_be_in_any_character_set(rests: Path) -> None:
    Product.objects.create(onec_id="a", sku="a")
    column = "ALTER TABLE products_product MODIFY name varchar(300) CHARACTER SET {} NOT NULL"
    rests.write_text(document(offer("a", 2)), encoding="utf-8")
    with changed(column.format("latin1"), column.format("utf8mb4")):
        assert load_stocks(LoadOptions(file=str(rests), strategy="bulk_update")).details.changed_count == 1


@pytest.mark.parametrize("table", ["products_product", "common_importsession", "stock_loader_journalpage"])
@pytest.mark.parametrize("engine", ["MyISAM", "Aria"])
def test_table_that_undoes_nothing(rests: Path, table: str, engine: str) -> None:
    with changed(f"ALTER TABLE {table} ENGINE={engine}", f"ALTER TABLE {table} ENGINE=InnoDB"):
        assert refusal(rests) == (
            f"the table {table} is kept by {engine}, which cannot undo what a failed load wrote. Run ALTER TABLE "
            f"{table} ENGINE=InnoDB."
        )


def test_server_that_is_not_strict(rests: Path) -> None:
    with changed("SET sql_mode = 'NO_ENGINE_SUBSTITUTION'", "SET sql_mode = DEFAULT"):
        assert refusal(rests).startswith("the server is not strict: it would cut what a column cannot hold")


def test_connection_of_another_character_set(rests: Path) -> None:
    with changed("SET NAMES utf8mb3", "SET NAMES utf8mb4"):
        assert refusal(rests).startswith(
            "the connection speaks utf8mb3, which cannot carry every text. Set charset to "
        )


@pytest.mark.alone  # all of the server, whoever works on it
def test_server_that_only_reads(rests: Path) -> None:
    """Who may write there all the same would write what its primary does not know."""
    with changed("SET GLOBAL read_only = 1", "SET GLOBAL read_only = 0"):
        assert refusal(rests) == "the database is a standby and only reads. Load into its primary."
