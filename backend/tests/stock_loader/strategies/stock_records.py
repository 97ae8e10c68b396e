"""Records as a parser gives them, for tests of a strategy by itself."""

from collections.abc import Callable, Iterator

from apps.products.models import Product
from stock_loader.commerceml.records import StockRecord


def record(onec_id: str, quantity: int | None = 1, *, sku: str = "", line: int = 1) -> StockRecord:
    """A usable record."""
    return StockRecord(line, onec_id, sku, quantity)


def opener(*records: StockRecord) -> Callable[[], Iterator[StockRecord]]:
    """What a strategy calls to begin to read."""
    return lambda: iter(records)


def create_products(count: int, *, quantity: int = 1) -> None:
    """Products `id 0`, `id 1`, … with skus `sku 0`, `sku 1`, …."""
    Product.objects.bulk_create(
        Product(onec_id=f"id {number}", sku=f"sku {number}", stock_quantity=quantity) for number in range(count)
    )
