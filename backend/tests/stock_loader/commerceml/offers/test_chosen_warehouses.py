"""One offer in a document of its own, where some warehouses count and others do not: every layout."""

import pytest

from stock_loader.commerceml.offers.warehouses import WarehouseChoice
from stock_loader.commerceml.records import Adjustment, Problem
from tests.stock_loader.commerceml.offers.layouts import ID, LAYOUTS, WITH_WAREHOUSES, invalid, record
from tests.stock_loader.commerceml.stock_files import parse_offer

W1 = WarehouseChoice.of([" W1"])
NOT_W1 = WarehouseChoice.of([], ["W1 "])
W2_OR_W3 = WarehouseChoice.of(["w2", "w3"])
W3 = WarehouseChoice.of(["w3"])
BY_WAREHOUSE = pytest.mark.parametrize("layout", WITH_WAREHOUSES.values(), ids=WITH_WAREHOUSES.keys())


@BY_WAREHOUSE
def test_only_chosen_warehouses_are_summed(layout: str) -> None:
    assert parse_offer(ID + layout % "7", warehouses=W1) == record(5)
    assert parse_offer(ID + layout % "7", warehouses=NOT_W1) == record(7)
    assert parse_offer(ID + layout % "7", warehouses=W2_OR_W3) == record(7)
    assert parse_offer(ID + layout % "7", warehouses=WarehouseChoice.of(["w1", "w2"])) == record(12)
    assert parse_offer(ID + layout % "7", warehouses=WarehouseChoice.of(["w1", "w2"], ["w2"])) == record(5)


@BY_WAREHOUSE
def test_offer_with_none_of_the_chosen_warehouses_has_0_pieces(layout: str) -> None:
    assert parse_offer(ID + layout % "7", warehouses=W3) == record(0)
    assert parse_offer(ID + layout % "7", warehouses=WarehouseChoice.of([], ["w1", "w2"])) == record(0)


@BY_WAREHOUSE
@pytest.mark.parametrize("text", ["нет", "", "1e5", "2147483648"])
def test_quantity_is_read_in_chosen_warehouses_only(layout: str, text: str) -> None:
    assert parse_offer(ID + layout % text, warehouses=W1) == record(5)
    assert parse_offer(ID + layout % text, warehouses=W3) == record(0)
    assert parse_offer(ID + layout % text, warehouses=W2_OR_W3).problem is not None
    assert parse_offer(ID + layout % text, warehouses=NOT_W1).problem is not None


@BY_WAREHOUSE
def test_sum_of_the_chosen_warehouses_is_rounded_and_raised(layout: str) -> None:
    assert parse_offer(ID + layout % "7,5", warehouses=NOT_W1) == record(7, adjustment=Adjustment.ROUNDED)
    assert parse_offer(ID + layout % "-7", warehouses=NOT_W1) == record(0, adjustment=Adjustment.NEGATIVE)
    assert parse_offer(ID + layout % "-7", warehouses=W1) == record(5)


@BY_WAREHOUSE
@pytest.mark.parametrize(
    "total", ["<Количество>3</Количество>", "<Остатки><Остаток><Количество>3</Количество></Остаток></Остатки>"]
)
def test_total_does_not_count_beside_warehouses_of_which_some_are_chosen(layout: str, total: str) -> None:
    for offer in (ID + total + layout % "7", ID + layout % "7" + total):
        assert parse_offer(offer, warehouses=W1) == record(5)
        assert parse_offer(offer, warehouses=W3) == record(0)
        assert parse_offer(offer.replace("3", "x"), warehouses=W1) == invalid(Problem.NOT_A_NUMBER, "x")


@BY_WAREHOUSE
def test_warehouse_without_an_id_counts_only_where_none_is_chosen(layout: str) -> None:
    offer = ID + (layout % "7").replace("w1", " ")
    assert parse_offer(offer, warehouses=W2_OR_W3) == record(7)
    assert parse_offer(offer, warehouses=WarehouseChoice.of([], ["w2"])) == record(5)


@BY_WAREHOUSE
def test_repeated_chosen_warehouse_keeps_its_last_quantity(layout: str) -> None:
    assert parse_offer(ID + (layout % "7").replace("w2", "w1"), warehouses=W1) == record(7)


@pytest.mark.parametrize("name", ["L2", "L8"])
@pytest.mark.parametrize("warehouses", [W1, NOT_W1], ids=["chosen", "excluded"])
def test_offer_without_warehouses_keeps_its_total(name: str, warehouses: WarehouseChoice) -> None:
    assert parse_offer(ID + LAYOUTS[name] % "7", warehouses=warehouses) == record(12)
    assert parse_offer(f"{ID}<Количество>3</Количество>", warehouses=warehouses) == record(3)
    assert parse_offer(ID, warehouses=warehouses) == record(None, problem=Problem.NO_STOCK_DATA)


def test_id_of_a_warehouse_may_stand_behind_its_quantity() -> None:
    for rest in (
        "<Склад><Количество>x</Количество><Ид>w2</Ид></Склад>",
        "<Количество>x</Количество><Склад><Ид>w2</Ид></Склад>",
    ):
        offer = f"{ID}<Остатки><Остаток>{rest}</Остаток></Остатки>"
        assert parse_offer(offer, warehouses=W1) == record(0)
        assert parse_offer(offer.replace("x", "4"), warehouses=W2_OR_W3) == record(4)


def test_warehouse_without_a_quantity_is_not_there_whether_it_is_chosen_or_not() -> None:
    offer = f"{ID}<Остатки><Остаток><Склад><Ид>w1</Ид></Склад></Остаток></Остатки>"
    for warehouses in (W1, NOT_W1):
        assert parse_offer(offer, warehouses=warehouses) == record(None, problem=Problem.NO_STOCK_DATA)


def test_deletion_mark_sets_zero_in_any_warehouse() -> None:
    offer = f"{ID}<Статус>Удален</Статус>{LAYOUTS['L1'] % 7}"
    assert parse_offer(offer, warehouses=W1) == record(0, adjustment=Adjustment.DELETED)
