"""Keys of every kind lead to their rows: UUIDs, numbers, keys of a parent, and keys that several rows have."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from stock_loader.strategies import MatchRules
from tests.documents import offer
from tests.shops.mappings import NUMBER_ITEMS, SHELVES, STOCKED_GOODS, UUID_ITEMS
from tests.shops.models import Good, NumberItem, Shelf, StockedGood, UuidItem
from tests.shops.shop_loads import ZERO_MISSING, counts, updates
from tests.strategies import STRATEGIES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.parametrize("strategy", STRATEGIES)]


def test_parts_and_skus_that_lead_to_several_rows_change_none(load: Any, settings: Settings) -> None:
    settings.STOCK_LOADER = SHELVES
    Shelf.objects.bulk_create(
        Shelf(code=code, article=article, stock=5)
        for code, article in [("a", "x"), ("a", "y"), (None, "s"), (None, "s"), ("b", "t")]
    )
    details = load(offer("a#1", 1), offer("c", 2, sku="s"), offer("b#1", 3), rules=MatchRules(sums_variants=True))
    assert list(Shelf.objects.order_by("pk").values_list("stock", flat=True)) == [5, 5, 5, 5, 3]
    assert counts(details) == (1, 0, 0, 2, 0)


def test_uuids_find_their_rows(load: Any, settings: Settings) -> None:
    settings.STOCK_LOADER = UUID_ITEMS
    guids = [uuid.UUID(int=n) for n in range(1, 4)]
    for n, guid in enumerate(guids):
        UuidItem.objects.create(guid=guid, sku=f"s{n}", stock=5)
    UuidItem.objects.create(guid=None, sku="none", stock=5)
    details = load(
        offer(str(guids[0]), 10**12), offer(str(guids[1]), 5), offer("none", 1), offer("7", 1), rules=ZERO_MISSING
    )
    assert list(UuidItem.objects.order_by("sku").values_list("stock", flat=True)) == [1, 10**12, 5, 0]
    assert counts(details) == (2, 1, 1, 0, 0)


def test_whole_numbers_find_their_rows_and_other_texts_nothing(load: Any, settings: Settings) -> None:
    settings.STOCK_LOADER = NUMBER_ITEMS
    NumberItem.objects.bulk_create(
        NumberItem(slug=f"item {n}", number=n or None, article=100 + n, stock=n) for n in range(5)
    )
    details = load(
        offer("1", 10),
        offer("x", 1),
        offer("007", 1),
        offer("99999999999", 1),
        offer("100", 9),
        offer("3", 32768),
        rules=ZERO_MISSING,
    )
    assert dict(NumberItem.objects.values_list("slug", "stock")) == {
        "item 0": 9,
        "item 1": 10,
        "item 2": 0,
        "item 3": 3,
        "item 4": 0,
    }
    assert counts(details) == (2, 0, 3, 0, 1)
    assert details.missing_count == 2


def test_rows_whose_key_is_that_of_their_parent(load: Any, settings: Settings) -> None:
    settings.STOCK_LOADER = STOCKED_GOODS
    for n in range(3):
        StockedGood.objects.create(onec_id=f"g{n}", name="good", sku=f"s{n}", stock=3)
    Good.objects.create(onec_id="g9", name="no stock")
    with CaptureQueriesContext(connection) as captured:
        details = load(offer("g0", 4), offer("g1", 3), offer("g9", 1), rules=ZERO_MISSING)
    assert list(StockedGood.objects.order_by("sku").values_list("stock", flat=True)) == [4, 3, 0]
    assert [good.stocked_at is not None for good in StockedGood.objects.order_by("sku")] == [True, False, True]
    assert counts(details) == (1, 1, 1, 0, 0)
    assert not [sql for sql in updates(captured) if "CASE" in sql]
