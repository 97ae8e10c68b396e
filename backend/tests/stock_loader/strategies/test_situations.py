"""Which product an offer leads to and which of several offers counts: the same with every strategy."""

from dataclasses import asdict
from pathlib import Path

import pytest

from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from tests.stock_loader.strategies.situation import Situation
from tests.stock_loader.strategies.situations_of_missing import OF_MISSING
from tests.stock_loader.strategies.situations_of_offers import OF_OFFERS
from tests.stock_loader.strategies.situations_of_variants import OF_VARIANTS
from tests.stock_loader.strategies.stock_catalogues import PRODUCTS
from tests.stock_loader.strategies.stock_documents import write_document
from tests.strategies import STRATEGIES

pytestmark = pytest.mark.django_db(transaction=True)

SITUATIONS = OF_OFFERS | OF_VARIANTS | OF_MISSING


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("situation", SITUATIONS.values(), ids=SITUATIONS)
def test_situation_has_its_outcome(tmp_path: Path, situation: Situation, strategy: str) -> None:
    path = tmp_path / "rests.xml"
    write_document(path, situation.offers)
    for chunk_size in (1, 2, 1000):
        PRODUCTS.store(situation.rows)
        options = LoadOptions(
            file=str(path),
            strategy=strategy,
            chunk_size=chunk_size,
            batch_size=1,
            rules=situation.rules,
            is_forced=True,
            zeroes_no_stock_data=situation.zeroes_no_stock_data,
        )
        report = asdict(load_stocks(options).details)
        assert [row.quantity for row in PRODUCTS.rows()] == situation.quantities
        counts = {name.removesuffix("_count"): count for name, count in report.items() if name.endswith("_count")}
        assert counts.pop("document") == 1
        changed = sum(row.quantity != now for row, now in zip(situation.rows, situation.quantities, strict=True))
        assert counts.pop("changed") == changed
        assert {name: count for name, count in counts.items() if count} == situation.fates
