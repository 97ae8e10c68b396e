"""An independent reading of generated files: ElementTree, and the rules written a second time."""

import re
from decimal import ROUND_FLOOR, Decimal
from typing import NamedTuple
from xml.etree import ElementTree as ET

from fixtures_generator import Layout

LARGEST_STOCK = 2_147_483_647
NUMBER = re.compile(r"-?\d{1,12}([.,]\d{1,3})?", re.ASCII)

ELEMENTS = {
    Layout.L1: "{*}Остатки/{*}Остаток/{*}Склад/{*}Количество",
    Layout.L2: "{*}Остатки/{*}Остаток/{*}Количество",
    Layout.L3: "{*}Количество",
    Layout.L4: "{*}Количество",
    Layout.L6: "{*}КоличествоНаСкладах/{*}КоличествоНаСкладе/{*}Количество",
    Layout.L7: "{*}Остатки/{*}Остаток/{*}Количество",
    Layout.L8: "{*}Остатки/{*}Остаток",
    Layout.L9: "{*}ОстаткиПоСкладу/{*}ОстаткиПоСкладу/{*}КоличествоНаСкладе",
    Layout.L10: "{*}ОстаткиПоСкладам/{*}Остаток/{*}Количество",
}


class Reading(NamedTuple):
    onec_id: str
    sku: str | None
    quantity: int | None


def offers_of(content: bytes) -> list[ET.Element]:
    return ET.fromstring(content).findall("*/{*}Предложения/{*}Предложение")


def read(content: bytes, layout: Layout) -> list[Reading]:
    """Read each offer; one whose id comes again has no quantity."""
    offers = offers_of(content)
    last = {onec_id_of(offer): number for number, offer in enumerate(offers)}
    return [
        Reading(
            onec_id_of(offer),
            offer.findtext("{*}Артикул"),
            quantity_of(offer, layout) if last[onec_id_of(offer)] == number else None,
        )
        for number, offer in enumerate(offers)
    ]


def onec_id_of(offer: ET.Element) -> str:
    product, variant = offer.findtext("{*}Ид"), offer.findtext("{*}ИдХарактеристики")
    assert product
    return f"{product}#{variant}" if variant else product


def quantity_of(offer: ET.Element, layout: Layout) -> int | None:
    numbers = numbers_of(offer, layout)
    if is_deleted(offer):
        return 0
    if not numbers or not all(NUMBER.fullmatch(number) for number in numbers):
        return None
    total = sum(Decimal(number.replace(",", ".")) for number in numbers)
    if total > LARGEST_STOCK:
        return None
    return max(0, int(Decimal(total).to_integral_value(ROUND_FLOOR)))


def numbers_of(offer: ET.Element, layout: Layout) -> list[str]:
    if layout is Layout.L5:
        return [store.attrib["КоличествоНаСкладе"] for store in offer.findall("{*}Склады")]
    return ["child element" if len(found) else found.text or "" for found in offer.findall(ELEMENTS[layout])]


def is_deleted(offer: ET.Element) -> bool:
    return (
        offer.get("Статус") == "Удален"
        or offer.findtext("{*}Статус") == "Удален"
        or offer.findtext("{*}ПометкаУдаления") == "true"
        or offer.findtext("{*}ПомеченНаУдаление") == "true"
    )
