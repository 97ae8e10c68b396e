"""Loads by the command, for the tests of its options."""

import io
import json
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command
from django.utils import translation

from apps.products.models import Product
from tests.documents import rests as document


def load(*paths: Path | str, code: int = 0, **options: Any) -> dict[str, Any]:
    """Load; check the exit code; return the JSON report."""
    out = io.StringIO()
    arguments = ["--file", *map(str, paths), "--json"]
    seen_code = 0
    with translation.override("en"):
        try:
            call_command("load_product_stocks", *arguments, stdout=out, stderr=io.StringIO(), **options)
        except CommandError as error:
            seen_code = error.returncode
    assert seen_code == code
    report: dict[str, Any] = json.loads(out.getvalue())
    return report


def write(path: Path, *offers: str, date: str = "2026-01-15T03:00:00") -> Path:
    path.write_text(document(*offers, date=date), "utf-8")
    return path


def products(count: int, *, quantity: int) -> list[Product]:
    return Product.objects.bulk_create(
        Product(onec_id=f"p{n}", sku=f"S{n}", name="", stock_quantity=quantity) for n in range(count)
    )


def quantities() -> list[int]:
    return list(Product.objects.order_by("pk").values_list("stock_quantity", flat=True))
