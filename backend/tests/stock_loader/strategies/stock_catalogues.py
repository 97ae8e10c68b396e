"""The catalogue that a test starts from, and what became of it."""

from collections.abc import Sequence

from apps.common.models import ImportSession
from apps.products.models import Product
from tests.stock_loader.strategies.stock_rules import Row


def store_catalogue(rows: Sequence[Row]) -> None:
    """Make the products and nothing else what the database holds."""
    Product.objects.all().delete()
    ImportSession.objects.all().delete()
    Product.objects.bulk_create(
        Product(onec_id=row.onec_id, sku=row.sku, name="product", stock_quantity=row.quantity) for row in rows
    )


def stored_rows() -> list[Row]:
    """Return the products in the order in which they were made."""
    return [
        Row(product.onec_id, product.sku, product.stock_quantity, product.stock_updated_at is not None)
        for product in Product.objects.order_by("pk")
    ]
