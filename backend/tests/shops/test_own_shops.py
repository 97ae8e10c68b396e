"""The loader on the models of other shops: their rows, and nothing else, are what the file says."""

import json
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from pytest_django import Settings

from stock_loader.database.shop import mapping
from stock_loader.errors import AnotherLoadRunsError, OlderFileError, WrongSettingError
from stock_loader.journal.models import ImportSession
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.load.run_lock import run_lock
from stock_loader.load.signals import stocks_loaded
from stock_loader.outcome import LoadDetails
from stock_loader.strategies import MatchRules
from tests.documents import offer, offer_by_warehouse
from tests.documents import rests as document
from tests.shops.mappings import (
    BY_PARTNER_SKU,
    BY_UPC,
    ITEMS,
    NUMBER_ITEMS,
    SHELVES,
    STOCKED_GOODS,
    UUID_ITEMS,
)
from tests.shops.models import Good, Goods, Item, NumberItem, Partner, Shelf, StockedGood, StockRecord, UuidItem
from tests.strategies import STRATEGIES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.parametrize("strategy", STRATEGIES)]

PAST = datetime(2020, 1, 1, tzinfo=UTC)
ZERO_MISSING = MatchRules(zeroes_missing=True)


@pytest.fixture
def load(rests: Path, strategy: str) -> Any:
    """Load a document of these offers."""

    def load(*offers: str, **options: Any) -> LoadDetails:
        rests.write_text(document(*offers, date=options.pop("date", "2026-01-15T03:00:00")), "utf-8")
        report = load_stocks(LoadOptions(file=str(rests), strategy=strategy, exports_are_whole=True, **options))
        assert report.status == "completed"
        return report.details

    return load


def updates(captured: CaptureQueriesContext) -> list[str]:
    return [
        query["sql"]
        for query in captured
        if query["sql"].startswith("UPDATE")
        and "ImportSession" not in query["sql"]
        and "importsession" not in query["sql"]
    ]


def counts(details: LoadDetails) -> tuple[int, ...]:
    return (
        details.updated_count,
        details.unchanged_count,
        details.not_found_count,
        details.ambiguous_count,
        details.invalid_count,
    )


# An own small shop


def test_fraction_stays(load: Any, settings: Settings) -> None:
    settings.STOCK_LOADER = ITEMS
    items = [Item.objects.create(code1c=code, article=f"S{code}", title="Доска", qty=1) for code in "abcde"]
    Item.objects.filter(code1c="d").update(qty=None)
    offers = [
        offer("a", "2,750"),
        offer_by_warehouse("b", ["5.5", "2"]),
        offer("c", "0.0019"),
        offer("", "7.5", sku="Sd").replace("<Ид></Ид>", ""),
        offer("e", "1000000000"),
    ]
    Item.objects.filter(code1c="d").update(code1c=None)

    details = load(*offers)

    assert [str(item.qty) for item in Item.objects.order_by("pk")] == ["2.750", "7.500", "0.001", "7.500", "1.000"]
    assert counts(details) == (4, 0, 0, 0, 1)
    assert details.rounded_count == 1
    assert details.invalid[0]["seen"] == "1000000000"
    with CaptureQueriesContext(connection) as captured:
        details = load(*offers)
    assert (counts(details), updates(captured)) == ((0, 4, 0, 0, 1), [])
    assert len(items) == 5


def test_quantities_that_are_null_are_written_and_told(load: Any, settings: Settings, tmp_path: Path) -> None:
    """They differ from every number, are not in stock, and what the list of changes has is what the counts say."""
    settings.STOCK_LOADER = ITEMS
    for code in "abc":
        Item.objects.create(code1c=code, article=f"S{code}", title="Доска", qty=None)
    changes = tmp_path / "changes.jsonl"

    details = load(offer("a", 0), offer("b", 5), rules=ZERO_MISSING, changes_file=str(changes))

    assert [item.qty for item in Item.objects.order_by("pk")] == [0, 5, None]
    assert (details.changed_count, details.zeroed_count, details.missing_count) == (2, 0, 0)
    told = [json.loads(line) for line in changes.read_text().splitlines()]
    assert [(row["onec_id"], row["old"]) for row in told] == [("a", None), ("b", None)]


