"""Batches are read at once whichever warehouses count."""

import pytest

from stock_loader.commerceml.offers.numbers import NumberCache
from stock_loader.commerceml.offers.usual_layout import UsualLayoutReader
from stock_loader.commerceml.offers.warehouses import ALL_WAREHOUSES, WarehouseChoice, WarehouseFilter
from stock_loader.commerceml.records import StockRecord
from tests.stock_loader.commerceml.offers.batches import NAMESPACE, container_of, offer, rest


@pytest.mark.parametrize(
    ("choice", "quantities"),
    [
        (ALL_WAREHOUSES, [12, 7, 14]),
        (WarehouseChoice.of(["w1"]), [5, 0, 3]),
        (WarehouseChoice.of(["W2", "w3"], ["w3"]), [7, 7, 0]),
        (WarehouseChoice.of([], ["w1"]), [7, 7, 11]),
        (WarehouseChoice.of(["w9"]), [0, 0, 0]),
    ],
)
def test_batch_is_read_at_once_whichever_warehouses_are_chosen(choice: WarehouseChoice, quantities: list[int]) -> None:
    offers = (
        offer("a", rest("w1", "5"), rest(" W2 ", "7")),
        offer("b", rest("w2", "7")),
        offer("c", rest("w3", "11"), rest("w1", "3")),
    )
    records = UsualLayoutReader(NumberCache(), NAMESPACE, WarehouseFilter(choice)).read(
        container_of("".join(offers)), 3
    )
    assert records is not None
    assert [record.quantity for record in records] == quantities


def test_unreadable_quantity_in_a_warehouse_that_does_not_count_keeps_the_batch_regular() -> None:
    container = container_of(offer("a", rest("w1", "нет"), rest("w2", "7")))
    warehouses = WarehouseFilter(WarehouseChoice.of(["w2"]))
    assert UsualLayoutReader(NumberCache(), NAMESPACE, warehouses).read(container, 1) == [StockRecord(1, "a", "", 7)]


def test_rests_without_warehouses_count_whatever_is_chosen() -> None:
    container = container_of(offer("a", "<Остаток><Количество>5</Количество></Остаток>"))
    warehouses = WarehouseFilter(WarehouseChoice.of(["w2"]))
    assert UsualLayoutReader(NumberCache(), NAMESPACE, warehouses).read(container, 1) == [StockRecord(1, "a", "", 5)]
    assert not warehouses.seen
