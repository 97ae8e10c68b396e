"""The shop of the tests of an undo."""

import pytest

from apps.products.models import Product


@pytest.fixture
def shop() -> list[int]:
    """Five products, 10 pieces each; their keys."""
    made = Product.objects.bulk_create(
        Product(onec_id=f"p{n}", sku=f"S{n}", name=f"n{n}", stock_quantity=10) for n in range(5)
    )
    return [product.pk for product in made]
