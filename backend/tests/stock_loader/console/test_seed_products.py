import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from pytest_django import Settings

from apps.products.models import Product
from tests.documents import offer
from tests.documents import rests as document
from tests.shops.mappings import BY_PARTNER_SKU

pytestmark = pytest.mark.django_db(transaction=True)


def run(file: Path) -> str:
    out = io.StringIO()
    with translation.override("en"):
        call_command("seed_products", file=str(file), stdout=out)
    return out.getvalue()


def test_seeded_file_loads_completely(rests: Path) -> None:
    rests.write_text(document(offer("a", 1, sku="S"), offer("a#1", 2, sku="S"), "", offer("", 3, sku="T")), "utf-8")

    said = run(rests)
    call_command("load_product_stocks", file=str(rests), verbosity=0)

    assert said == "Products created: 3; already there: 0; unusable offers: 1.\n"
    assert list(Product.objects.order_by("pk").values_list("onec_id", "sku", "stock_quantity")) == [
        ("a", "S", 1),
        ("a#1", "a#1", 2),
        (None, "T", 3),
    ]


def test_seeding_again_creates_nothing(rests: Path) -> None:
    rests.write_text(document(offer("a", 1)), "utf-8")
    run(rests)

    assert run(rests) == "Products created: 0; already there: 1; unusable offers: 0.\n"


def test_model_that_needs_more_is_wrong_usage(rests: Path, settings: Settings) -> None:
    settings.STOCK_LOADER = BY_PARTNER_SKU
    rests.write_text(document(offer("a", 1)), "utf-8")

    with pytest.raises(CommandError, match=r"^shops\.StockRecord cannot be created from an id") as refused:
        run(rests)

    assert refused.value.returncode == 2


def test_broken_file_creates_nothing(rests: Path) -> None:
    rests.write_text(document(offer("a", 1))[:-3], "utf-8")

    with pytest.raises(CommandError, match="not well-formed XML"):
        run(rests)

    assert not Product.objects.exists()
