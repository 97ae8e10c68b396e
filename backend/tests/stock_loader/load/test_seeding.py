import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from apps.products.models import Product
from stock_loader.commerceml.records import Problem, StockRecord
from stock_loader.errors import WrongSettingError
from stock_loader.load import seeding
from stock_loader.load.seeding import Seeded, seed_products
from tests.shops.mappings import BY_PARTNER_SKU, ITEMS, NUMBER_ITEMS, STOCKED_GOODS, UUID_ITEMS
from tests.shops.models import Item, UuidItem

pytestmark = pytest.mark.django_db


def record(onec_id: str = "", sku: str = "", quantity: int | None = 5) -> StockRecord:
    problem = Problem.NO_STOCK_DATA if quantity is None else None
    return StockRecord(1, onec_id, sku, quantity, problem=problem)


def rows() -> list[tuple[str | None, str, str, int]]:
    return list(Product.objects.order_by("pk").values_list("onec_id", "sku", "name", "stock_quantity"))


def test_every_offer_gets_a_product_without_stock() -> None:
    seeded = seed_products([record("a", "s"), record("b"), record(sku="t"), record("c", quantity=None)])
    assert seeded == Seeded(created=4, present=0, unusable=0)
    assert rows() == [("a", "s", "s", 0), ("b", "b", "b", 0), (None, "t", "t", 0), ("c", "c", "c", 0)]


def test_offers_that_have_a_product_get_no_other() -> None:
    Product.objects.create(onec_id="a", sku="s", stock_quantity=3)
    Product.objects.create(onec_id="z", sku="t")
    seeded = seed_products([record("a", "new"), record(sku="t"), record("b", "b")])
    assert seeded == Seeded(created=1, present=2, unusable=0)
    assert rows()[2:] == [("b", "b", "b", 0)]


def test_repeated_offers_get_one_product() -> None:
    assert seed_products([record("a"), record("a"), record(sku="s"), record(sku="s")]) == Seeded(
        created=2, present=2, unusable=0
    )


def test_variants_that_share_a_sku_get_their_ids_for_it() -> None:
    seed_products([record("p#1", "s"), record("p#2", "s")])
    assert rows() == [("p#1", "s", "s", 0), ("p#2", "p#2", "s", 0)]


def test_offer_of_which_sku_and_id_are_taken_has_a_product_by_sku() -> None:
    Product.objects.create(onec_id="y", sku="s")
    Product.objects.create(onec_id="z", sku="a")
    assert seed_products([record("a", "s")]) == Seeded(created=0, present=1, unusable=0)


@pytest.mark.parametrize("unusable", [record(), record("x" * 101), record("a", "x" * 101)])
def test_offers_that_fit_no_product_are_counted(unusable: StockRecord) -> None:
    assert seed_products([unusable, record("y" * 100, "y" * 100)]) == Seeded(created=1, present=0, unusable=1)


def test_chunks_know_of_the_chunks_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeding, "CHUNK_SIZE", 2)
    records = [record("a", "s"), record("b"), record("c", "s"), record("b"), record(sku="s"), record("d")]
    assert seed_products(records) == Seeded(created=4, present=2, unusable=0)
    assert rows() == [("a", "s", "s", 0), ("b", "b", "b", 0), ("c", "c", "s", 0), ("d", "d", "d", 0)]


def test_error_of_the_records_leaves_no_product() -> None:
    def broken() -> object:
        yield record("a")
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        seed_products(broken())  # type: ignore[arg-type]
    assert rows() == []


def test_nothing_to_seed_costs_no_query_of_products() -> None:
    with CaptureQueriesContext(connection) as captured:
        assert seed_products([]) == Seeded(created=0, present=0, unusable=0)
    assert not any("products_product" in query["sql"] for query in captured)


def test_chunk_costs_two_lookups_and_an_insert() -> None:
    with CaptureQueriesContext(connection) as captured:
        seed_products(record(f"id {number}") for number in range(100))
    sent = [query["sql"].split()[0] for query in captured if "products_product" in query["sql"]]
    assert sent == ["SELECT", "SELECT", "INSERT"]


def test_shop_of_its_own_gets_rows_of_its_own(settings: Settings) -> None:
    settings.STOCK_LOADER = ITEMS
    Item.objects.create(code1c="b", article="of before", title="Доска", qty=3)
    assert seed_products([record("a", "s"), record("b"), record(sku="t" * 101)]) == Seeded(
        created=1, present=1, unusable=1
    )
    item = Item.objects.get(code1c="a")
    assert (item.article, item.title, item.qty) == ("s", "s", Decimal(0))


def test_text_that_is_no_value_of_the_column_is_unusable(settings: Settings) -> None:
    settings.STOCK_LOADER = UUID_ITEMS
    guid = "bd72d8f9-55bc-11d9-848a-00112f43529a"
    assert seed_products([record(guid, "s"), record("no guid", "t"), record(guid, "u")]) == Seeded(
        created=1, present=1, unusable=1
    )
    assert list(UuidItem.objects.values_list("guid", "sku", "stock")) == [(uuid.UUID(guid), "s", 0)]


@pytest.mark.parametrize(
    ("shop_settings", "model", "needed"),
    [
        (BY_PARTNER_SKU, "shops.StockRecord", "partner, partner__code, product, product__title, product__upc"),
        (NUMBER_ITEMS, "shops.NumberItem", "slug"),
        (STOCKED_GOODS, "shops.StockedGood", "good_ptr, name, onec_id"),
        (ITEMS | {"NAME": ""}, "shops.Item", "title"),
    ],
)
def test_model_that_needs_more_is_refused_in_one_line(
    shop_settings: dict[str, Any], model: str, needed: str, settings: Settings
) -> None:
    settings.STOCK_LOADER = shop_settings
    with pytest.raises(WrongSettingError) as refused:
        seed_products([record("1", "1")])
    assert str(refused.value) == (
        f"{model} cannot be created from an id, a sku and a name alone; it also needs: {needed}. Create its rows as "
        "the shop does."
    )
