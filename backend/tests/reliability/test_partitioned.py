"""Products in a partitioned table: both strategies do all that they do of a plain one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.products.models import Product
from stock_loader.errors import DatabaseFailedError
from stock_loader.journal.changes import changes_of
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.load.undo import UndoOptions, undo_load
from stock_loader.outcome import LoadReport, StockChange
from stock_loader.strategies import MatchRules
from tests.documents import offer
from tests.documents import rests as document
from tests.partitioned import PARTITIONS, partitioned_products
from tests.reliability.shop import NEW, OLD, executed, last_message, open_shop, statuses, stock, write_new_stock
from tests.stock_loader.strategies.stock_examples import DOCUMENTS, RULES, SHARING_OFFERS, SHARING_ROWS, SIZES
from tests.stock_loader.strategies.stock_outcomes import Rules
from tests.stock_loader.strategies.test_strategies_agree import check_all_strategies
from tests.strategies import STRATEGIES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]
each_strategy = pytest.mark.parametrize("strategy", STRATEGIES)


@pytest.fixture(autouse=True)
def partitioned(transactional_db: None) -> Iterator[None]:
    with partitioned_products():
        yield


def load(file: str, strategy: str, **options: Any) -> LoadReport:
    small: dict[str, Any] = {"batch_size": 4, "chunk_size": 4, "exports_are_whole": True}
    return load_stocks(LoadOptions(file=file, strategy=strategy, **small, **options))


def rows_by_partition() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM products_product GROUP BY tableoid")
        return [count for (count,) in cursor.fetchall()]


@each_strategy
def test_load_dry_run_missing_journal_and_undo(strategy: str, rests: Path) -> None:
    open_shop()
    assert len(rows_by_partition()) == PARTITIONS
    keys = list(Product.objects.order_by("pk").values_list("pk", flat=True))
    file = write_new_stock(rests)

    dry = load(file, strategy, dry_run=True, shown_changes=2)
    assert [(change.old, change.new) for change in dry.changes] == [(5, 10), (5, 11)]
    assert (dry.details.changed_count, stock()) == (10, OLD)

    report = load(file, strategy)
    assert (report.details.updated_count, report.details.changed_count, stock()) == (10, 10, NEW)
    assert list(changes_of(report.session_id)) == [StockChange(*change) for change in zip(keys, OLD, NEW, strict=True)]
    assert load(file, strategy).details.unchanged_count == 10

    rests.write_text(document(*(offer(f"p{n}", NEW[n]) for n in range(8)), date="2026-01-16T03:00:00"), "utf-8")
    missing = load(file, strategy, rules=MatchRules(zeroes_missing=True))
    assert (missing.details.missing_count, stock()) == (2, [*NEW[:8], 0, 0])

    for session in (missing.session_id, report.session_id):
        undo_load(UndoOptions(session=session, strategy=strategy, batch_size=4))
    assert list(Product.objects.order_by("pk").values_list("stock_quantity", flat=True)) == OLD
    assert statuses() == ["completed"] * 6


@each_strategy
def test_ids_that_partitions_hold_twice_are_ambiguous_and_change_nothing(strategy: str, rests: Path) -> None:
    """No index of the table can promise what the model does."""
    open_shop()
    Product.objects.create(onec_id="p1", sku="S100")
    Product.objects.create(onec_id=None, sku="S2")
    offers = [offer("p0", 7), offer("p1", 7), offer("", 7, sku="S2"), offer("", 7, sku="S3")]
    rests.write_text(document(*offers), "utf-8")
    details = load(str(rests), strategy, rules=MatchRules(sku_takes_any=True)).details
    assert (
        list(Product.objects.order_by("pk").values_list("stock_quantity", flat=True))
        == [7, 5, 5, 7] + [5] * 6 + [0] * 2
    )
    assert (details.updated_count, details.ambiguous_count) == (2, 2)


@given(rows=SHARING_ROWS, offers=DOCUMENTS | SHARING_OFFERS, rules=RULES, sizes=st.tuples(SIZES, SIZES))
@settings(max_examples=10, deadline=None)
def test_any_catalogue_and_file_give_what_the_rules_say(
    tmp_path_factory: pytest.TempPathFactory, rows: Any, offers: Any, rules: Rules, sizes: tuple[int, int]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    check_all_strategies(folder, rows, offers, rules, chunk_size=sizes[0], batch_size=sizes[1])


@each_strategy
def test_trigger_of_one_partition_that_keeps_quantities_fails_the_load(strategy: str, rests: Path) -> None:
    open_shop()
    with (
        executed(
            "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
            "CREATE TRIGGER keeps BEFORE UPDATE ON part_of_product_0 FOR EACH ROW EXECUTE FUNCTION keep()",
            undone_by="DROP TRIGGER keeps ON part_of_product_0; DROP FUNCTION keep",
        ),
        pytest.raises(DatabaseFailedError, match="TRIGGER keeps"),
    ):
        load(write_new_stock(rests), strategy)
    assert (stock(), statuses()) == (OLD, ["failed"])
    assert "did not take their new quantity" in last_message()


def test_migration_fills_the_pages_of_every_partition_to_one_half() -> None:
    def fill() -> list[object]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT reloptions FROM pg_class WHERE relname ~ '^part_of_product_[0-9]$'")
            return [options for (options,) in cursor.fetchall()]

    try:
        call_command("migrate", "products", "0001", verbosity=0)
        assert fill() == [None] * PARTITIONS
    finally:
        call_command("migrate", "products", verbosity=0)
    assert fill() == [["fillfactor=50"]] * PARTITIONS
