"""The checker of the concurrency runs finds what it is there to find."""

from dataclasses import replace

import pytest

from tests.reliability.history import EPOCH, History, anomalies, load_of

SOUND = History(
    loads=[1, 3, 2],
    reads=[(1,), (3,), (3,), (2,)],
    orders=[(7, EPOCH - 1), (7, 3 * EPOCH - 1), (7, 3 * EPOCH - 2), (7, 2 * EPOCH - 1), (8, 2 * EPOCH - 1)],
    stock={7: 2 * EPOCH - 1, 8: 2 * EPOCH - 1, 9: 2 * EPOCH},
)


def test_sound_history_has_no_anomaly() -> None:
    assert anomalies(SOUND) == []


@pytest.mark.parametrize(("quantity", "load"), [(3 * EPOCH, 3), (3 * EPOCH - 1, 3), (2 * EPOCH + 1, 3), (2 * EPOCH, 2)])
def test_quantity_tells_its_load(quantity: int, load: int) -> None:
    assert load_of(quantity) == load


def test_refused_statements_are_found() -> None:
    assert anomalies(replace(SOUND, errors=["40P01", "57014", "40P01"])) == [
        "refused: 40P01 × 2",
        "refused: 57014 × 1",
    ]


def test_half_a_load_is_found() -> None:
    assert anomalies(replace(SOUND, reads=[(1, 3)])) == ["mixed snapshot: a read saw loads [1, 3]"]


def test_load_that_is_undone_is_found() -> None:
    assert anomalies(replace(SOUND, reads=[(2,), (3,)])) == ["lost load: 3 was seen after 2"]


def test_load_that_is_not_there_at_the_end_is_found() -> None:
    assert anomalies(replace(SOUND, loads=[1, 2, 3])) == [
        "lost load: the last was 3, the stock is of [2]",
        "lost load: 2 was seen after 3",
    ]


def test_order_that_overwrites_another_is_found() -> None:
    orders = [*SOUND.orders, (7, 3 * EPOCH - 2)]
    assert anomalies(replace(SOUND, orders=orders)) == [
        f"lost order: after load 3 product 7 was left with {[3 * EPOCH - 1, 3 * EPOCH - 2, 3 * EPOCH - 2]}"
    ]


def test_order_after_the_last_load_that_is_missing_in_the_stock_is_found() -> None:
    assert anomalies(replace(SOUND, stock={**SOUND.stock, 8: 2 * EPOCH})) == [
        f"lost order: product 8 has {2 * EPOCH} after 1 orders"
    ]
