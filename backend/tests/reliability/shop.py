"""A small shop, a file that changes all of it, and the question whether the session tells the truth about both."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from apps.common.models import ImportSession
from apps.products.models import Product
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.outcome import LoadReport
from tests.documents import offer, rests

PRODUCTS = 10
"""With batches and chunks of 4 the last ones are not full."""

OLD = [5] * PRODUCTS
NEW = [10 + n for n in range(PRODUCTS)]

SMALL_BATCHES = ["--batch-size", "4", "--chunk-size", "4"]

Status = ImportSession.ImportStatus


def open_shop() -> None:
    """Make the products with their old quantities, and no session."""
    Product.objects.bulk_create(
        Product(onec_id=f"p{n}", sku=f"S{n}", name="", stock_quantity=OLD[n]) for n in range(PRODUCTS)
    )


def reset_shop() -> None:
    """Give the products their old quantities back, forget the sessions."""
    Product.objects.update(stock_quantity=5, stock_updated_at=None)
    ImportSession.objects.all().delete()


def write_new_stock(path: Path, *, padding: int = 0) -> str:
    """Write the file that changes every product, `padding` spaces before every offer; return its path."""
    document = rests(*(offer(f"p{n}", NEW[n]) for n in range(PRODUCTS)))
    path.write_text(document.replace("<Предложение>", " " * padding + "<Предложение>"), encoding="utf-8")
    return str(path)


def load(file: str, *, strategy: str = "bulk_update", wait_seconds: float = 0) -> LoadReport:
    """Load `file` in this process."""
    options = LoadOptions(file=file, strategy=strategy, batch_size=4, chunk_size=4, wait_seconds=wait_seconds)
    return load_stocks(options)


@contextmanager
def executed(*statements: str, undone_by: str) -> Iterator[None]:
    """What an administrator did to the tables, undone at the end by statements with `;` between them."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for statement in undone_by.split(";"):
                cursor.execute(statement)


def stock() -> list[int]:
    """The quantities; they must have been changed exactly where the time of change is set."""
    rows = list(Product.objects.order_by("pk").values_list("stock_quantity", "stock_updated_at"))
    assert all((quantity != 5) == (changed_at is not None) for quantity, changed_at in rows)
    return [quantity for quantity, _ in rows]


def is_otherwise_untouched() -> bool:
    """Tell whether the products are those of `open_shop` in all that no load may change, none more and none less."""
    rows = Product.objects.order_by("pk").values_list("onec_id", "sku", "name")
    return list(rows) == [(f"p{n}", f"S{n}", "") for n in range(PRODUCTS)]


def statuses() -> list[str]:
    """What the sessions say, the oldest first."""
    return list(ImportSession.objects.order_by("pk").values_list("status", flat=True))


def last_message() -> str:
    """The error message of the newest session."""
    return ImportSession.objects.latest("pk").error_message
