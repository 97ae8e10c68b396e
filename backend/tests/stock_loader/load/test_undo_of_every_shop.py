"""A load and its undo give the old stock of every kind of shop."""

import random
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.strategies import MatchRules
from tests.documents import offer
from tests.documents import rests as document
from tests.shops.mappings import BY_PARTNER_SKU, ITEMS, NUMBER_ITEMS, STOCKED_GOODS, UUID_ITEMS
from tests.shops.models import Goods, Item, NumberItem, Partner, StockedGood, StockRecord, UuidItem
from tests.stock_loader.load.undo_loads import counts, undo
from tests.strategies import STRATEGIES

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("strategy", STRATEGIES),
    pytest.mark.usefixtures("english"),
]


SHOPS: dict[str, tuple[dict[str, Any], Any, str]] = {
    "decimals": (
        ITEMS,
        lambda n: Item(code1c=f"c{n}", article=f"a{n}", title="t", qty=None if n % 3 == 0 else Decimal(f"{n}.500")),
        "c{}",
    ),
    "UUIDs": (
        UUID_ITEMS,
        lambda n: UuidItem(guid=uuid.UUID(int=n), sku=f"c{n}", stock=n),
        f"{uuid.UUID(int=0)}"[:-2] + "{:02x}",
    ),
    "texts": (
        NUMBER_ITEMS,
        lambda n: NumberItem(slug=f'Я "{n}" \\{n}'[n % 3 :], number=n, article=n + 900, stock=n % 4 or None),
        "{}",
    ),
    "parents": (STOCKED_GOODS, lambda n: StockedGood(onec_id=f"c{n}", name="n", sku=f"s{n}", stock=n), "c{}"),
    "a filter": (
        BY_PARTNER_SKU,
        lambda n: StockRecord(
            product=Goods.objects.create(upc=f"u{n}", title="t"),
            partner=Partner.objects.get_or_create(code="1c" if n % 2 else "other")[0],
            partner_sku=f"c{n}",
            num_in_stock=n % 5 or None,
        ),
        "c{}",
    ),
}


@pytest.mark.parametrize("kind", SHOPS)
@pytest.mark.parametrize("is_relative", [False, True])
def test_load_and_undo_give_the_old_stock_of_every_shop(
    rests: Path, strategy: str, kind: str, settings: Settings, *, is_relative: bool
) -> None:
    settings.STOCK_LOADER, make, ids = SHOPS[kind]
    rows = [make(n) for n in range(1, 40)]
    for row in rows:
        row.save()
    model, field = type(rows[0]), settings.STOCK_LOADER["QUANTITY"]

    def quantities() -> dict[Any, Any]:
        return dict(model._default_manager.values_list("pk", field))

    chance = random.Random(kind)
    old = quantities()
    offers = [offer(ids.format(n), chance.randrange(60)) for n in chance.sample(range(1, 40), 30)]
    rests.write_text(document(*offers), "utf-8")
    rules = MatchRules(zeroes_missing=True)
    options: dict[str, Any] = {"is_forced": True, "exports_are_whole": True, "rules": rules}
    loaded = load_stocks(LoadOptions(file=str(rests), strategy=strategy, **options))
    new = quantities()
    undone = undo(loaded.session_id, strategy, is_relative=is_relative, is_forced=True)
    assert loaded.details.changed_count > 5
    assert (quantities(), counts(undone)) == (old, (loaded.details.changed_count, 0, 0, 0))
    again = undo(undone.session_id, strategy, is_forced=True)
    assert (quantities(), counts(again)) == (new, (loaded.details.changed_count, 0, 0, 0))
