"""Loads of several dated documents, given as files, folders and archives."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command
from django.utils import translation

from apps.products.models import Product
from tests.documents import rests as document

OLD, NEW = "2026-01-14T03:00:00", "2026-01-15T03:00:00"


def load(*paths: Path | str, code: int = 0, **options: Any) -> dict[str, Any]:
    """Load; check the exit code; return the JSON report, its warnings without their code as `warned`."""
    out, err = io.StringIO(), io.StringIO()
    seen_code = 0
    with translation.override("en"):
        try:
            call_command("load_product_stocks", "--file", *map(str, paths), "--json", stdout=out, stderr=err, **options)
        except CommandError as error:
            seen_code = error.returncode
    assert seen_code == code
    report: dict[str, Any] = json.loads(out.getvalue())
    report["warned"] = [warning["code"] for warning in report["details"]["warnings"]]
    assert [line for line in err.getvalue().splitlines() if line.startswith("Warning: ")] == [
        f"Warning: {warning['text']}" for warning in report["details"]["warnings"]
    ]
    return report


def write(path: Path, *offers: str, date: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document(*offers, date=date), "utf-8")
    return path


def packed(path: Path, *files: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.name)
    return path


def products(count: int, *, quantity: int) -> None:
    Product.objects.bulk_create(
        Product(onec_id=f"p{n}", sku=f"S{n}", name="", stock_quantity=quantity) for n in range(count)
    )


def quantities() -> list[int]:
    return list(Product.objects.order_by("pk").values_list("stock_quantity", flat=True))


def from_now(**offset: int) -> str:
    return (datetime.now(UTC) + timedelta(**offset)).isoformat(timespec="seconds")
