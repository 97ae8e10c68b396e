import csv
import io
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from apps.common.models import ImportSession
from apps.products.models import Product
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from tests.documents import offer
from tests.documents import rests as document
from tests.shops.mappings import SHELVES, UUID_ITEMS
from tests.shops.models import Shelf, UuidItem

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english")]


@pytest.fixture
def product(rests: Path) -> Product:
    """A product that two loads changed."""
    made = Product.objects.create(onec_id="p1", sku="S-1", name="Доска", stock_quantity=5)
    for day, quantity in ((1, 7), (2, 10)):
        rests.write_text(document(offer("p1", quantity), date=f"2026-01-0{day}T03:00:00"), "utf-8")
        load_stocks(LoadOptions(file=str(rests), strategy="bulk_update"))
    return made


def history(*arguments: str) -> str:
    out = io.StringIO()
    call_command("stock_history", *arguments, stdout=out)
    return out.getvalue()


def refusal(*arguments: str) -> str:
    with pytest.raises(CommandError) as caught:
        history(*arguments)
    return str(caught.value)


@pytest.mark.parametrize("by", ["onec_id", "sku", "key", ""])
def test_history_is_told_by_any_name_of_the_product(product: Product, rests: Path, by: str) -> None:
    name = {"onec_id": "p1", "sku": "S-1", "key": str(product.pk), "": "p1"}[by]
    first, *lines = history(name, *(["--by", by] if by else [])).splitlines()
    assert first == f"key {product.pk}, 1C id p1, SKU S-1, Доска"
    last, before = ImportSession.objects.order_by("-pk")
    assert lines[0].endswith(f"7 → 10  #{last.pk}  {rests} (2026-01-02T03:00:00)")
    assert lines[1].endswith(f"5 → 7   #{before.pk}  {rests} (2026-01-01T03:00:00)")
    assert len(lines) == 2


def test_history_as_json_and_csv(product: Product, rests: Path) -> None:
    session = ImportSession.objects.latest("pk")
    told = json.loads(history("p1", "--json", "--limit", "1"))
    assert told["product"] == {"key": product.pk, "onec_id": "p1", "sku": "S-1", "name": "Доска"}
    expected = {
        "session": session.pk,
        "date": session.finished_at.isoformat() if session.finished_at else "",
        "document_date": "2026-01-02T03:00:00",
        "file": str(rests),
        "undoes": None,
        "old": 7,
        "new": 10,
    }
    assert told["changes"] == [expected]
    rows = list(csv.DictReader(io.StringIO(history("p1", "--csv"))))
    assert [(row["old"], row["new"]) for row in rows] == [("7", "10"), ("5", "7")]
    assert rows[0]["session"] == str(session.pk)


def test_product_without_changes_has_none(product: Product) -> None:
    Product.objects.create(onec_id="p2", sku="S-2", name="")
    assert history("S-2").splitlines()[1:] == ["No load that kept a journal changed it."]
    assert json.loads(history("S-2", "--json"))["changes"] == []


def test_deleted_product_is_found_by_its_key(product: Product) -> None:
    key = product.pk
    product.delete()
    assert len(history(str(key)).splitlines()) == 3
    assert refusal("p1") == "no product has the 1C id, SKU or primary key p1, and the journal knows none."


def test_several_products_are_told_and_not_mixed(product: Product) -> None:
    other = Product.objects.create(onec_id="x", sku="p1", name="")
    said = refusal("p1")
    assert said.startswith(
        f"several products are called p1: key {product.pk}, 1C id p1, SKU S-1, Доска; key {other.pk}, "
    )
    assert said.endswith(" Name one by its key: --by key.")
    assert history("p1", "--by", "sku").splitlines()[0] == f"key {other.pk}, 1C id x, SKU p1"


def test_rows_of_other_shops_are_found(settings: Settings) -> None:
    settings.STOCK_LOADER = UUID_ITEMS
    item = UuidItem.objects.create(guid=uuid.UUID(int=7), sku="s")
    for name in (str(item.pk), str(item.guid), "s"):
        assert history(name).splitlines()[0] == f"key {item.pk}, 1C id {item.guid}, SKU s"
    settings.STOCK_LOADER = SHELVES
    shelves = [Shelf.objects.create(code="a", article=article, stock=1) for article in "xy"]
    assert all(f"key {shelf.pk}," in refusal("a") for shelf in shelves)


def test_wrong_setting_is_one_line(settings: Settings) -> None:
    settings.STOCK_LOADER = SHELVES | {"ONEC_ID": "nothing"}
    options: dict[str, Any] = {"match": "has no field nothing"}
    with pytest.raises(CommandError, **options) as caught:
        history("a")
    assert caught.value.returncode == 2
