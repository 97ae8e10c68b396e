import re

import pytest
from django.db import connection
from django.utils import timezone

from apps.products.models import Product
from stock_loader.commerceml.records import Problem, StockRecord
from stock_loader.strategies import MatchRules
from stock_loader.strategies.copy import settling, statements
from stock_loader.strategies.copy.statements import TABLES
from stock_loader.strategies.copy.strategy import Copy
from tests.stock_loader.strategies.stock_records import create_products, opener, record

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


@pytest.mark.parametrize("is_analyzed", [True, False])
@pytest.mark.parametrize("count", [1, 40, 5_000])
def test_rows_are_updated_and_so_locked_in_the_order_of_their_keys(count: int, *, is_analyzed: bool) -> None:
    """Whatever the order of the file and of the table, and whatever PostgreSQL knows of both."""
    create_products(count)
    Product.objects.filter(pk__in=[pk for pk in Product.objects.values_list("pk", flat=True) if pk % 3 == 0]).update(
        stock_quantity=2
    )
    strategy = Copy()
    strategy.read(opener(*(record(f"id {number * 7 % count}", 5) for number in range(count))))
    with connection.cursor() as cursor:
        if is_analyzed:
            cursor.execute("ANALYZE stock_change, products_product")
        cursor.execute(statements.JOIN_IN_KEY_ORDER)
        update = statements.UPDATE_AT_ONCE.format(**strategy.runner.names)
        cursor.execute(f"EXPLAIN (FORMAT JSON) {update}", [timezone.now()])
        (join,) = cursor.fetchone()[0][0]["Plan"]["Plans"]
        cursor.execute(f"{update} RETURNING p.id", [timezone.now()])
        updated = [pk for (pk,) in cursor.fetchall()]
    assert join["Node Type"] == "Merge Join"
    assert set(re.findall(r"\w+\.\w+", join["Merge Cond"])) == {"p.id", "c.product"}
    for source in join["Plans"]:
        assert source.get("Sort Key") in (["c.product"], ["p.id"]) or (
            source["Node Type"].startswith("Index") and source["Scan Direction"] == "Forward"
        )
    assert updated == sorted(updated)
    assert len(updated) == len(set(updated)) == min(count, len({number * 7 % count for number in range(count)}))


def test_tables_of_the_shop_with_our_names_are_left_alone() -> None:
    create_products(4)
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"CREATE TABLE public.{table} (number integer, product integer, new integer, code text)")
            cursor.execute(f"INSERT INTO public.{table} VALUES (1, 1, 77, 'x')")
        cursor.execute("SET LOCAL search_path = public, pg_temp")
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
            cursor.execute(f"SELECT * FROM public.{table}")
            assert cursor.fetchall() == [(1, 1, 77, "x")]


def test_every_table_of_ours_is_named_with_its_schema() -> None:
    texts = [text for module in (statements, settling) for text in vars(module).values() if isinstance(text, str)]
    names = [name for text in texts for name in re.findall(rf"[\w.]*(?:{'|'.join(TABLES)}|\{{found\}})", text)]
    assert len(names) > 50
    assert {name for name in names if not name.startswith("pg_temp.")} == set()
