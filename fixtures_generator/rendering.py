"""Write offers as text in one of the layouts."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fixtures_generator.catalogue import Kind
from fixtures_generator.document import Document
from fixtures_generator.layouts import FORMS
from fixtures_generator.markup import element, indented, leaf
from fixtures_generator.offers import Offer

LEVELS_ABOVE_OFFERS = 3
ATTRIBUTE_MARK = ' Статус="Удален"'
ELEMENT_MARKS = (
    leaf("Статус", "Удален"),
    leaf("ПометкаУдаления", "true"),
    leaf("ПомеченНаУдаление", "true"),
)
WAYS_OF_MARKING = 1 + len(ELEMENT_MARKS)
PRICES = element("Цены", element("Цена", leaf("ЦенаЗаЕдиницу", "%s"), leaf("Валюта", "RUB"), leaf("Коэффициент", "1")))


class Shape(NamedTuple):
    """What decides which elements an offer has; offers of one shape are written with the same template."""

    has_own_variant_id: bool
    has_sku: bool
    has_stock: bool
    mark: int | None
    """Which way of marking a deletion is used: 0 is the attribute, the others are elements."""


class OfferWriter:
    """Turns offers into text.

    Each shape of an offer has a `%` template, made when the first such offer comes, that the values are put
    into: this is what makes a large file quick to write.
    """

    def __init__(self, document: Document, *, warehouses: Sequence[str]) -> None:
        self._document = document
        self._form = FORMS[document.layout]
        self._stock = self._form.stock(warehouses)
        self._has_warehouses = bool(self._form.per_warehouse and warehouses)
        self._templates: dict[Shape, str] = {}

    def text(self, offer: Offer) -> str:
        """Return the markup of an offer."""
        shape = self._shape(offer)
        template = self._templates.get(shape)
        if template is None:
            template = self._templates[shape] = self._template(shape)
        return template % tuple(self._values(offer, shape))

    def _shape(self, offer: Offer) -> Shape:
        return Shape(
            has_own_variant_id=self._form.has_own_variant_id and "#" in offer.onec_id,
            has_sku=offer.sku is not None,
            has_stock=offer.kind is not Kind.NO_STOCK,
            mark=offer.ordinal % WAYS_OF_MARKING if offer.kind is Kind.DELETED else None,
        )

    def _template(self, shape: Shape) -> str:
        children = [leaf("Ид", "%s")]
        if shape.mark:
            children.append(ELEMENT_MARKS[shape.mark - 1])
        if shape.has_sku:
            children.append(leaf("Артикул", "%s"))
        if shape.has_own_variant_id:
            children.append(leaf("ИдХарактеристики", "%s"))
        if self._form.is_full_offer:
            children += [leaf("Наименование", "Товар %s"), PRICES]
        if shape.has_stock:
            children.append(self._stock)
        offer = element("Предложение", *children, attributes=ATTRIBUTE_MARK if shape.mark == 0 else "")
        return self._document.joined(indented(offer, levels=LEVELS_ABOVE_OFFERS))

    def _values(self, offer: Offer, shape: Shape) -> Iterator[object]:
        """Yield what goes into the template, in its order."""
        product, _, variant = offer.onec_id.partition("#")
        yield product if shape.has_own_variant_id else offer.onec_id
        if shape.has_sku:
            yield offer.sku
        if shape.has_own_variant_id:
            yield variant
        if self._form.is_full_offer:
            yield offer.number
            yield 100 + offer.number % 900
        if shape.has_stock:
            yield from self._numbers(offer)

    def _numbers(self, offer: Offer) -> Sequence[object]:
        total = [sum(offer.quantities)] if self._form.total else []
        numbers: list[object] = [*total, *offer.quantities] if self._has_warehouses else [*total]
        if offer.kind is Kind.INVALID:
            return self._with_one_broken(numbers, offer.ordinal)
        if offer.kind is Kind.FRACTIONAL and offer.ordinal % 2:
            return [str(number).replace(".", ",") for number in numbers]
        return numbers

    def _with_one_broken(self, numbers: list[object], ordinal: int) -> list[object]:
        """Break the total where there is one, for it is what counts; otherwise each warehouse in turn."""
        turn, way = divmod(ordinal, len(self._form.broken))
        position = 0 if self._form.total else turn % len(numbers)
        return [*numbers[:position], self._form.broken[way], *numbers[position + 1 :]]
