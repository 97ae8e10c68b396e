"""What an undo refuses, what force passes, and which loads are forgotten once they are undone."""

from pathlib import Path

import pytest

from apps.common.models import ImportSession
from apps.products.models import Product
from stock_loader.errors import NothingToUndoError, OlderFileError, RefusedByGuardError
from stock_loader.journal.pages import JournalPage
from stock_loader.load.guards import Guards, Limit
from tests.stock_loader.load.undo_loads import counts, load, stock, undo
from tests.strategies import STRATEGIES

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("strategy", STRATEGIES),
    pytest.mark.usefixtures("english"),
]


def test_dry_run_changes_nothing_and_says_what_it_would(rests: Path, strategy: str, shop: list[int]) -> None:
    loaded = load(rests, strategy, 1, 2)
    pages = JournalPage.objects.count()
    report = undo(loaded.session_id, strategy, dry_run=True, shown_changes=1)
    assert (stock(), counts(report)) == ([1, 2, 10, 10, 10], (2, 0, 0, 0))
    assert [(change.onec_id, change.old, change.new) for change in report.changes] == [("p0", 1, 10)]
    assert JournalPage.objects.count() == pages
    assert counts(undo(loaded.session_id, strategy)) == (2, 0, 0, 0)


def test_limits_refuse_and_force_passes_them(rests: Path, strategy: str, shop: list[int]) -> None:
    Product.objects.update(stock_quantity=0)
    loaded = load(rests, strategy, 1, 2)
    for guards, said in (
        (Guards(max_zeroed=Limit(1, False)), "products in stock that would go to 0: 2, the limit is 1 (--max-zeroed)."),
        (Guards(max_changed=Limit(39, True)), "products that would change: 2, the limit is 39% (--max-changed)."),
    ):
        with pytest.raises(RefusedByGuardError) as refused:
            undo(loaded.session_id, strategy, guards=guards)
        assert str(refused.value) == f"{said} Nothing was undone. To undo it all the same, repeat with --force."
    assert stock() == [1, 2, 0, 0, 0]
    report = undo(loaded.session_id, strategy, guards=Guards(max_zeroed=Limit(1, False)), is_forced=True)
    assert (stock(), report.details.zeroed_count) == ([0] * 5, 2)


def test_what_was_undone_is_not_undone_twice_but_by_force(rests: Path, strategy: str, shop: list[int]) -> None:
    loaded = load(rests, strategy, 11)
    first = undo(loaded.session_id, strategy, is_relative=True)
    with pytest.raises(RefusedByGuardError, match=f"was undone already, by session #{first.session_id}"):
        undo(loaded.session_id, strategy, is_relative=True)
    assert stock()[0] == 10
    assert counts(undo(loaded.session_id, strategy, is_forced=True)) == (0, 1, 0, 0)


def test_what_cannot_be_undone_is_one_line_and_no_session(rests: Path, strategy: str, shop: list[int]) -> None:
    dry = load(rests, strategy, 1, dry_run=True).session_id
    same = load(rests, strategy, 10).session_id
    unkept = load(rests, strategy, 1, keeps_journal=False).session_id
    pruned = load(rests, strategy, 2).session_id
    JournalPage.objects.filter(session=pruned).delete()
    failed = ImportSession.objects.create(import_type="stocks", status="failed").pk
    prices = ImportSession.objects.create(import_type="prices", status="completed").pk
    sessions = ImportSession.objects.count()
    nothing = "changed no stock: there is nothing to undo."
    for session, said in {
        dry: f"session #{dry} (a dry run) {nothing}",
        same: f"session #{same} (completed) {nothing}",
        failed: f"session #{failed} (failed) {nothing}",
        prices: f"there is no session #{prices} of a load of products.Product.stock_quantity.",
        10**12: f"there is no session #{10**12} of a load of products.Product.stock_quantity.",
        unkept: f"session #{unkept} changed 1 products, and the journal has 0 of these changes: it was switched off, ",
        pruned: f"session #{pruned} changed 1 products, and the journal has 0 of these changes: it was switched off, ",
    }.items():
        with pytest.raises(NothingToUndoError) as refused:
            undo(session, strategy)
        assert str(refused.value).startswith(said)
    assert (ImportSession.objects.count(), stock()[0]) == (sessions, 2)


def test_file_of_an_undone_load_is_loaded_again(rests: Path, strategy: str, shop: list[int]) -> None:
    loaded = load(rests, strategy, 1, skips_loaded=True)
    undo(loaded.session_id, strategy)
    again = load(rests, strategy, 1, skips_loaded=True)
    assert (again.details.skipped, stock()[0]) == (False, 1)
    assert load(rests, strategy, 1, skips_loaded=True).details.skipped


def test_date_of_an_undone_load_is_not_compared_with(rests: Path, strategy: str, shop: list[int]) -> None:
    load(rests, strategy, 3, date="2026-01-10T00:00:00")
    newer = load(rests, strategy, 4, date="2026-01-20T00:00:00")
    with pytest.raises(OlderFileError):
        load(rests, strategy, 3, date="2026-01-11T00:00:00")
    first = undo(newer.session_id, strategy)
    load(rests, strategy, 3, date="2026-01-11T00:00:00", dry_run=True)
    with pytest.raises(OlderFileError):
        load(rests, strategy, 3, date="2026-01-01T00:00:00")
    undo(first.session_id, strategy)
    with pytest.raises(OlderFileError):
        load(rests, strategy, 3, date="2026-01-11T00:00:00")
