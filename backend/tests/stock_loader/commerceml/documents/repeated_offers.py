"""Slices of offers that repeat one text, in many forms, and what parsers say of slices."""

import re
from collections.abc import Callable
from xml.etree import ElementTree as ET

from lxml import etree

from stock_loader.commerceml.markup import SAFE_OPTIONS
from stock_loader.commerceml.offers.any_layout import AnyLayoutReader
from stock_loader.commerceml.offers.numbers import NumberCache
from stock_loader.commerceml.offers.warehouses import WarehouseChoice, WarehouseFilter
from stock_loader.commerceml.records import StockRecord

LINES_BEFORE = 1000


def rest(warehouse: str, quantity: str) -> str:
    return (
        "\n\t\t<Остаток>\n\t\t\t<Склад>\n\t\t\t\t"
        f"<Ид>{warehouse}</Ид>\n\t\t\t\t<Количество>{quantity}</Количество>\n\t\t\t</Склад>\n\t\t</Остаток>"
    )


def total(quantity: str) -> str:
    return f"\n\t\t<Остаток>\n\t\t\t<Количество>{quantity}</Количество>\n\t\t</Остаток>"


def offer(onec_id: str, *rests: str, sku: str = "") -> str:
    article = f"\n\t<Артикул>{sku}</Артикул>" if sku else ""
    return f"\n<Предложение>\n\t<Ид>{onec_id}</Ид>{article}\n\t<Остатки>{''.join(rests)}\n\t</Остатки>\n</Предложение>"


TWO_IN_ONE_REST = (rest("w1", "5") + rest("w2", "7")).replace("\n\t\t</Остаток>\n\t\t<Остаток>", "")
USUAL = offer("a", rest("w1", "5"), rest("w2", "7"))
FORMS = {
    "warehouses": USUAL + offer("b", rest("w1", "0"), rest("w2", "1")),
    "one warehouse": offer("a", rest("w1", "5")) + offer("b", rest("w2", "0")),
    "varying numbers of warehouses": USUAL + offer("b", rest("w1", "3")) + offer("c", *(rest(w, "1") for w in "xyz")),
    "no warehouses": offer("a", total("5"), total("7")) + offer("b", total("1")),
    "warehouses in some offers": USUAL + offer("b", total("1"), total("2")) + offer("c", rest("w1", "3")),
    "skus": offer("a", rest("w1", "5"), sku="S-1") + offer("b", rest("w1", "5"), sku="S-2"),
    "skus in some offers": USUAL + offer("b", rest("w1", "5"), sku="S-1") + offer("c", total("5"), sku="S 2") + USUAL,
    "two warehouses in one rest": offer("a", TWO_IN_ONE_REST) + USUAL,
    "fractions and negatives": offer("a", rest("w1", "0.5"), rest("w2", "0,75")) + offer("b", rest("w1", "-1.00")),
    "variants": offer("a#b", rest("w1", "5")),
    "spaces": offer(" a b ", rest(" w1 ", " 1 234,5 "), rest("w2", "1\u00a0000")),
    "Cyrillic": offer("НФ-0001", rest("Склад 1", "5")),
    "beyond the plane": offer("\U0001f4e6", rest("w\u2028", "5")),
}
STYLES: dict[str, Callable[[str], str]] = {
    "pretty": str,
    "crlf": lambda text: text.replace("\n", "\r\n"),
    "minified": lambda text: re.sub(r"[\n\t]", "", text),
    "spaces": lambda text: text.replace("\t", "    "),
    "one line an offer": lambda text: text.replace("\n\t", "").replace("\t", ""),
}


def as_bytes(content: str | bytes) -> bytes:
    """Return the slice as a file has it."""
    return content.encode() if isinstance(content, str) else content


def parsed(content: str | bytes, choice: WarehouseChoice | None = None) -> list[StockRecord] | None:
    """Return what lxml and the reader for any layout say of a slice, None where it is not well-formed content."""
    parser = etree.XMLParser(encoding="utf-8", **SAFE_OPTIONS)
    start, end = "<c:Предложения xmlns:c='urn:c'>".encode(), "</c:Предложения>".encode()
    try:
        container = etree.fromstring(start + as_bytes(content) + end, parser)
        ET.fromstring(start + as_bytes(content) + end)
    except (etree.XMLSyntaxError, ET.ParseError):
        return None
    offers = AnyLayoutReader(NumberCache(), None if choice is None else WarehouseFilter(choice))
    assert not any(found.getparent() is not container for found in container.iterdescendants("{*}Предложение"))
    return [
        offers.read(child, lines_before=LINES_BEFORE)
        for child in container
        if etree.QName(child).localname == "Предложение"
    ]
