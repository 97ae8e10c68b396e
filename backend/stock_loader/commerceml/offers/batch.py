"""Records of many offers at once, from lists of their texts."""

from collections.abc import Iterable, Sequence
from itertools import islice, repeat
from typing import NamedTuple

from stock_loader.commerceml.offers.numbers import (
    WHOLE_PIECES,
    InvalidQuantityError,
    Number,
    NumberCache,
    QuantityLimits,
    kept,
    sum_numbers,
)
from stock_loader.commerceml.offers.warehouses import WarehouseFilter
from stock_loader.commerceml.records import Adjustment, StockRecord


class Batch(NamedTuple):
    """Texts of offers, each list in the order of the document."""

    lines: Iterable[int]
    ids: Iterable[str]
    """Stripped, none empty."""
    skus: Iterable[str]
    """Stripped, empty where an offer has none."""
    quantities: list[str]
    sizes: Sequence[int]
    """How many quantities each offer has, one or more."""
    warehouses: list[str]
    """The ids of those whose quantities these are; empty where no offer has any."""
    warehouse_sizes: Sequence[int]
    """How many warehouses each offer has: as many as quantities, or none."""


class BatchReader:
    """Makes records by the rules of `AnyLayoutReader`; `warehouses` tells which count, None: all."""

    def __init__(
        self,
        numbers: NumberCache,
        warehouses: WarehouseFilter | None = None,
        *,
        limits: QuantityLimits = WHOLE_PIECES,
    ) -> None:
        self._numbers = numbers
        self._warehouses = warehouses
        self._limits = limits

    def records(self, batch: Batch) -> list[StockRecord] | None:
        """Return a record per offer, or None if the batch must be read offer by offer.

        That is so if a quantity cannot be read, if an offer names a warehouse twice, and, when only some warehouses
        count, if some offers of the batch have warehouses and others have none.
        """
        if batch.warehouses and not _each_warehouse_once(batch.warehouses, batch.warehouse_sizes):
            return None
        if self._warehouses is not None and batch.warehouses and batch.warehouse_sizes != batch.sizes:
            return None
        try:
            numbers = self._read_numbers(batch.quantities, batch.warehouses)
            return _records(batch, _totals(numbers, batch.sizes), self._limits)
        except InvalidQuantityError:
            return None

    def _read_numbers(self, texts: list[str], warehouses: list[str]) -> list[Number]:
        if self._warehouses is None or not warehouses:
            return list(map(self._numbers.__getitem__, texts))
        numbers, counting = self._numbers, map(self._warehouses.counts.__getitem__, warehouses)
        return [numbers[text] if counts else 0 for text, counts in zip(texts, counting, strict=True)]


def _each_warehouse_once(warehouses: list[str], sizes: Sequence[int]) -> bool:
    """Tell whether no offer names a warehouse twice."""
    size = sizes[0]
    if are_equal(sizes) and warehouses == warehouses[:size] * len(sizes):  # the usual: all name the same ones
        return len(set(map(str.strip, warehouses[:size]))) == size
    rest = map(str.strip, warehouses)
    return all(len(set(islice(rest, size))) == size for size in sizes)


def _totals(numbers: list[Number], sizes: Sequence[int]) -> list[Number]:
    """Return the sum of each offer's numbers; whole numbers are added by Python's own `sum`."""
    add = sum if set(map(type, numbers)) == {int} else sum_numbers
    if are_equal(sizes):
        first_second_and_so_on = (numbers[place :: sizes[0]] for place in range(sizes[0]))
        return list(map(add, zip(*first_second_and_so_on, strict=True)))  # half of the time of a slice an offer
    rest = iter(numbers)
    return [add(islice(rest, size)) for size in sizes]


def are_equal(items: Sequence[object]) -> bool:
    """Tell whether all items are the same; there is one at least."""
    return items.count(items[0]) == len(items)


def _records(batch: Batch, totals: list[Number], limits: QuantityLimits) -> list[StockRecord]:
    """Return the records of offers with these quantities; they are looked at one by one only where one is unusual."""
    quantities: Iterable[Number] = totals
    adjustments: Iterable[Adjustment] = repeat(Adjustment.NONE)
    if limits.places or set(map(type, totals)) != {int} or min(totals) < 0 or max(totals) > limits.maximum:
        quantities, adjustments = zip(*map(kept, totals, repeat(limits)), strict=True)
    fields = zip(batch.lines, batch.ids, batch.skus, quantities, adjustments, repeat(None), repeat(""), strict=False)
    return list(map(tuple.__new__, repeat(StockRecord), fields))  # by `_make` it takes 1.7 times as long
