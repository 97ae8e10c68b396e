from decimal import Decimal
from math import floor

import pytest

from fixtures_generator.quantities import Stock, changed, fractional, negative, raised
from fixtures_generator.seeding import mix


@pytest.mark.parametrize(("warehouses", "quantities"), [(0, 1), (1, 1), (3, 3), (8, 8), (9, 9), (40, 40)])
def test_offer_has_a_quantity_per_warehouse_and_a_total_above_zero(warehouses: int, quantities: int) -> None:
    stock = [Stock(1, warehouses).of(index) for index in range(1000)]
    assert {len(offer) for offer in stock} == {quantities}
    assert all(min(offer) >= 0 and sum(offer) > 0 for offer in stock)
    assert len(set(stock)) > 100


def test_warehouses_beyond_the_eighth_differ() -> None:
    columns = set(zip(*(Stock(1, 24).of(index) for index in range(50)), strict=True))
    assert len(columns) == 24


def test_half_of_the_warehouses_hold_nothing() -> None:
    amounts = [amount for index in range(1000) for amount in Stock(1, 8).of(index)]
    assert 3600 < amounts.count(0) < 4400


@pytest.mark.parametrize("warehouses", [1, 3])
def test_changed_total_always_differs_and_stays_above_zero(warehouses: int) -> None:
    steps = []
    for index in range(2000):
        quantities = Stock(1, warehouses).of(index)
        after = changed(quantities, bits=mix(index))
        assert min(after) >= 0
        assert sum(after) > 0
        steps.append(sum(after) - sum(quantities))
    assert 0 not in steps
    assert min(steps) < -40
    assert max(steps) > 40


def test_raised_total_is_larger() -> None:
    assert raised((0, 4), 3) == (3, 4)


def test_negative_total_has_one_warehouse_below_zero() -> None:
    assert negative((5, 0, 7), ordinal=0) == (-8, 0, 7)
    assert negative((5,), ordinal=51) == (-2,)


def test_fractional_quantities_and_their_sum_have_fractions() -> None:
    lower = 0
    for index in range(500):
        quantities = fractional(Stock(1, 3).of(index), bits=mix(index))
        assert all(quantity != floor(quantity) for quantity in quantities)
        assert sum(quantities) != floor(sum(quantities))
        lower += sum(map(floor, quantities)) < floor(sum(quantities))
    assert lower > 250


def test_fractions_that_would_make_a_whole_are_moved() -> None:
    halves = 499 | 499 << 10
    assert fractional((1, 2), bits=halves) == (Decimal("1.500"), Decimal("2.501"))
