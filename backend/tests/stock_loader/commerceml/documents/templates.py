"""Slices read by their template, for the tests of that."""

import re

from stock_loader.commerceml.documents.templated import Fitted, TemplatedReader
from stock_loader.commerceml.offers.batch import BatchReader
from stock_loader.commerceml.offers.numbers import NumberCache
from stock_loader.commerceml.offers.warehouses import WarehouseChoice, WarehouseFilter
from tests.stock_loader.commerceml.documents.repeated_offers import (
    LINES_BEFORE,
    USUAL,
    as_bytes,
    offer,
    rest,
)


def reader(choice: WarehouseChoice | None = None, *, prefix: bytes = b"") -> TemplatedReader:
    warehouses = None if choice is None else WarehouseFilter(choice)
    return TemplatedReader(BatchReader(NumberCache(), warehouses), prefix=prefix)


def read(content: str | bytes, *taught_by: str | bytes, prefix: bytes = b"") -> Fitted | None:
    """Return what a reader says of a slice, having been taught by others."""
    by_template = reader(prefix=prefix)
    for slice_ in (*taught_by, content):
        by_template._pause = 0
        fitted = by_template.read(as_bytes(slice_), lines_before=LINES_BEFORE)
    return fitted


MISFITS = {
    "no id": USUAL.replace("<Ид>a</Ид>", "<Ид></Ид>"),
    "blank id": USUAL.replace("<Ид>a</Ид>", "<Ид> </Ид>"),
    "blank id beside a word too many": offer(" ", rest("w1", "5 7")),
    "no quantity": USUAL.replace("5", ""),
    "no number": USUAL.replace("5", "x"),
    "too many pieces": USUAL.replace("5", "2147483648"),
    "warehouse twice": offer("a", rest("w1", "5"), rest("w1", "7")),
    "warehouse twice but for spaces": offer("a", rest("w1", "5"), rest(" w1", "7")),
    "no warehouse id": offer("a", rest("", "5")),
    "reference": USUAL.replace("5", "&#53;"),
    "entity": USUAL.replace("<Ид>a", "<Ид>&amp;"),
    "bare ampersand": USUAL.replace("<Ид>a", "<Ид>&"),
    "end of cdata": USUAL.replace("<Ид>a", "<Ид>]]>"),
    "bracket": USUAL.replace("<Ид>a", "<Ид>>"),
    "comment in a value": USUAL.replace("5", "5<!-- -->"),
    "comment": USUAL.replace("<Остатки>", "<!-- --><Остатки>"),
    "element in a value": USUAL.replace("5", "5<x/>"),
    "attribute": USUAL.replace("<Предложение>", "<Предложение Статус='Удален'>"),
    "other name": USUAL.replace("Остатки", "Остаткы"),
    "other element": USUAL.replace("<Остатки>", "<Цена>5</Цена><Остатки>"),
    "quantity first": re.sub("(<Ид>w1</Ид>)(.*?)(<Количество>5</Количество>)", r"\3\2\1", USUAL, flags=re.DOTALL),
    "rests first": "\n<Предложение>\n\t<Остатки>" + rest("w", "1") + "\n\t</Остатки>\n\t<Ид>a</Ид>\n</Предложение>",
    "text between elements": USUAL.replace("<Остатки>", "7<Остатки>"),
    "text between offers": USUAL + "7" + USUAL,
    "space in a tag": USUAL.replace("<Ид>a", "<Ид >a"),
    "other white space": USUAL.replace("\t<Остатки>", " <Остатки>"),
    "lone CR": USUAL.replace("\n\t<Остатки>", "\r\t<Остатки>"),
    "CR LF in one place": USUAL.replace("\n\t<Остатки>", "\r\n\t<Остатки>"),
    "offer in an offer": USUAL.replace("<Ид>a", f"{USUAL}<Ид>a"),
    "end of the container": USUAL + "\n</Предложения><Предложения>" + USUAL,
    "empty offer": USUAL + "\n<Предложение/>" + USUAL,
    "prefix": USUAL.replace("Ид>", "c:Ид>"),
    "cdata": USUAL.replace("5", "<![CDATA[5]]>"),
    "instruction": USUAL + "<?x?>" + USUAL,
    "not a character": USUAL.replace("<Ид>a", "<Ид>\ufffe"),
    "not a character either": USUAL.replace("<Ид>a", "<Ид>\uffff"),
    "nul": USUAL.replace("<Ид>a", "<Ид>a\0"),
    "delete is fine but not a unit separator": USUAL.replace("<Ид>a", "<Ид>\x7f\x1f"),
    "line in a value": USUAL.replace("<Ид>a", "<Ид>a\nb"),
    "tab in a value": USUAL.replace("<Ид>a", "<Ид>a\tb"),
    "swapped ends": USUAL.replace("</Склад>", "@").replace("</Остаток>", "</Склад>").replace("@", "</Остаток>"),
    "unclosed": USUAL.replace("</Склад>", "", 1),
}
