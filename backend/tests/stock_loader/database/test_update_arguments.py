"""What `bulk_update` takes, and what it refuses in Django's words."""

from typing import Any

import pytest
from django.core.exceptions import FieldDoesNotExist

from apps.products.models import Product
from tests.stock_loader.database.updated_rows import FIELDS, products

pytestmark = pytest.mark.django_db


def test_no_rows_are_no_statement(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert Product.objects.bulk_update([], FIELDS) == 0


def test_generators_of_rows_and_fields_are_taken() -> None:
    rows = products(3)
    for row in rows:
        row.stock_quantity += 1
    updated = Product.objects.bulk_update((row for row in rows), (name for name in FIELDS), batch_size=2)
    assert updated == 3
    assert list(Product.objects.order_by("pk").values_list("stock_quantity", flat=True)) == [11, 12, 13]


@pytest.mark.parametrize(
    ("fields", "batch_size", "error", "message"),
    [
        ([], None, ValueError, "Field names must be given to bulk_update()."),
        (["id"], None, ValueError, "bulk_update() cannot be used with primary key fields."),
        (["wrong"], None, FieldDoesNotExist, "Product has no field named 'wrong'"),
        (FIELDS, 0, ValueError, "Batch size must be a positive integer."),
        (FIELDS, -1, ValueError, "Batch size must be a positive integer."),
    ],
)
def test_wrong_arguments_are_refused_in_djangos_words(
    fields: list[str], batch_size: int | None, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        Product.objects.bulk_update(products(1), fields, batch_size=batch_size)
    assert str(raised.value) == message


def test_unsaved_row_is_refused_and_nothing_is_written() -> None:
    (row,) = products(1)
    row.stock_quantity = 99
    with pytest.raises(ValueError, match=r"^All bulk_update\(\) objects must have a primary key set\.$"):
        Product.objects.bulk_update([row, Product(sku="unsaved")], FIELDS, batch_size=1)
    assert Product.objects.get().stock_quantity == 10


def test_templates_may_not_call_it() -> None:
    assert Product.objects.bulk_update.alters_data  # type: ignore[attr-defined]
