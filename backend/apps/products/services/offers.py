"""One offer element, whatever its layout, to one record.

Layouts (the names are CommerceML's; L1 is the usual rests.xml):

| | inside `Предложение` |
|---|---|
| L1 | `Остатки/Остаток/Склад/{Ид,Количество}` |
| L2 | `Остатки/Остаток/Количество` |
| L3 | `Количество` |
| L4 | `<Склад ИдСклада="" КоличествоНаСкладе=""/>` |
| L5 | `<Склады ИдСклада="" КоличествоНаСкладе=""/>`, variant id in `ИдХарактеристики` |
| L6 | `КоличествоНаСкладах/КоличествоНаСкладе/{ИдСклада,Количество}` |
| L7 | `Остатки/Остаток/{Склад/Ид, Количество}` |
| L8 | `Остатки/Остаток` with the number as its text |
| L9 | `ОстаткиПоСкладу/ОстаткиПоСкладу/{ИдСклада,КоличествоНаСкладе}` |
"""

from collections.abc import Callable
from functools import lru_cache

from lxml.etree import _Element

from apps.products.services.errors import DocumentError, one_line
from apps.products.services.quantities import (
    InvalidQuantityError,
    Number,
    NumberCache,
    sum_numbers,
    whole_pieces,
)
from apps.products.services.records import Adjustment, Problem, StockRecord

DELETED_STATUSES = frozenset({"удален", "удалён"})
TRUE_TEXTS = frozenset({"true", "1", "да"})
DELETION_FLAGS = frozenset({"ПометкаУдаления", "ПомеченНаУдаление"})


@lru_cache(maxsize=1024)
def local_name(tag: str) -> str:
    """Return the name without its namespace, which says nothing: real files disagree about it."""
    return tag.rpartition("}")[2]


class OfferReader:
    """Reads offers one by one; slower than `RegularBatchReader`, but any layout and any mistake."""

    def __init__(self, numbers: NumberCache) -> None:
        self._numbers = numbers

    def read(self, offer: _Element) -> StockRecord:
        """Return the record of `offer`; what is wrong with its quantity is said in the record.

        Raises:
            DocumentError: there is another offer inside.
        """
        _refuse_nested_offer(offer)
        children = [(local_name(str(child.tag)), child) for child in offer]
        onec_id, sku, line = _identity(offer, children)
        try:
            quantity, adjustment = self._quantity(offer, children)
        except InvalidQuantityError as invalid:
            return StockRecord(line, onec_id, sku, None, problem=invalid.problem, seen=one_line(invalid.seen))
        if quantity is not None and not (onec_id or sku):
            return StockRecord(line, "", "", None, problem=Problem.NO_ID, seen=str(quantity))
        problem = Problem.NO_STOCK_DATA if quantity is None else None
        return StockRecord(line, onec_id, sku, quantity, adjustment, problem)

    def _quantity(
        self, offer: _Element, children: list[tuple[str, _Element]]
    ) -> tuple[int | None, Adjustment]:
        if _is_deleted(offer, children):
            return 0, Adjustment.DELETED
        stock = _Stock(self._numbers)
        for name, child in children:
            if reader := STOCK_READERS.get(name):
                reader(stock, child)
        total = stock.total()
        return (None, Adjustment.NONE) if total is None else whole_pieces(total)


