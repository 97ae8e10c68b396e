"""Many offers of the usual rests.xml at once: a fifth of the time that reading them one by one takes.

A regular offer is `Предложение` without attributes with exactly

    <Ид>…</Ид><Остатки> rests </Остатки>

where all rests of all offers of the batch, one or more in each offer, have one of the forms

    <Остаток><Склад><Ид>…</Ид><Количество>…</Количество></Склад></Остаток>        each warehouse once in an offer
    <Остаток><Количество>…</Количество></Остаток>

and no leaf is empty. A batch of which every offer is regular is read with a handful of compiled XPath calls that return
plain strings; of any other batch this module says None, and `AnyLayoutReader` reads it.

Why the checks suffice. Let n be the offers. Each has two children; the second ones have K children, each at least one.

1. `by_warehouse` counts a grandchild of an offer at most once: an `Остаток` in an `Остатки`, whose first child is a
   `Склад`, whose second child is a `Количество`. K counted therefore mean at least 3K elements below grandchildren.
2. `elements` says 3n + 4K: the offers and their children are 3n, the grandchildren under second children K, and so 3K
   are all that there are below. No first child has children; the counted ones are all of the grandchildren, and have
   the shape in 1 and nothing more. Leaves are the first child of each offer and of each `Склад`, n + K whose names are
   not known yet, and the K `Количество`.
3. A leaf has at most one text (libxml2 joins neighbours; comments, processing instructions and CDATA are no nodes
   here), and no other element can be an `Ид`. n + K texts in `ids` therefore say that the unknown leaves are `Ид`, each
   with one text: in the order of the document the offer's, then its warehouses'. K texts in `quantities` say that no
   `Количество` is empty.
4. Each `Склад` has one `Ид` and one `Количество`, and both lists are in the order of the document: less the offers' ids
   they go in pairs. Of a warehouse that does not count the quantity is 0 and not read, as in `AnyLayoutReader`.

The other form has K elements below grandchildren, 3n + 2K in all, and n leaves whose names are not known. It has no
warehouses: all of it counts.

Text between elements is passed over here and by `AnyLayoutReader`.

The container's last child may be unfinished. It takes part in every path, and what it has is taken off again: a
predicate `[position() <= $n]` costs 2 % of the parse on each path, and is quadratic before a descendant step.
"""

from collections.abc import Sequence
from itertools import islice, repeat
from typing import ClassVar

from lxml import etree
from lxml.etree import _Element

from stock_loader.commerceml.offers.batch import Batch, BatchReader, are_equal
from stock_loader.commerceml.offers.numbers import WHOLE_PIECES, NumberCache, QuantityLimits
from stock_loader.commerceml.offers.warehouses import WarehouseFilter
from stock_loader.commerceml.records import StockRecord


