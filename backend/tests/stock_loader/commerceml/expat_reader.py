"""The same documents through another parser: expat, by way of ElementTree, and rules written anew.

Reads what is plain to read and says nothing of the rest, so that whatever it says must be so.
"""

import re
from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal
from xml.etree import ElementTree as ET

from stock_loader.commerceml.records import StockRecord

OFFER = "Предложение"
NUMBER = re.compile(r"-?[0-9]{1,9}([.,][0-9]{1,9})?")


ENCODING = re.compile(rb"""^(?:\xef\xbb\xbf)?<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)""")
NEW_LETTERS = re.compile("[^\0-\x7f\xa0А-яЁё№\u2009\u202f]")


def differences(content: bytes, records: Sequence[StockRecord]) -> list[str]:
    """Return where `records`, which our parser accepted, are not what expat reads in `content`."""
    try:
        root = ET.fromstring(content)
    except (ET.ParseError, ValueError, LookupError) as error:
        return [] if _is_beyond_expat(content) else [f"expat refuses what was accepted: {error}"]
    offers = [element for element in root.iter() if _name(element) == OFFER]
    if len(offers) != len(records):
        return [f"{len(records)} records, {len(offers)} offers"]
    found = []
    for number, (element, record) in enumerate(zip(offers, records, strict=True)):
        expected = _plain_offer(element)
        if expected is not None and expected != (record.onec_id, record.quantity):
            found.append(f"offer {number}: expected {expected}, read {record}")
    return found


def _is_beyond_expat(content: bytes) -> bool:
    """Tell of what expat may refuse that is right: encodings that it lacks, and new letters in names.

    Its names follow the fourth edition of XML, without U+0400 for one, those of libxml2 the fifth.
    """
    declared = ENCODING.match(content)
    if declared and declared.group(1).upper() != b"UTF-8":
        return True
    return bool(NEW_LETTERS.search(content.decode("utf-8", "replace")))


def _plain_offer(offer: ET.Element) -> tuple[str, int] | None:
    """Return id and quantity of an offer with one id and one way of saying its quantity, None of any other."""
    onec_id = _only_text(offer, "Ид")
    others = [child for child in offer if _name(child) not in {"Ид", "Артикул"}]
    if not onec_id or offer.attrib or len(others) != 1:
        return None
    quantities = _quantities(others[0])
    if quantities is None or not all(NUMBER.fullmatch(quantity) for quantity in quantities):
        return None
    total = sum(Decimal(quantity.replace(",", ".")) for quantity in quantities)
    pieces = max(0, int(Decimal(total).to_integral_value(ROUND_FLOOR)))
    return (onec_id, pieces) if pieces < 2**31 else None


def _quantities(stock: ET.Element) -> list[str] | None:
    """Return the texts of `Количество`, or of the quantities of different warehouses in the layouts L1 and L10."""
    if _name(stock) == "Количество" and not len(stock):
        return [(stock.text or "").strip()]
    by_warehouse: dict[str, str] = {}
    for rest in stock:
        key, quantity = _warehouse_and_quantity(_name(stock), rest)
        if not key or quantity is None or key in by_warehouse:
            return None
        by_warehouse[key] = quantity
    return list(by_warehouse.values()) or None


def _warehouse_and_quantity(container: str, rest: ET.Element) -> tuple[str | None, str | None]:
    """Return the texts of the id and the quantity in an `Остаток` that has nothing else, None for what it has not."""
    if _name(rest) != "Остаток":
        return None, None
    if container == "ОстаткиПоСкладам" and len(rest) == 2:
        return _only_text(rest, "ИдСклада", "СкладИД"), _only_text(rest, "Количество", "КоличествоОстаток")
    if container == "Остатки" and len(rest) == 1 and _name(rest[0]) == "Склад":
        warehouse = rest[0]
        if len(warehouse) == 2 and not warehouse.attrib:
            return _only_text(warehouse, "Ид"), _only_text(warehouse, "Количество")
    return None, None


def _only_text(parent: ET.Element, *names: str) -> str | None:
    """Return the text of the only child of these names, None where there are others or something stands in it."""
    found = [child for child in parent if _name(child) in names]
    return (found[0].text or "").strip() if len(found) == 1 and not len(found[0]) else None


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
