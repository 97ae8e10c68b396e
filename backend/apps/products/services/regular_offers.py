"""Many offers of the usual rests.xml at once: a third of the time that reading them one by one takes.

A regular offer is `Предложение` without attributes with exactly

    <Ид>…</Ид><Остатки> <Остаток><Склад><Ид>…</Ид><Количество>…</Количество></Склад></Остаток> … </Остатки>

and any number of warehouses, each once. A batch of which every offer is regular is read with a handful of compiled XPath
calls that return plain strings; of any other batch this module says None, and `OfferReader` reads it.

Why the checks suffice. Let n be the offers, each with two children, and K the grandchildren under their second children.
`quantities` takes at most one text per grandchild: the second child, `Количество`, of the first child, `Склад`, of an
`Остаток` in an `Остатки`. K texts therefore mean that every grandchild has that shape, which makes 3n + 4K elements; the
count of all elements says that there are no others. What the first child of a `Склад` is called does not matter: where
all are different the sum is the same.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise

from lxml import etree
from lxml.etree import _Element

from apps.products.services.quantities import (
    MAX_QUANTITY,
    InvalidQuantityError,
    Number,
    NumberCache,
    sum_numbers,
    whole_pieces,
)
from apps.products.services.records import Adjustment, StockRecord


class RegularBatchReader:
    """Reads batches of regular offers whose names are in one namespace."""

    def __init__(self, numbers: NumberCache, namespace: str) -> None:
        self._numbers = numbers
        offers = f"{_q('Предложение', namespace)}[position() <= $n]"
        rests = f"{offers}/{_q('Остатки', namespace)}/{_q('Остаток', namespace)}"
        warehouses = f"{rests}/*[1]/self::{_q('Склад', namespace)}"
        self._ids = _xpath(f"{offers}/{_q('Ид', namespace)}/text()", namespace)
        self._warehouses = _xpath(f"{warehouses}/*[1]/text()", namespace)
        self._quantities = _xpath(f"{warehouses}/*[2]/self::{_q('Количество', namespace)}/text()", namespace)
        self._attributes = _xpath(f"count({offers}/@*)", namespace)
        self._elements = _xpath("count(.//*) - count(*[position() > $n]/descendant-or-self::*)", namespace)

    def read(self, container: _Element, count: int) -> list[StockRecord] | None:
        """Return the records of the first `count` children of `container`, or None where one is not regular."""
        try:
            lines, sizes = _lines_and_sizes(container[:count])
            ids = self._texts_if_regular(container, count, sum(sizes))
            return self._records(container, lines, sizes, ids)
        except (_IrregularError, InvalidQuantityError):
            return None

    def _texts_if_regular(self, container: _Element, count: int, rests: int) -> list[str]:
        ids = [text.strip() for text in self._ids(container, n=count)]
        if (
            len(ids) != count
            or not all(ids)
            or self._elements(container, n=count) != 3 * count + 4 * rests
            or self._attributes(container, n=count)
        ):
            raise _IrregularError
        return ids

    def _records(
        self, container: _Element, lines: list[int], sizes: list[int], ids: list[str]
    ) -> list[StockRecord]:
        numbers = self._all_numbers(container, len(ids), sum(sizes))
        warehouses: list[str] = self._warehouses(container, n=len(ids))
        if len(warehouses) != len(numbers):
            raise _IrregularError
        add = sum if set(map(type, numbers)) <= {int} else sum_numbers
        records = []
        bounds = pairwise(accumulate(sizes, initial=0))
        for line, onec_id, (start, end) in zip(lines, ids, bounds, strict=True):
            if len(set(warehouses[start:end])) < end - start:
                raise _IrregularError
            total: Number = add(numbers[start:end])
            if type(total) is int and 0 <= total <= MAX_QUANTITY:
                records.append(StockRecord(line, onec_id, "", total, Adjustment.NONE, None, ""))
            else:
                records.append(StockRecord(line, onec_id, "", *whole_pieces(total)))
        return records

    def _all_numbers(self, container: _Element, count: int, expected: int) -> list[Number]:
        texts: list[str] = self._quantities(container, n=count)
        if len(texts) != expected:
            raise _IrregularError
        return list(map(self._numbers.__getitem__, texts))


class _IrregularError(Exception):
    """One of the offers is not regular."""


def _lines_and_sizes(offers: Sequence[_Element]) -> tuple[list[int], list[int]]:
    """Return per offer the line of its first child and the number of children of its second."""
    if any(len(offer) != 2 or not len(offer[1]) for offer in offers):
        raise _IrregularError
    return [offer[0].sourceline or 0 for offer in offers], [len(offer[1]) for offer in offers]


def _q(name: str, namespace: str) -> str:
    return f"c:{name}" if namespace else name


def _xpath(path: str, namespace: str) -> etree.XPath:
    namespaces = {"c": namespace} if namespace else None
    return etree.XPath(path, namespaces=namespaces, smart_strings=False, regexp=False)
