from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from apps.products.models import Product
from stock_loader.commerceml.records import StockRecord
from stock_loader.errors import DocumentError
from stock_loader.outcome import ListedOffer, Written
from stock_loader.reasons import Reason
from stock_loader.strategies.bulk_update.strategy import BulkUpdate
from tests.stock_loader.strategies.stock_records import create_products, opener, record

pytestmark = pytest.mark.django_db


def strategy(*, batch_size: int = 2, chunk_size: int = 2) -> BulkUpdate:
    return BulkUpdate(batch_size=batch_size, chunk_size=chunk_size)


def quantities() -> list[int]:
    return list(Product.objects.order_by("pk").values_list("stock_quantity", flat=True))


def test_reading_writes_nothing() -> None:
    create_products(3)
    findings = strategy().read(opener(*(record(f"id {number}", 5) for number in range(3))))
    assert findings.to_update == 3
    assert quantities() == [1, 1, 1]


def test_written_rows_share_one_moment_and_others_keep_theirs() -> None:
    create_products(5)
    before = timezone.now()
    load = strategy()
    written = load.write(load.read(opener(*(record(f"id {number}", number) for number in range(5)))))
    assert written == Written(updated=4, changed=4, zeroed=1)
    moments = dict(Product.objects.values_list("onec_id", "stock_updated_at"))
    assert moments.pop("id 1") is None
    (moment,) = set(moments.values())
    assert moment is not None
    assert before <= moment <= before + timedelta(minutes=1)


def test_row_that_somebody_set_to_the_same_meanwhile_is_not_updated() -> None:
    create_products(3)
    load = strategy()
    findings = load.read(opener(*(record(f"id {number}", 0) for number in range(3))))
    Product.objects.filter(onec_id="id 1").update(stock_quantity=0)
    assert load.write(findings) == Written(updated=2, changed=2, zeroed=2, already_equal=1)
    assert Product.objects.get(onec_id="id 1").stock_updated_at is None


def test_row_that_somebody_sold_from_meanwhile_gets_the_quantity_of_the_file() -> None:
    create_products(1, quantity=9)
    load = strategy()
    findings = load.read(opener(record("id 0", 5)))
    Product.objects.update(stock_quantity=8)
    assert load.write(findings) == Written(updated=1, changed=1, zeroed=0)
    assert quantities() == [5]


def test_row_that_somebody_deleted_meanwhile_is_gone() -> None:
    create_products(3)
    load = strategy(batch_size=1)
    findings = load.read(opener(*(record(f"id {number}", 0) for number in range(3))))
    Product.objects.filter(onec_id="id 1").delete()
    assert load.write(findings) == Written(updated=2, changed=2, zeroed=2, gone=1)


def test_write_can_be_repeated_after_its_transaction_was_undone() -> None:
    create_products(3)
    load = strategy()
    findings = load.read(opener(*(record(f"id {number}", 5) for number in range(3))))
    with transaction.atomic():
        load.write(findings)
        transaction.set_rollback(True)
    assert quantities() == [1, 1, 1]
    assert load.write(findings) == Written(updated=3, changed=3, zeroed=0)
    assert quantities() == [5, 5, 5]


def test_file_without_repetitions_is_read_once_and_another_twice() -> None:
    readings = []

    def read(*records: StockRecord) -> None:
        strategy(chunk_size=1).read(lambda: readings.append(records) or iter(records))  # type: ignore[func-returns-value]

    read(record("a"), record("b"), record("", sku="a"))
    assert len(readings) == 1
    read(record("a"), record("b"), record("a"))
    assert len(readings) == 3


def test_file_that_repeats_other_ids_when_read_again_is_read_until_it_is_understood() -> None:
    create_products(3)
    versions = iter([["id 0", "id 1", "id 0"], ["id 1", "id 0", "id 1"], ["id 1", "id 0", "id 1"]])
    load = strategy(chunk_size=1)

    def open_records() -> Iterator[StockRecord]:
        return (record(onec_id, 5 + number) for number, onec_id in enumerate(next(versions)))

    findings = load.read(open_records)
    assert (findings.to_update, findings.duplicate, findings.total) == (2, 1, 3)
    load.write(findings)
    assert quantities() == [6, 7, 1]


def test_error_of_the_records_comes_out_as_it_is() -> None:
    def broken() -> Iterator[StockRecord]:
        yield record("id 0", 5)
        raise DocumentError("broken")

    create_products(1)
    with pytest.raises(DocumentError, match=r"^broken$"):
        strategy(chunk_size=1).read(broken)
    assert quantities() == [1]


def test_offers_that_do_not_count_are_listed_in_file_order_wherever_they_were_settled() -> None:
    records = [record("b", 1, line=1), record("a", 2, line=2), record("c", 3, line=3), record("a", 4, line=4)]
    findings = strategy(chunk_size=1).read(opener(*records))
    reason = Reason.NO_PRODUCT
    assert findings.not_found_offers == (
        ListedOffer(1, 1, "b", "", "1", reason),
        ListedOffer(3, 3, "c", "", "3", reason),
        ListedOffer(4, 4, "a", "", "4", reason),
    )


def test_closed_strategy_has_forgotten_its_changes() -> None:
    create_products(1)
    load = strategy()
    findings = load.read(opener(record("id 0", 5)))
    load.close()
    assert load.write(findings) == Written(updated=0, changed=0, zeroed=0)