class _Stock:
    """The quantities of one offer while they are collected."""

    def __init__(self, numbers: NumberCache) -> None:
        self._numbers = numbers
        self._direct: Number | None = None
        self._without_warehouse: list[Number] = []
        self._by_warehouse: dict[str, Number] = {}

    def total(self) -> Number | None:
        """Return the quantity that counts, before rounding: a total where there is one, else the warehouses' sum."""
        if self._direct is not None:
            return self._direct
        if self._without_warehouse:
            return sum_numbers(self._without_warehouse)
        return sum_numbers(self._by_warehouse.values()) if self._by_warehouse else None

    def number_of(self, element: _Element) -> Number:
        """Return the number that is the element's text."""
        if len(element):
            raise InvalidQuantityError(Problem.CHILD_ELEMENT, f"<{local_name(str(element[0].tag))}>")
        return self._numbers[element.text or ""]

    def add_direct(self, element: _Element) -> None:
        """L3: `Количество` of the offer, a total; the last one counts."""
        self._direct = self.number_of(element)

    def add_rests(self, rests: _Element) -> None:
        """L1, L2, L7, L8: the `Остаток` elements of `Остатки`."""
        for rest in _children(rests, "Остаток"):
            self._add_rest(rest)

    def _add_rest(self, rest: _Element) -> None:
        warehouses, quantities = _children(rest, "Склад"), _children(rest, "Количество")
        if any([self._add_warehouse(warehouse) for warehouse in warehouses]):
            for element in quantities:
                self.number_of(element)
        elif warehouses and quantities:
            self._add(_child_text(warehouses[0], "Ид"), self.number_of(quantities[-1]))
        elif quantities:
            self._without_warehouse.append(self.number_of(quantities[-1]))
        elif not len(rest) and (rest.text or "").strip():
            self._without_warehouse.append(self.number_of(rest))

    def add_warehouse(self, warehouse: _Element) -> None:
        """L4, L5: one warehouse of the offer, as attributes or as children."""
        self._add_warehouse(warehouse)

    def add_warehouses(self, warehouses: _Element) -> None:
        """L5, or `Склад` elements in one `Склады`."""
        self._add_warehouse(warehouses)
        for warehouse in _children(warehouses, "Склад"):
            self._add_warehouse(warehouse)

    def _add_warehouse(self, warehouse: _Element) -> bool:
        """Add the warehouse's own quantity; tell whether it has one."""
        attribute = warehouse.get("КоличествоНаСкладе")
        if attribute is not None:
            self._add(warehouse.get("ИдСклада") or "", self._numbers[attribute])
            return True
        quantities = _children(warehouse, "Количество")
        if quantities:
            self._add(_child_text(warehouse, "Ид"), self.number_of(quantities[-1]))
        return bool(quantities)

    def add_list(self, wrapper: _Element) -> None:
        """L6, L9: items with `ИдСклада` and a quantity under one of two names."""
        for item in wrapper:
            quantities = _children(item, "Количество") or _children(item, "КоличествоНаСкладе")
            if quantities:
                self._add(_child_text(item, "ИдСклада"), self.number_of(quantities[-1]))

    def _add(self, warehouse_id: str, number: Number) -> None:
        """Keep the last value of a warehouse; a warehouse without an id is one of its own."""
        self._by_warehouse[warehouse_id.strip() or f"\0{len(self._by_warehouse)}"] = number


STOCK_READERS: dict[str, Callable[[_Stock, _Element], None]] = {
    "Количество": _Stock.add_direct,
    "Остатки": _Stock.add_rests,
    "Склад": _Stock.add_warehouse,
    "Склады": _Stock.add_warehouses,
    "КоличествоНаСкладах": _Stock.add_list,
    "ОстаткиПоСкладу": _Stock.add_list,
}


def _children(element: _Element, name: str) -> list[_Element]:
    return [child for child in element if local_name(str(child.tag)) == name]


def _child_text(element: _Element, name: str) -> str:
    found = _children(element, name)
    return _text(found[0]) if found else ""


def _text(element: _Element) -> str:
    """Return the text of a leaf, stripped; an element with children has none."""
    return "" if len(element) else (element.text or "").strip()


def _identity(offer: _Element, children: list[tuple[str, _Element]]) -> tuple[str, str, int]:
    """Return onec_id, sku and line; the variant's id joins the product's where it stands apart (L5)."""
    leaves = {name: child for name, child in reversed(children)}
    onec_id, variant, sku = (
        _text(leaves[name]) if name in leaves else "" for name in ("Ид", "ИдХарактеристики", "Артикул")
    )
    if onec_id and variant and not onec_id.endswith(f"#{variant}"):
        onec_id = f"{onec_id}#{variant}"
    return onec_id, sku, leaves.get("Ид", offer).sourceline or 0


def _is_deleted(offer: _Element, children: list[tuple[str, _Element]]) -> bool:
    """Tell whether an attribute or a child marks the offer as deleted."""
    marks = [(local_name(name), text) for name, text in offer.items()]
    marks += [(name, _text(child)) for name, child in children if name == "Статус" or name in DELETION_FLAGS]
    return any(
        text.strip().casefold() in (DELETED_STATUSES if name == "Статус" else TRUE_TEXTS)
        for name, text in marks
        if name == "Статус" or name in DELETION_FLAGS
    )


def _refuse_nested_offer(offer: _Element) -> None:
    nested = next(offer.iterdescendants("{*}Предложение"), None)
    if nested is not None:
        raise DocumentError(
            "line %(line)s: an offer (Предложение) stands inside another offer. The file is broken; export it again.",
            line=nested.sourceline,
        )
