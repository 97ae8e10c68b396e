"""The loader on the models of other shops: their rows, and nothing else, are what the file says."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from stock_loader.database.shop import mapping
from stock_loader.errors import AnotherLoadRunsError, OlderFileError, WrongSettingError
from stock_loader.journal.models import ImportSession
from stock_loader.load.run_lock import run_lock
from stock_loader.load.signals import stocks_loaded
from tests.documents import offer, offer_by_warehouse
from tests.shops.mappings import ITEMS, SHELVES
from tests.shops.models import Item, Shelf
from tests.shops.shop_loads import ZERO_MISSING, counts, updates
from tests.strategies import STRATEGIES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.parametrize("strategy", STRATEGIES)]


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


def test_run_locks_of_two_targets_are_two(load: Any, settings: Settings) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("needs sqlite: a server gives one session its lock twice")
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
