"""Where an offer says its quantity: the layouts of CommerceML, and what counts where it says several.

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
| L10 | `ОстаткиПоСкладам/Остаток/{ИдСклада or СкладИД, Количество or КоличествоОстаток}` |

Where an offer says more than one of them, the first that it says counts: L3; L2 and L8; the sum of its warehouses. All
the same every quantity in the offer must read: a broken one makes the offer invalid even beside a valid total, for it
says that the export is broken. Of several quantities of one warehouse the last counts, of several `Количество` of the
offer too; several `Остаток` without a warehouse are summed.

Where the operator chose warehouses (`warehouses.py`), an offer with quantities of warehouses says the sum of those that
count. A total beside them does not count, for it cannot be split by warehouse; it must read all the same. Where none of
its warehouses counts the sum is 0: that the chosen ones have nothing is stock data, not the lack of it. A quantity in a
warehouse that does not count is not read, and may be broken. An offer without warehouses (L2, L3, L8) keeps its total.
"""

from collections.abc import Callable

from lxml.etree import _Element

from stock_loader.commerceml.bounded_cache import BoundedCache
from stock_loader.commerceml.markup import local_name
from stock_loader.commerceml.offers.numbers import InvalidQuantityError, Number, NumberCache, sum_numbers
from stock_loader.commerceml.offers.warehouses import WarehouseFilter
from stock_loader.commerceml.records import Problem


class OfferStock:
    """The quantities of one offer while they are collected."""

    __slots__ = ("_by_warehouse", "_counting", "_direct", "_numbers", "_without_warehouse")

    def __init__(self, numbers: NumberCache, warehouses: WarehouseFilter | None) -> None:
        self._numbers = numbers
        self._counting = None if warehouses is None else warehouses.counts
        """Which warehouses count; None: all."""
        self._direct: Number | None = None
        self._without_warehouse: list[Number] = []
        self._by_warehouse: dict[str, Number] = {}

    def total(self) -> Number | None:
        """Return the quantity that counts, before rounding: a total where there is one, else the warehouses' sum.

        Where only some warehouses count, their sum goes before a total.
        """
        if self._counting is not None and self._by_warehouse:
            return sum_numbers(self._by_warehouse.values())
        if self._direct is not None:
            return self._direct
        if self._without_warehouse:
            return sum_numbers(self._without_warehouse)
        return sum_numbers(self._by_warehouse.values()) if self._by_warehouse else None

    def add_direct(self, element: _Element) -> None:
        """L3: `Количество` of the offer, a total."""
        self._direct = self._number_of(element)

    def add_rests(self, rests: _Element) -> None:
        """L1, L2, L7, L8: the `Остаток` elements of `Остатки`."""
        for rest in rests:
            if local_name(rest) == "Остаток":
                self._add_rest(rest)

    def _add_rest(self, rest: _Element) -> None:
        number: Number | None = None
        warehouses = []
        has_warehouse_quantity = False
        counts = self._counting is None or self._rest_counts(rest, self._counting)
        for child in rest:
            name = local_name(child)
            if name == "Количество":
                number = self._number_of(child) if counts else 0
            elif name == "Склад":
                warehouses.append(child)
                has_warehouse_quantity |= self._add_warehouse(child)
        if number is None:
            if not has_warehouse_quantity and (rest.text or "").strip():
                self._without_warehouse.append(self._number_of(rest))
        elif not warehouses:
            self._without_warehouse.append(number)
        elif not has_warehouse_quantity:
            self._add(_child_text(warehouses[0], _ID), number)

    @staticmethod
    def _rest_counts(rest: _Element, counting: BoundedCache[bool]) -> bool:
        """Tell whether a quantity in `rest` is of no warehouse, or of one that counts: the first (L7)."""
        first = next((child for child in rest if local_name(child) == "Склад"), None)
        return first is None or counting[_child_text(first, _ID)]

    def add_warehouse(self, warehouse: _Element) -> None:
        """L4: one warehouse of the offer."""
        self._add_warehouse(warehouse)

    def add_warehouses(self, warehouses: _Element) -> None:
        """L5, or `Склад` elements in one `Склады`."""
        self._add_warehouse(warehouses)
        for child in warehouses:
            if local_name(child) == "Склад":
                self._add_warehouse(child)

    def _add_warehouse(self, warehouse: _Element) -> bool:
        """Add the warehouse's quantity, `Количество` or else the attribute; tell whether it has one."""
        number, warehouse_id = self._number_and_id(warehouse, quantities=_QUANTITY, ids=_ID)
        if number is None:
            attribute = warehouse.get("КоличествоНаСкладе")
            if attribute is None:
                return False
            warehouse_id = warehouse.get("ИдСклада") or ""
            number = self._numbers[attribute] if self._counting is None or self._counting[warehouse_id] else 0
        self._add(warehouse_id, number)
        return True

    def add_list(self, wrapper: _Element) -> None:
        """L6, L9, L10: items with the id of a warehouse and a quantity, each under one of a few names."""
        for item in wrapper:
            number, warehouse_id = self._number_and_id(item, quantities=_LIST_QUANTITIES, ids=_LIST_IDS)
            if number is not None:
                self._add(warehouse_id, number)

    def _number_and_id(
        self, element: _Element, *, quantities: frozenset[str], ids: frozenset[str]
    ) -> tuple[Number | None, str]:
        """Return the last quantity among the children, all of which must read, and the first id.

        Of a warehouse that does not count the quantity is 0, unread.
        """
        number, found = None, None
        counts = self._counting is None or self._counting[_child_text(element, ids)]
        for child in element:
            name = local_name(child)
            if name in quantities:
                number = self._number_of(child) if counts else 0
            elif found is None and name in ids:
                found = text_of(child)
        return number, found or ""

    def _number_of(self, element: _Element) -> Number:
        if len(element):
            raise InvalidQuantityError(Problem.CHILD_ELEMENT, f"<{local_name(element[0])}>")
        return self._numbers[element.text or ""]

    def _add(self, warehouse_id: str, number: Number) -> None:
        """Keep the last value of a warehouse; a warehouse without an id is one of its own."""
        self._by_warehouse[warehouse_id.strip() or f"\0{len(self._by_warehouse)}"] = number


_QUANTITY = frozenset({"Количество"})
_LIST_QUANTITIES = frozenset({"Количество", "КоличествоНаСкладе", "КоличествоОстаток"})
_ID = frozenset({"Ид"})
_LIST_IDS = frozenset({"ИдСклада", "СкладИД"})

STOCK_READERS: dict[str, Callable[[OfferStock, _Element], None]] = {
    "Количество": OfferStock.add_direct,
    "Остатки": OfferStock.add_rests,
    "Склад": OfferStock.add_warehouse,
    "Склады": OfferStock.add_warehouses,
    "КоличествоНаСкладах": OfferStock.add_list,
    "ОстаткиПоСкладу": OfferStock.add_list,
    "ОстаткиПоСкладам": OfferStock.add_list,
}


def _child_text(element: _Element, names: frozenset[str]) -> str:
    return next((text_of(child) for child in element if local_name(child) in names), "")


def text_of(element: _Element) -> str:
    """Return the text of a leaf, stripped; an element with children has none."""
    return "" if len(element) else (element.text or "").strip()