def test_lists_tell_decimals_as_people_write_them(load: Any, settings: Settings, tmp_path: Path) -> None:
    settings.STOCK_LOADER = ITEMS
    Item.objects.create(code1c="a", article="S", title="Доска", qty=None)
    changes, rejected = tmp_path / "changes.jsonl", tmp_path / "rejected.jsonl"
    load(offer("a", "2,75"), offer("z", "1,5"), changes_file=str(changes), rejected_file=str(rejected))
    [change] = map(json.loads, changes.read_text("utf-8").splitlines())
    assert (change["onec_id"], change["sku"], change["name"]) == ("a", "S", "Доска")
    assert (change["old"], change["new"]) == (None, "2.750")
    assert [json.loads(line)["seen"] for line in rejected.read_text("utf-8").splitlines()] == ["1.500"]


# Like django-oscar


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


def test_parts_and_skus_that_lead_to_several_rows_change_none(load: Any, settings: Settings) -> None:
    settings.STOCK_LOADER = SHELVES
    Shelf.objects.bulk_create(
        Shelf(code=code, article=article, stock=5)
        for code, article in [("a", "x"), ("a", "y"), (None, "s"), (None, "s"), ("b", "t")]
    )
    details = load(offer("a#1", 1), offer("c", 2, sku="s"), offer("b#1", 3), rules=MatchRules(sums_variants=True))
    assert list(Shelf.objects.order_by("pk").values_list("stock", flat=True)) == [5, 5, 5, 5, 3]
    assert counts(details) == (1, 0, 0, 2, 0)


# Keys of every kind


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


# Sessions, locks and signals


def test_targets_do_not_hinder_each_other(load: Any, settings: Settings) -> None:
    settings.STOCK_LOADER = ITEMS
    Item.objects.create(code1c="a", article="s", title="t", qty=1)
    Shelf.objects.create(code="a", article="s", stock=1)
    load(offer("a", 2), date="2026-02-01T00:00:00")
    settings.STOCK_LOADER = SHELVES
    assert not load(offer("a", 2), date="2026-01-01T00:00:00", skips_loaded=True).skipped
    assert load(offer("a", 2), date="2026-01-01T00:00:00", skips_loaded=True).skipped
    settings.STOCK_LOADER = ITEMS
    with pytest.raises(OlderFileError):
        load(offer("a", 2), date="2026-01-01T00:00:00")
    assert set(ImportSession.objects.values_list("details__target", flat=True)) == {
        "shops.Item.qty",
        "shops.Shelf.stock",
    }


@pytest.mark.sqlite
def test_run_locks_of_two_targets_are_two(load: Any, settings: Settings) -> None:
    settings.STOCK_LOADER = ITEMS
    with run_lock(connection, mapping().lock_name) as lock:
        assert lock.try_obtain()
        with pytest.raises(AnotherLoadRunsError):
            load(offer("a", 2))
        settings.STOCK_LOADER = SHELVES
        load(offer("a", 2))


def test_signal_tells_old_and_new_quantities(load: Any, settings: Settings) -> None:
    settings.STOCK_LOADER = SHELVES
    shelves = Shelf.objects.bulk_create(Shelf(code=str(n), article=str(n), stock=n or None) for n in range(3))
    told: list[Any] = []

    def listen(sender: Any, session: Any, changes: Any, product_ids: Any, **_: Any) -> None:
        told.append((sender, session.pk, list(changes), list(product_ids)))

    stocks_loaded.connect(listen, sender=Shelf)
    try:
        load(offer("0", 7), offer("1", 1), offer("2", 0))
    finally:
        stocks_loaded.disconnect(listen, sender=Shelf)
    keys = [shelf.pk for shelf in shelves]
    session = ImportSession.objects.latest("pk").pk
    assert told == [(Shelf, session, [(keys[0], None, 7), (keys[2], 2, 0)], [keys[0], keys[2]])]


def test_wrong_setting_is_refused_before_the_session(load: Any, settings: Settings) -> None:
    settings.STOCK_LOADER = ITEMS | {"ONEC_ID": "code"}
    with pytest.raises(WrongSettingError):
        load(offer("a", 2))
    assert not ImportSession.objects.exists()


def test_decimal_values_are_exact(load: Any, settings: Settings) -> None:
    settings.STOCK_LOADER = ITEMS
    Item.objects.create(code1c="a", article="s", title="t", qty=0)
    load(offer("a", "123456789,123"))
    assert Item.objects.get().qty == Decimal("123456789.123")
