"""Makes one record of one offer element, whatever its layout (`layouts`)."""

from lxml.etree import _Element

from stock_loader.commerceml.markup import LOCAL_NAMES
from stock_loader.commerceml.offers.layouts import STOCK_READERS, OfferStock, text_of
from stock_loader.commerceml.offers.numbers import (
    WHOLE_PIECES,
    InvalidQuantityError,
    Number,
    NumberCache,
    QuantityLimits,
    kept,
    quantity_text,
)
from stock_loader.commerceml.offers.warehouses import WarehouseFilter
from stock_loader.commerceml.records import Adjustment, Problem, StockRecord
from stock_loader.errors import one_line

IDS = frozenset({"Ид", "ИдХарактеристики", "Артикул"})

TRUE_TEXTS = frozenset({"true", "1", "да"})
MARKS = {
    "Статус": frozenset({"удален", "удалён"}),
    "ПометкаУдаления": TRUE_TEXTS,
    "ПомеченНаУдаление": TRUE_TEXTS,
}
"""Elements and attributes of an offer, and the texts, in lower case, by which they say that it is deleted."""


class AnyLayoutReader:
    """Reads offers one by one; slower than `UsualLayoutReader`, but any layout and any mistake."""

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

    def read(self, offer: _Element, *, lines_before: int = 0) -> StockRecord:
        """Return the record of `offer`; what is wrong with it is said in the record.

        Other offers inside it are not looked for. An offer with a quantity and neither `Ид` nor `Артикул` is invalid;
        one without a quantity is without stock data.
        The record's line is that of the offer's `Ид` (of the offer if it has none) plus `lines_before`. libxml2 keeps
        16 bits of a line: past 65,534 it gives the line of the first text in the element, or after it.
        """
        fields = _OfferFields(offer)
        line = (fields.leaves.get("Ид", offer).sourceline or 0) + lines_before
        onec_id, sku = fields.onec_id(), fields.text("Артикул")
        try:
            quantity, adjustment = self._quantity(fields)
        except InvalidQuantityError as invalid:
            return StockRecord(line, onec_id, sku, None, problem=invalid.problem, seen=one_line(invalid.seen))
        if quantity is None:
            return StockRecord(line, onec_id, sku, None, problem=Problem.NO_STOCK_DATA)
        if not onec_id and not sku:
            return StockRecord(line, "", "", None, problem=Problem.NO_ID, seen=quantity_text(quantity))
        return StockRecord(line, onec_id, sku, quantity, adjustment)

    def _quantity(self, fields: "_OfferFields") -> tuple[Number | None, Adjustment]:
        """Return the quantity, or None if there is none; a deleted offer has 0, whatever else it says."""
        if fields.is_deleted():
            return kept(0, self._limits)[0], Adjustment.DELETED
        if not fields.stock:
            return None, Adjustment.NONE
        stock = OfferStock(self._numbers, self._warehouses)
        for name, element in fields.stock:
            STOCK_READERS[name](stock, element)
        total = stock.total()
        return (None, Adjustment.NONE) if total is None else kept(total, self._limits)


class _OfferFields:
    """The children of an offer that the loader reads: a few among the dozens that an offers.xml has."""

    __slots__ = ("leaves", "marks", "stock")

    def __init__(self, offer: _Element) -> None:
        self.leaves: dict[str, _Element] = {}
        """`Ид`, `ИдХарактеристики` and `Артикул`, the first of each."""
        self.marks = [(name.rpartition("}")[2], text) for name, text in offer.items()]
        self.stock: list[tuple[str, _Element]] = []
        for child in offer:
            name = LOCAL_NAMES[child.tag]  # type: ignore[index]  # of a million children; comments are left out
            if name in STOCK_READERS:
                self.stock.append((name, child))
            elif name in IDS:
                self.leaves.setdefault(name, child)
            elif name in MARKS:
                self.marks.append((name, text_of(child)))

    def text(self, name: str) -> str:
        """Return the text of the leaf, empty where there is none."""
        return text_of(self.leaves[name]) if name in self.leaves else ""

    def onec_id(self) -> str:
        """Return the whole id: the variant's joins the product's where it stands apart (L5)."""
        onec_id, variant = self.text("Ид"), self.text("ИдХарактеристики")
        if onec_id and variant and not onec_id.endswith(f"#{variant}"):
            return f"{onec_id}#{variant}"
        return onec_id

    def is_deleted(self) -> bool:
        """Tell whether an attribute or a child marks the offer as deleted."""
        return any(text.strip().casefold() in MARKS.get(name, ()) for name, text in self.marks)
