"""The shop and the language of the tests of a load."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from apps.products.models import Product


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def shop() -> list[int]:
    """Five products, 10 pieces each; their keys."""
    made = Product.objects.bulk_create(
        Product(onec_id=f"p{n}", sku=f"S{n}", name=f"n{n}", stock_quantity=10) for n in range(5)
    )
    return [product.pk for product in made]
