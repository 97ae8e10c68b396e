"""What a load costs in queries, whatever is in the file."""

import math
import re
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.products.models import Product
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.strategies.bulk_update.strategy import BulkUpdate
from stock_loader.strategies.copy.strategy import Copy
from tests.stock_loader.strategies.stock_documents import Offer, pieces, write_document
from tests.stock_loader.strategies.stock_records import create_products, opener, record
from tests.strategies import STRATEGIES

pytestmark = pytest.mark.django_db

LOCK_WORDS = "FOR NO KEY UPDATE"


PRODUCTS = re.compile(r'["`]products_product["`]')


def statements(captured: CaptureQueriesContext) -> list[str]:
    return [" ".join(query["sql"].split()) for query in captured]


def written_products(sent: list[str]) -> list[str]:
    """The statements that change products, one that keeps its journal too among them."""
    return [
        sql
        for sql in (sql.removeprefix("WITH written AS (").lstrip() for sql in sent)
        if sql.startswith(("UPDATE", "INSERT", "DELETE")) and PRODUCTS.search(sql.split(" FROM ")[0])
    ]


@pytest.mark.parametrize("chunk_size", [1, 3, 10, 11])
def test_known_offers_cost_one_lookup_a_chunk(chunk_size: int) -> None:
    create_products(10)
    records = [record(f"id {number}") for number in range(10)]
    with CaptureQueriesContext(connection) as captured:
        BulkUpdate(batch_size=1, chunk_size=chunk_size).read(opener(*records))
    assert len(captured) == math.ceil(10 / chunk_size)


@pytest.mark.parametrize("chunk_size", [1, 3, 10, 11])
def test_unknown_offers_cost_two_lookups_a_chunk(chunk_size: int) -> None:
    records = [record(f"id {number}") for number in range(10)]
    with CaptureQueriesContext(connection) as captured:
        BulkUpdate(batch_size=1, chunk_size=chunk_size).read(opener(*records))
    assert len(captured) == 2 * math.ceil(10 / chunk_size)


def test_repeated_offers_cost_a_second_reading_and_a_lookup_more() -> None:
    create_products(10)
    records = [record(f"id {number % 10}") for number in range(12)]
    with CaptureQueriesContext(connection) as captured:
        BulkUpdate(batch_size=1, chunk_size=12).read(opener(*records))
    assert (
        len(captured) == 1 + 1 + 1
    )  # the first reading, the offers of the second that are not repeated, those that are


def test_offers_without_an_id_or_a_product_cost_no_empty_lookup() -> None:
    with CaptureQueriesContext(connection) as captured:
        BulkUpdate(batch_size=1, chunk_size=5).read(opener(record("", sku="a"), record("", sku="b")))
    assert len(captured) == 1


def written_by(batch_size: int, *, meanwhile: int = 0) -> list[str]:
    """Statements that write 10 products, after so many were changed since they were read; looked at one by one."""
    create_products(10)
    _ = connection.features.supports_json_field  # Django asks SQLite once a connection
    strategy = BulkUpdate(batch_size=batch_size, chunk_size=100)
    findings = strategy.read(opener(*(record(f"id {number}", 100 + number) for number in range(10))))
    changed = Product.objects.order_by("pk").values_list("pk", flat=True)[:meanwhile]
    Product.objects.filter(pk__in=list(changed)).update(stock_quantity=7)
    with CaptureQueriesContext(connection) as captured, transaction.atomic():
        strategy.write(findings)
    assert list(Product.objects.order_by("pk").values_list("stock_quantity", flat=True)) == list(range(100, 110))
    sent = [sql for sql in statements(captured) if "SAVEPOINT" not in sql]
    assert "TRIGGER" in sent[-1].upper(), "whether one keeps quantities as they were"
    return sent[:-1]


@pytest.mark.sqlite
@pytest.mark.postgresql
@pytest.mark.parametrize("batch_size", [1, 3, 10, 11])
def test_writing_costs_one_update_a_batch_and_a_setting(batch_size: int) -> None:
    sent = written_by(batch_size)
    if connection.vendor == "postgresql":
        assert "set_config" in sent.pop(0)
    assert len(sent) == math.ceil(10 / batch_size)
    assert all(sql.startswith("UPDATE") for sql in sent)


@pytest.mark.parametrize("batch_size", [1, 3, 10, 11])
def test_writing_what_changed_meanwhile_costs_one_lock_and_one_update_a_batch_more(batch_size: int) -> None:
    batches = math.ceil(10 / batch_size)
    sent = written_by(batch_size, meanwhile=1)[-2 * batches :]
    assert all(sql.startswith("SELECT") and "ORDER BY 1 ASC" in sql for sql in sent[:batches])
    assert all(sql.startswith("UPDATE") for sql in sent[batches:])
    assert sum(LOCK_WORDS in sql for sql in sent) == (batches if connection.vendor == "postgresql" else 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_load_that_changes_nothing_writes_no_products(tmp_path: Path, strategy: str) -> None:
    create_products(10, quantity=7)
    path = tmp_path / "rests.xml"
    write_document(path, [Offer(f"id {number}", stock=pieces(7)) for number in range(10)] + [Offer("unknown")])
    with CaptureQueriesContext(connection) as captured:
        report = load_stocks(LoadOptions(file=str(path), strategy=strategy))
    assert (report.details.unchanged_count, report.details.not_found_count) == (10, 1)
    assert written_products(statements(captured)) == []
    assert not any(LOCK_WORDS in sql for sql in statements(captured))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_second_load_of_a_file_writes_no_products(tmp_path: Path, strategy: str) -> None:
    create_products(10)
    path = tmp_path / "rests.xml"
    write_document(path, [Offer(f"id {number}", stock=pieces(number)) for number in range(10)])
    options = LoadOptions(file=str(path), strategy=strategy, batch_size=3)
    with CaptureQueriesContext(connection) as first:
        load_stocks(options)
    with CaptureQueriesContext(connection) as second:
        load_stocks(options)
    assert len(written_products(statements(first))) == {"bulk_update": 3, "copy": 1}[strategy]
    assert written_products(statements(second)) == []


@pytest.mark.postgresql
@pytest.mark.parametrize("count", [1, 100, 3000])
def test_copy_costs_the_same_for_any_number_of_offers(count: int) -> None:
    create_products(count)
    strategy = Copy()
    records = [record(f"id {number}", 5) for number in range(count)]
    with CaptureQueriesContext(connection) as read:
        findings = strategy.read(opener(*records))
    with CaptureQueriesContext(connection) as written:
        strategy.write(findings)
    assert (findings.to_update, len(read), len(written)) == (count, 8, 5)


@pytest.mark.postgresql
def test_copy_of_every_kind_of_offer_costs_a_few_statements_more() -> None:
    create_products(10)
    records = [record(f"id {number}", 5) for number in range(5)]
    records += [record("id 1", 6), record("x", sku="sku 7"), record("y", sku="sku 7"), record("unknown")]
    strategy = Copy()
    with CaptureQueriesContext(connection) as read:
        strategy.read(opener(*records))
    # repeated ids dropped; what is left, what repeats there, its match by sku, what that superseded; what was not found
    assert len(read) == 9 + 1 + 5
