import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from apps.common.models import ImportSession
from apps.products.models import Product
from stock_loader.errors import RefusedByGuardError, StockLoadError
from stock_loader.load.guards import Guards, Limit
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.load.undo import UndoOptions, undo_load
from stock_loader.load.watchers import LoadWatcher
from stock_loader.outcome import ProductChange
from tests.documents import offer
from tests.documents import rests as document
from tests.strategies import STRATEGIES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english")]


@pytest.fixture(autouse=True)
def products(rests: Path) -> None:
    for name in "ab":
        Product.objects.create(onec_id=name, sku=name.upper(), name="", stock_quantity=5)
    rests.write_text(document(offer("a", 1), offer("b", 0), offer("c", 1)), encoding="utf-8")


def stock() -> dict[str | None, int]:
    return dict(Product.objects.values_list("onec_id", "stock_quantity"))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_changes_are_approved_before_they_are_written(strategy: str, rests: Path) -> None:
    seen: list[tuple[object, ...]] = []

    def approve(changes: Iterable[ProductChange]) -> None:
        seen.extend((change.onec_id, change.old, change.new) for change in changes)
        assert stock() == {"a": 5, "b": 5}

    report = load_stocks(LoadOptions(file=str(rests), strategy=strategy, approve=approve, asked_by="ann"))

    assert sorted(seen) == [("a", 5, 1), ("b", 5, 0)]
    assert stock() == {"a": 1, "b": 0}
    assert ImportSession.objects.get(pk=report.session_id).details["asked_by"] == "ann"


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_changes_that_are_not_approved_are_not_written(strategy: str, rests: Path) -> None:
    def approve(changes: Iterable[ProductChange]) -> None:
        raise StockLoadError("not these %(count)s.", count=len(list(changes)))

    with pytest.raises(StockLoadError, match=r"^not these 2\.$"):
        load_stocks(LoadOptions(file=str(rests), strategy=strategy, approve=approve))

    assert stock() == {"a": 5, "b": 5}
    session = ImportSession.objects.get()
    assert (session.status, session.error_message) == ("failed", "not these 2.")


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_forced_dry_run_tells_everything_that_would_refuse_the_load(strategy: str, rests: Path) -> None:
    told: list[str] = []
    none = Limit(0, is_percent=False)
    guards = Guards(max_zeroed=none, max_changed=Limit(2, is_percent=False), max_not_found=none)
    options = LoadOptions(file=str(rests), strategy=strategy, guards=guards, dry_run=True, is_forced=True)

    report = load_stocks(options, watcher=LoadWatcher(on_objections=lambda found: told.extend(map(str, found))))

    assert [text.partition(",")[0] for text in told] == [
        "products in stock that would go to 0: 1",
        "offers without a product: 1",
    ]
    assert (report.details.changed_count, report.details.zeroed_count, stock()) == (2, 1, {"a": 5, "b": 5})
    with pytest.raises(RefusedByGuardError, match="would go to 0: 1"):
        load_stocks(LoadOptions(file=str(rests), strategy=strategy, guards=guards))


@pytest.fixture
def loaded(rests: Path) -> int:
    """A load of both products, of which one was sold since."""
    report = load_stocks(LoadOptions(file=str(rests), strategy="bulk_update"))
    Product.objects.filter(onec_id="b").update(stock_quantity=3)
    return report.session_id


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize(("is_relative", "expected"), [(False, [("a", 1, 5)]), (True, [("a", 1, 5), ("b", 3, 8)])])
def test_changes_of_an_undo_are_approved_before_they_are_written(
    strategy: str, loaded: int, is_relative: bool, expected: list[tuple[object, ...]]
) -> None:
    seen: list[tuple[object, ...]] = []

    def approve(changes: Iterable[ProductChange]) -> None:
        seen.extend((change.onec_id, change.old, change.new) for change in changes)
        raise StockLoadError("not these.")

    options = UndoOptions(session=loaded, strategy=strategy, approve=approve, asked_by="ann", is_relative=is_relative)
    with pytest.raises(StockLoadError, match=r"^not these\.$"):
        undo_load(options)

    assert seen == expected
    assert stock() == {"a": 1, "b": 3}
    assert ImportSession.objects.get(status="failed").details["asked_by"] == "ann"


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_forced_dry_run_of_an_undo_tells_everything_that_would_refuse_it(strategy: str, loaded: int) -> None:
    undo = undo_load(UndoOptions(session=loaded, strategy=strategy)).session_id
    load_again = UndoOptions(session=undo, strategy=strategy)
    undo_load(load_again)
    told: list[str] = []
    seen: list[tuple[int, int]] = []
    watcher = LoadWatcher(
        on_objections=lambda errors: told.extend(error.text() for error in errors),
        on_changes=lambda total, compared: seen.append((total, compared)),
    )
    none = Limit(0, is_percent=False)
    options = UndoOptions(
        session=undo,
        strategy=strategy,
        guards=Guards(max_zeroed=none, max_changed=none),
        dry_run=True,
        is_forced=True,
        is_relative=True,
    )

    undo_load(options, watcher=watcher)

    assert [re.split("[:.;]", text)[0] for text in told] == [
        f"session #{undo} was undone already, by session #{undo + 1}",
        "products in stock that would go to 0",
        "products that would change",
    ]
    assert seen == [(1, 1)]
