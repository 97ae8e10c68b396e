"""Loads of a few products and their undoes, as the tests of an undo need them."""

from pathlib import Path
from typing import Any

from apps.products.models import Product
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.load.undo import UndoOptions, undo_load
from stock_loader.outcome import LoadReport
from tests.documents import offer
from tests.documents import rests as document


def load(rests: Path, strategy: str, *quantities: int, date: str = "2026-01-15T03:00:00", **options: Any) -> LoadReport:
    offers = (offer(f"p{n}", quantity) for n, quantity in enumerate(quantities))
    rests.write_text(document(*offers, date=date), "utf-8")
    return load_stocks(LoadOptions(file=str(rests), strategy=strategy, **options))


def undo(session: int, strategy: str, **options: Any) -> LoadReport:
    return undo_load(UndoOptions(session=session, strategy=strategy, batch_size=2, **options))


def stock() -> list[int]:
    return list(Product.objects.order_by("pk").values_list("stock_quantity", flat=True))


def counts(report: LoadReport) -> tuple[int, ...]:
    details = report.details
    found = (details.updated_count, details.unchanged_count, details.changed_since_count, details.not_found_count)
    assert sum(found) == details.total_records
    assert details.changed_count == details.updated_count
    return found
