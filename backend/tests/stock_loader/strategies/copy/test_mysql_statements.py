import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.products.models import Product
from stock_loader.commerceml.records import Problem, StockRecord
from stock_loader.strategies import MatchRules
from stock_loader.strategies.copy import mysql_settling, mysql_statements, mysql_tables
from stock_loader.strategies.copy.mysql_tables import TABLES
from stock_loader.strategies.copy.strategy import Copy
from tests.stock_loader.strategies.stock_records import create_products, opener, record

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]


@pytest.mark.django_db(transaction=True)  # ANALYZE TABLE commits
@pytest.mark.parametrize("is_analyzed", [True, False])
@pytest.mark.parametrize("step", ["UPDATE_AT_ONCE", "UPDATE", "LOCK"])
@pytest.mark.parametrize("count", [1, 40, 5_000])
def test_rows_are_locked_in_the_order_of_their_keys(count: int, step: str, *, is_analyzed: bool) -> None:
    """Whatever the order of the file, and whatever the server knows of both tables, and of a session's way to join."""
    create_products(count)
    strategy = Copy()
    strategy.read(opener(*(record(f"id {number * 7 % count}", 5) for number in range(count))))
    statement = getattr(mysql_statements, step).format(**strategy.runner.names)
    with connection.cursor() as cursor:
        if is_analyzed:
            cursor.execute("ANALYZE TABLE tmp_stock_change")
        for level in (2, 8):
            cursor.execute(f"SET SESSION join_cache_level = {level}")
            cursor.execute(f"EXPLAIN {statement}", [timezone.now()] if "%s" in statement else None)
            names = [column[0] for column in cursor.description]
            changes, products = (dict(zip(names, row, strict=True)) for row in cursor.fetchall())
            assert (changes["table"], changes["key"] or "PRIMARY") == ("c", "PRIMARY")
            assert (products["table"], products["type"], products["key"]) == ("p", "eq_ref", "PRIMARY")
            assert not re.search("filesort|join buffer", f"{changes['Extra']} {products['Extra']}")
        cursor.execute("SET SESSION join_cache_level = DEFAULT")


@pytest.fixture
def tables_of_the_shop(transactional_db: None) -> Iterator[None]:
    """Tables of the names that temporary ones of ours have."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"CREATE TABLE {table} (number integer, product integer, new integer, code text)")
            cursor.execute(f"INSERT INTO {table} VALUES (1, 1, 77, 'x')")
        yield
        for table in TABLES:
            cursor.execute(f"DROP TABLE {table}")


def test_tables_of_the_shop_with_our_names_are_left_alone(tables_of_the_shop: None) -> None:
    create_products(4)
    every_kind = [
        record("id 0", 5),
        record("id 0", 6),
        record("id 1#1", 3),
        record("id 1", 4),
        record("x", sku="sku 2"),
        record("unknown"),
        StockRecord(1, "id 3", "", None, problem=Problem.NOT_A_NUMBER, seen="?"),
    ]
    strategy = Copy(rules=MatchRules(sums_variants=True, zeroes_missing=True))
    findings = strategy.read(opener(*every_kind))
    assert [change.new for change in strategy.changes()] == [6, 7]
    assert [offer.code for offer in strategy.rejected()] == ["superseded", "other_1c_id", "no_product", "not_a_number"]
    written = strategy.write(findings)
    assert [change.product for change in strategy.written_changes()] == list(
        Product.objects.order_by("pk").values_list("pk", flat=True)[:2]
    )
    strategy.close()

    assert (
        written.updated,
        written.changed,
        list(Product.objects.order_by("pk").values_list("stock_quantity", flat=True)),
    ) == (3, 2, [6, 7, 1, 1])
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT * FROM {table}")
            assert cursor.fetchall() == ((1, 1, 77, "x"),)


def test_every_table_of_ours_is_a_temporary_one() -> None:
    modules = (mysql_statements, mysql_settling, mysql_tables)
    texts = [text for module in modules for text in vars(module).values() if isinstance(text, str)]
    names = [name for text in texts for name in re.findall(r"\w*stock_(?!loader|data)\w+|\w*\{found\}", text)]
    assert len(names) > 50
    assert {name for name in names if name not in {*TABLES, "tmp_{found}"}} == set()


NAMES = {"ONEC_ID": "name", "SKU": ""}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_shop_without_an_index_is_loaded_in_seconds(settings: Any) -> None:
    """Of 10,000 offers each compared with 10,000 products, one by one, the statement would be ended."""
    settings.STOCK_LOADER = settings.STOCK_LOADER | NAMES
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE products_product MODIFY name LONGTEXT NOT NULL")
        try:
            Product.objects.bulk_create(
                [Product(sku=f"sku {number}", name=f"Name {number}") for number in range(10_000)], batch_size=1000
            )
            cursor.execute("SET SESSION max_statement_time = 20")
            strategy = Copy(rules=MatchRules(sums_variants=True, zeroes_missing=True))
            offers = [record(f"{'NAME' if number % 2 else 'Name'} {number}", 5) for number in range(10_000)]
            variants = [record(f"Name {number}#x", 2) for number in range(1, 10_000, 4)]
            findings = strategy.read(opener(*offers, *variants))
            assert (findings.to_update, findings.not_found, findings.summed) == (7_500, 5_000, 2_500)
            strategy.close()
        finally:
            cursor.execute("SET SESSION max_statement_time = DEFAULT")
            cursor.execute("ALTER TABLE products_product MODIFY name VARCHAR(300) NOT NULL")
