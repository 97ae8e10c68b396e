import pytest
from django.db import IntegrityError

from apps.products.models import Product
from stock_loader.database.set_based_update import SetBasedUpdateQuerySet

pytestmark = pytest.mark.django_db


def test_new_product_has_no_stock_and_no_moment_of_change() -> None:
    product = Product.objects.create(sku="a", name="Screw")
    product.refresh_from_db()
    assert (product.onec_id, product.stock_quantity, product.stock_updated_at) == (None, 0, None)
    assert str(product) == "Screw"


def test_products_without_onec_id_are_allowed_and_equal_ones_are_not() -> None:
    Product.objects.create(sku="a")
    Product.objects.create(sku="b")
    Product.objects.create(sku="c", onec_id="id")
    with pytest.raises(IntegrityError):
        Product.objects.create(sku="d", onec_id="id")


def test_equal_skus_are_refused() -> None:
    Product.objects.create(sku="a")
    with pytest.raises(IntegrityError):
        Product.objects.create(sku="a")


def test_negative_stock_is_refused() -> None:
    with pytest.raises(IntegrityError):
        Product.objects.create(sku="a", stock_quantity=-1)


def test_manager_updates_set_based() -> None:
    assert isinstance(Product.objects.all(), SetBasedUpdateQuerySet)
