import re
from collections.abc import Iterator

import pytest
from django.db import DataError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.products.models import Product
from stock_loader.commerceml.records import Problem, StockRecord
from stock_loader.errors import DocumentError
from stock_loader.outcome import ListedOffer, Written
from stock_loader.reasons import Reason
from stock_loader.strategies import MatchRules
from stock_loader.strategies.copy.strategy import Copy
from tests.stock_loader.strategies.copy.temporary import temporary_tables
from tests.stock_loader.strategies.stock_records import create_products, opener, record

pytestmark = [pytest.mark.django_db, pytest.mark.copy]


def quantities() -> list[int]:
    return list(Product.objects.order_by("pk").values_list("stock_quantity", flat=True))


def test_reading_writes_nothing_and_closing_leaves_nothing() -> None:
    create_products(3)
    strategy = Copy()
    findings = strategy.read(opener(*(record(f"id {number}", 5) for number in range(3))))
    assert findings.to_update == 3
    assert quantities() == [1, 1, 1]
    assert temporary_tables()
    strategy.close()
    assert temporary_tables() == set()


def test_reading_again_starts_anew() -> None:
    create_products(3)
    strategy = Copy(rules=MatchRules(sku_takes_any=True))
    strategy.read(opener(*(record(f"id {number}", 5) for number in range(3)), record("x", sku="sku 1")))
    findings = strategy.read(opener(record("id 2", 5), record("x", sku="sku 1")))
    assert (findings.to_update, findings.unchanged, findings.total) == (1, 1, 2)


def test_row_that_somebody_set_to_the_same_meanwhile_is_not_updated() -> None:
    create_products(3)
    strategy = Copy()
    findings = strategy.read(opener(*(record(f"id {number}", 0) for number in range(3))))
    Product.objects.filter(onec_id="id 1").update(stock_quantity=0)
    assert strategy.write(findings) == Written(updated=2, changed=2, zeroed=2, already_equal=1)
    assert Product.objects.get(onec_id="id 1").stock_updated_at is None


def test_row_that_somebody_sold_from_meanwhile_gets_the_quantity_of_the_file() -> None:
    create_products(1, quantity=9)
    strategy = Copy()
    findings = strategy.read(opener(record("id 0", 5)))
    Product.objects.update(stock_quantity=8)
    assert strategy.write(findings) == Written(updated=1, changed=1, zeroed=0)
    assert quantities() == [5]


def test_row_that_somebody_deleted_meanwhile_is_gone() -> None:
    create_products(3)
    strategy = Copy()
    findings = strategy.read(opener(*(record(f"id {number}", 0) for number in range(3))))
    Product.objects.filter(onec_id="id 1").delete()
    assert strategy.write(findings) == Written(updated=2, changed=2, zeroed=2, gone=1)


def test_rows_are_locked_by_a_statement_of_their_own_only_where_they_are_listed_before() -> None:
    create_products(3)
    strategy = Copy()
    findings = strategy.read(opener(*(record(f"id {number}", 5) for number in range(3))))
    seen: list[list[object]] = []
    for on_locked in (None, lambda: seen.append([change.new for change in strategy.changes()])):
        with CaptureQueriesContext(connection) as captured, transaction.atomic():
            assert strategy.write(findings, on_locked=on_locked) == Written(updated=3, changed=3, zeroed=0)
            transaction.set_rollback(True)
        locks = [query["sql"] for query in captured if re.search(r"FOR (NO KEY )?UPDATE", query["sql"])]
        assert len(locks) == (on_locked is not None)
    assert seen == [[5, 5, 5]]


def test_write_can_be_repeated_after_its_transaction_was_undone() -> None:
    create_products(3)
    strategy = Copy()
    findings = strategy.read(opener(*(record(f"id {number}", 5) for number in range(3))))
    with transaction.atomic():
        strategy.write(findings)
        transaction.set_rollback(True)
    assert quantities() == [1, 1, 1]
    assert strategy.write(findings) == Written(updated=3, changed=3, zeroed=0)
    assert quantities() == [5, 5, 5]


@pytest.mark.django_db(transaction=True)
def test_error_of_the_records_comes_out_as_it_is_and_the_connection_goes_on() -> None:
    def broken() -> Iterator[StockRecord]:
        for number in range(100_000):
            yield record(f"id {number}", 5)
        raise DocumentError("broken")

    strategy = Copy()
    with pytest.raises(DocumentError, match=r"^broken$"):
        strategy.read(broken)
    strategy.close()
    assert quantities() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("stop", [SystemExit(143), KeyboardInterrupt(), MemoryError()])
def test_whatever_stops_the_records_comes_out_as_it_is(stop: BaseException) -> None:
    def stopped() -> Iterator[StockRecord]:
        yield record("id 0", 5)
        raise stop

    with pytest.raises(type(stop)) as raised:
        Copy().read(stopped)
    assert raised.value is stop


@pytest.mark.django_db(transaction=True)
def test_error_of_the_database_is_an_error_of_the_database() -> None:
    with pytest.raises(DataError, match=r"(?i)out of range"):
        Copy().read(opener(record("id 0", 2**40)))


def test_texts_come_back_from_the_server_as_they_went() -> None:
    texts = ["\\.", "\\N", "a\\tb", "a\\\\b", "я", "\N{GRINNING FACE}", "'\"{},%s", "x" * 300]
    invalid = [
        StockRecord(line, text, text, None, problem=Problem.NOT_A_NUMBER, seen=text) for line, text in enumerate(texts)
    ]
    findings = Copy().read(opener(*invalid))
    assert findings.invalid_offers == tuple(
        ListedOffer(line + 1, line, text, text, text, Reason.NOT_A_NUMBER) for line, text in enumerate(texts)
    )
