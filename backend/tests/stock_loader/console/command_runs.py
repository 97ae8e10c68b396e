"""Runs of the command in this process, and what they leave."""

import io
from pathlib import Path
from typing import Any

from django.core.management import call_command

from apps.products.models import Product
from tests.documents import rests


def write(path: Path, *offers: str) -> str:
    path.write_text(rests(*offers), encoding="utf-8")
    return str(path)


def run(**options: Any) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("load_product_stocks", stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def quantities() -> dict[str, int]:
    return dict(Product.objects.values_list("sku", "stock_quantity"))
