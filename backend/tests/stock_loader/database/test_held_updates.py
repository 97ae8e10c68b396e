"""`holding(…).bulk_update`: rows that somebody changed are left alone, and rows are locked in the order of keys."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from django.db import NotSupportedError, connection, transaction
from django.db.models import F
from django.utils import timezone

from apps.products.models import Product
from stock_loader.database.choice import dialect_of
from stock_loader.database.set_based_update import SetBasedUpdateQuerySet
from tests.shops.models import Item

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 200


@pytest.fixture
def products() -> list[Product]:
    Product.objects.bulk_create(Product(onec_id=f"p{i}", sku=f"s{i}", name="x", stock_quantity=i) for i in range(ROWS))
    return list(Product.objects.order_by("pk"))


def write(products: Sequence[Product], *, held: Sequence[Any]) -> int:
    """Add 1000 to the quantity of each product that holds what is said."""
    for product, quantity in zip(products, held, strict=True):
        product.stock_quantity = quantity + 1000
        product.stock_updated_at = timezone.now()
    return Product.objects.holding(held).bulk_update(products, ["stock_quantity", "stock_updated_at"])


def stock() -> list[int]:
    return list(Product.objects.order_by("pk").values_list("stock_quantity", flat=True))


def can_update_in_order(pks: Sequence[Any]) -> bool:
    with transaction.atomic():
        return dialect_of(connection).can_update_in_order(pks)


def test_rows_that_hold_what_was_read_are_written(products: list[Product]) -> None:
    assert write(products, held=range(ROWS)) == ROWS
    assert stock() == [i + 1000 for i in range(ROWS)]


def test_rows_that_somebody_changed_or_deleted_are_left_alone_and_not_counted(products: list[Product]) -> None:
    Product.objects.filter(pk=products[3].pk).update(stock_quantity=7)
    Product.objects.filter(pk=products[4].pk).delete()
    assert write(products, held=range(ROWS)) == ROWS - 2
    assert stock() == [1000, 1001, 1002, 7, *(i + 1000 for i in range(5, ROWS))]


def test_one_value_for_all_rows_is_held_by_each(products: list[Product]) -> None:
    assert write(products, held=[5] * ROWS) == 1
    assert stock()[4:7] == [4, 1005, 6]


def test_nothing_and_fractions_are_held() -> None:
    made = [Item(code1c=f"i{i}", article="", title="x", qty=held) for i, held in enumerate([None, Decimal("2.750"), 3])]
    Item.objects.bulk_create(made)
    rows = list(Item.objects.order_by("pk"))
    for row in rows:
        row.qty = Decimal("1.125")
    held = [None, Decimal("2.750"), Decimal("3.001")]
    assert SetBasedUpdateQuerySet[Item](Item).holding(held).bulk_update(rows, ["qty"]) == 2
    assert list(Item.objects.order_by("pk").values_list("qty", flat=True)) == [
        Decimal("1.125"),
        Decimal("1.125"),
        Decimal("3.000"),
    ]


def test_what_django_would_have_to_write_is_refused(products: list[Product]) -> None:
    products[0].stock_quantity = F("stock_quantity") + 1
    with pytest.raises(NotSupportedError):
        Product.objects.holding([0]).bulk_update(products[:1], ["stock_quantity"])
    with pytest.raises(NotSupportedError):
        Product.objects.filter(sku="s1").holding([1]).bulk_update(products[1:2], ["name"])
    assert stock() == list(range(ROWS))


@pytest.mark.sqlite
def test_sqlite_has_one_writer_so_that_any_order_will_do() -> None:
    assert can_update_in_order([1, 1_000_000])
    assert can_update_in_order(["a", "b"])


@pytest.mark.postgresql
def test_keys_far_apart_or_no_numbers_are_not_updated_in_order() -> None:
    assert can_update_in_order(range(10, 20))
    assert can_update_in_order([1, 51, 101])
    assert not can_update_in_order([1, 1_000])
    assert not can_update_in_order(["a", "b"])
    assert not can_update_in_order([])


@pytest.mark.postgresql
@pytest.mark.parametrize("analyzed", [True, False])
@pytest.mark.parametrize("updated", [2, 20, ROWS])
def test_plan_takes_rows_in_the_order_of_their_keys(products: list[Product], updated: int, *, analyzed: bool) -> None:
    """A merge join and nothing that would scatter its rows: what the plan of any size must be."""
    if analyzed:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE products_product")
    fields = [Product._meta.get_field(name) for name in ("id", "stock_quantity", "stock_updated_at")]
    some = products[:updated]
    columns: list[list[Any]] = [[product.pk for product in some], list(range(updated)), [timezone.now()] * updated]
    with transaction.atomic(), connection.cursor() as cursor:
        assert dialect_of(connection).can_update_in_order(columns[0])
        sql, parameters = dialect_of(connection).update_rows(fields, columns, held=list(range(updated)))
        cursor.execute(f"EXPLAIN (COSTS OFF) {sql}", parameters)
        plan = [line.strip(" ->") for (line,) in cursor.fetchall()]
    nodes = [line for line in plan if ":" not in line]
    assert nodes[:2] == ["Update on products_product", "Merge Join"]
    assert not any("Hash" in node or "Nested Loop" in node or "Gather" in node for node in nodes)
    assert any(line.startswith("Merge Cond: ") and "incoming.v0" in line for line in plan)
