"""Which warehouses count, by their ids alone; what this makes of offers is in test_offers."""

import pytest

from stock_loader.commerceml.offers.warehouses import ALL_WAREHOUSES, WarehouseChoice, WarehouseFilter
from stock_loader.errors import LoadRefusedError

IDS = ["w1", "w2", "w3", ""]


@pytest.mark.parametrize(
    ("chosen", "excluded", "counting"),
    [
        ([], [], ["w1", "w2", "w3", ""]),
        (["w1"], [], ["w1"]),
        (["w1", "w2"], [], ["w1", "w2"]),
        ([], ["w1"], ["w2", "w3", ""]),
        (["w1", "w2"], ["w2", "w3"], ["w1"]),
    ],
)
def test_chosen_warehouses_count_but_for_excluded_ones(
    chosen: list[str], excluded: list[str], counting: list[str]
) -> None:
    warehouses = WarehouseFilter(WarehouseChoice.of(chosen, excluded))
    assert [warehouse for warehouse in IDS if warehouses.counts[warehouse]] == counting


def test_ids_are_compared_stripped_and_without_case() -> None:
    assert WarehouseChoice.of([" Wa\n"], ["WB "]) == WarehouseChoice.of(["wA"], ["wb"])
    warehouses = WarehouseFilter(WarehouseChoice.of([" Склад-A "], ["B"]))
    assert [warehouses.counts[text] for text in ("СКЛАД-a", "\tсклад-a ", "склад-b")] == [True, True, False]
    assert not WarehouseFilter(WarehouseChoice.of([], ["B"])).counts["\nb"]


def test_chosen_and_excluded_warehouses_are_remembered_as_seen() -> None:
    warehouses = WarehouseFilter(WarehouseChoice.of(["W1", "w2", "w3"], ["w2", "w4"]))
    for text in ("w1", " W1", "W2", "w4", "w5"):
        assert warehouses.counts[text] is (text.strip().lower() == "w1")
    assert warehouses.seen == {"w1", "w2", "w4"}


def test_memory_is_bounded_whatever_the_file_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WarehouseFilter, "MAX_ENTRIES", 10)
    warehouses = WarehouseFilter(WarehouseChoice.of(["w1"]))
    for number in range(1000):
        assert warehouses.counts[f"w{number}"] is (number == 1)
        assert len(warehouses.counts) <= 10
    before = len(warehouses.counts)
    assert not warehouses.counts["w" * 1000]
    assert warehouses.counts["w1" + " " * 1000]
    assert len(warehouses.counts) == before


def test_choice_is_active_where_it_names_a_warehouse() -> None:
    assert not ALL_WAREHOUSES.is_active
    assert WarehouseChoice.of(["w1"]).is_active
    assert WarehouseChoice.of([], ["w1"]).is_active


def test_choice_that_leaves_no_warehouse_is_refused() -> None:
    for choice in (ALL_WAREHOUSES, WarehouseChoice.of([], ["w1"]), WarehouseChoice.of(["w1", "w2"], ["w1"])):
        choice.refuse_empty()
    with pytest.raises(LoadRefusedError) as refused:
        WarehouseChoice.of(["w1"], ["W1", "w2"]).refuse_empty()
    assert str(refused.value) == (
        "no warehouse is left: --exclude-warehouse names every one of --warehouse (or the settings that stand "
        "for them do)."
    )
