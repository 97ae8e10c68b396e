"""The shop of the tests of the command."""

import pytest

from apps.products.models import Product


@pytest.fixture
def shop() -> None:
    """Three products, one of them without an id of 1C."""
    Product.objects.create(onec_id="a", sku="A-1", name="Product a", stock_quantity=5)
    Product.objects.create(onec_id="b", sku="B-1", name="Product b", stock_quantity=7)
    Product.objects.create(onec_id=None, sku="C-1", name="Product c", stock_quantity=1)