class UsualLayoutReader:
    """Reads batches of regular offers whose names are in one namespace; `warehouses` tells which count, None: all."""

    def __init__(
        self,
        numbers: NumberCache,
        namespace: str,
        warehouses: WarehouseFilter | None = None,
        *,
        limits: QuantityLimits = WHOLE_PIECES,
    ) -> None:
        self._batch_reader = BatchReader(numbers, warehouses, limits=limits)
        self._elements = _Count("descendant", "*", namespace)
        self._attributes = _Count("child", "c:Предложение/@*", namespace)
        rest = "c:Предложение/c:Остатки/c:Остаток/*[1]"
        self._by_warehouse = _Count("child", f"{rest}/self::c:Склад/*[2]/self::c:Количество", namespace)
        self._without_warehouse = _Count("child", f"{rest}/self::c:Количество", namespace)
        self._ids = _Texts("c:Ид/text()", namespace)
        self._quantities = _Texts("c:Количество/text()", namespace)

    def read(self, container: _Element, count: int, *, lines_before: int = 0) -> list[StockRecord] | None:
        """Return the records of the first `count` children of `container`, or None where one is not regular.

        `container` may have one child more, which is unfinished. `lines_before` is added to what lxml says is a line.
        """
        unfinished = container[count] if len(container) > count else None
        try:
            lines, sizes = _lines_and_sizes(container[:count], lines_before)
            return self._records(container, unfinished, lines, sizes)
        except _IrregularError:
            return None

    def _records(
        self, container: _Element, unfinished: _Element | None, lines: list[int], sizes: list[int]
    ) -> list[StockRecord] | None:
        ids, warehouses = self._read_ids(container, unfinished, sizes)
        if not all(ids) or self._attributes(container, unfinished):
            raise _IrregularError
        texts = self._quantities(container, unfinished, expected=sum(sizes))
        return self._batch_reader.records(Batch(lines, ids, repeat(""), texts, sizes, warehouses, sizes))

    def _read_ids(
        self, container: _Element, unfinished: _Element | None, sizes: list[int]
    ) -> tuple[list[str], list[str]]:
        """Return the ids of the offers and of all their warehouses, having checked what stands in the offers."""
        offers, rests = len(sizes), sum(sizes)
        elements = self._elements(container, unfinished)
        if elements == 3 * offers + 4 * rests and self._by_warehouse(container, unfinished) == rests:
            texts = self._ids(container, unfinished, expected=offers + rests)
            return _ids_and_warehouses(texts, sizes)
        if elements == 3 * offers + 2 * rests and self._without_warehouse(container, unfinished) == rests:
            return list(map(str.strip, self._ids(container, unfinished, expected=offers))), []
        raise _IrregularError


class _Count:
    """How many nodes a path finds in a container, its unfinished child left out."""

    AXES: ClassVar = {"child": "self", "descendant": "descendant-or-self"}
    """Axes from the container, and those that lead from its child to the same nodes."""

    def __init__(self, axis: str, path: str, namespace: str) -> None:
        self._in_container = _xpath(f"count({axis}::{path})", namespace)
        self._in_unfinished = _xpath(f"count({self.AXES[axis]}::{path})", namespace)

    def __call__(self, container: _Element, unfinished: _Element | None) -> float:
        found: float = self._in_container(container)
        return found if unfinished is None else found - self._in_unfinished(unfinished)


class _Texts:
    """The texts that a path finds in a container, those of its unfinished child, which stand last, left out."""

    def __init__(self, path: str, namespace: str) -> None:
        self._in_container = _xpath(f"descendant::{path}", namespace)
        self._in_unfinished = _xpath(f"descendant-or-self::{path}", namespace)

    def __call__(self, container: _Element, unfinished: _Element | None, *, expected: int) -> list[str]:
        texts: list[str] = self._in_container(container)
        if unfinished is not None and (surplus := len(self._in_unfinished(unfinished))):
            del texts[-surplus:]
        if len(texts) != expected:
            raise _IrregularError
        return texts


class _IrregularError(Exception):
    """One of the offers is not regular."""


def _lines_and_sizes(offers: Sequence[_Element], lines_before: int) -> tuple[list[int], list[int]]:
    """Return per offer the line of its first child and the number of children of its second."""
    lines, sizes = [], []
    for offer in offers:
        if len(offer) != 2:  # noqa: PLR2004
            raise _IrregularError
        lines.append((offer[0].sourceline or 0) + lines_before)
        sizes.append(len(offer[1]))
    if not all(sizes):
        raise _IrregularError
    return lines, sizes


def _ids_and_warehouses(texts: list[str], sizes: list[int]) -> tuple[list[str], list[str]]:
    """Separate the ids of offers (stripped) from those of warehouses; each offer's id stands before its warehouses'."""
    ids: list[str] = []
    warehouses: list[str] = []
    if are_equal(sizes):
        ids = texts[:: sizes[0] + 1]
        del texts[:: sizes[0] + 1]
        return list(map(str.strip, ids)), texts
    rest = iter(texts)
    for size in sizes:
        ids.append(next(rest).strip())
        warehouses += islice(rest, size)
    return ids, warehouses


def _xpath(path: str, namespace: str) -> etree.XPath:
    if not namespace:
        return etree.XPath(path.replace("c:", ""), smart_strings=False, regexp=False)
    return etree.XPath(path, namespaces={"c": namespace}, smart_strings=False, regexp=False)
