"""The mapping has a filter, as a shop like django-oscar needs: no other row changes or is counted."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import translation
from pytest_django import Settings

from tests.documents import offer
from tests.shops.mappings import BY_PARTNER_SKU, BY_UPC
from tests.shops.models import Goods, Partner, StockRecord
from tests.shops.shop_loads import ZERO_MISSING, counts
from tests.strategies import STRATEGIES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.parametrize("strategy", STRATEGIES)]

PAST = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def partners(settings: Settings) -> dict[str, StockRecord]:
    settings.STOCK_LOADER = BY_PARTNER_SKU
    ours, other = (Partner.objects.create(code=code) for code in ("1c", "other"))
    goods = [Goods.objects.create(upc=f"upc {n}", title=f"goods {n}") for n in range(4)]
    for n, product in enumerate(goods):
        quantity = None if n == 3 else n
        for partner in (ours, other):
            StockRecord.objects.create(
                product=product, partner=partner, partner_sku=f"sku {n}", num_in_stock=quantity, num_allocated=1
            )
    StockRecord.objects.update(date_updated=PAST)
    return {}


def stock(partner: str) -> list[int | None]:
    records = StockRecord.objects.filter(partner__code=partner).order_by("partner_sku")
    return list(records.values_list("num_in_stock", flat=True))


def touched() -> list[str]:
    changed = StockRecord.objects.exclude(date_updated=PAST).order_by("pk")
    return [f"{code} {sku}" for code, sku in changed.values_list("partner__code", "partner_sku")]


@pytest.mark.usefixtures("partners")
@pytest.mark.parametrize("by", ["partner_sku", "upc"])
def test_only_the_rows_of_the_filter_change(load: Any, by: str, settings: Settings) -> None:
    if by == "upc":
        settings.STOCK_LOADER = BY_UPC
    key = "sku" if by == "partner_sku" else "upc"

    details = load(offer(f"{key} 0", 5), offer(f"{key} 1", 1), offer(f"{key} 3", 0), offer("unknown", 9))

    assert counts(details) == (2, 1, 1, 0, 0)
    assert stock("1c") == [5, 1, 2, 0]
    assert stock("other") == [0, 1, 2, None]
    assert touched() == ["1c sku 0", "1c sku 3"]
    assert details.zeroed_count == 0  # nothing was known, so nothing went from above 0 to 0
    assert set(StockRecord.objects.values_list("num_allocated", flat=True)) == {1}


@pytest.mark.usefixtures("partners")
@pytest.mark.parametrize("by", [BY_PARTNER_SKU, BY_UPC], ids=["partner_sku", "upc"])
def test_missing_rows_are_zeroed_within_the_filter_only(load: Any, by: dict[str, Any], settings: Settings) -> None:
    settings.STOCK_LOADER = by
    key = "sku" if by is BY_PARTNER_SKU else "upc"
    details = load(offer(f"{key} 0", 0), offer(f"{key} 1", 1), rules=ZERO_MISSING)
    assert (stock("1c"), stock("other")) == ([0, 1, 0, None], [0, 1, 2, None])
    assert (details.missing_count, details.zeroed_count) == (1, 1)


@pytest.mark.usefixtures("partners")
def test_limits_count_the_rows_of_the_filter(load: Any, settings: Settings) -> None:
    details = load(offer("sku 1", 0), offer("sku 2", 2), dry_run=True)
    assert (details.zeroed_count, stock("1c")) == (1, [0, 1, 2, None])
    assert details.target == 'shops.StockRecord.num_in_stock {"partner__code": "1c"}'


@pytest.mark.usefixtures("partners")
def test_key_that_leads_to_several_rows_changes_none(load: Any, settings: Settings) -> None:
    settings.STOCK_LOADER = BY_UPC | {"FILTER": {}}
    with translation.override("en"):
        details = load(offer("upc 0", 7), offer("upc 0", 8), offer("upc 9", 9), rules=ZERO_MISSING, is_forced=True)
    assert counts(details) == (0, 0, 1, 1, 0)
    assert details.duplicate_count == 1
    assert [(offer["onec_id"], offer["code"]) for offer in details.ambiguous] == [("upc 0", "ambiguous_key")]
    assert stock("1c") == stock("other") == [0, 0, 0, None]
    assert [warning["code"] for warning in details.warnings] == ["nothing_matched", "key_not_unique"]
