"""Batches of offers, read at once and one by one."""

from lxml import etree

from stock_loader.commerceml.markup import SAFE_OPTIONS
from stock_loader.commerceml.offers.any_layout import AnyLayoutReader
from stock_loader.commerceml.offers.numbers import NumberCache
from stock_loader.commerceml.offers.usual_layout import UsualLayoutReader
from stock_loader.commerceml.records import StockRecord

NAMESPACE = "urn:1C.ru:commerceml_3"


def rest(warehouse: str, quantity: str) -> str:
    return f"<Остаток><Склад><Ид>{warehouse}</Ид><Количество>{quantity}</Количество></Склад></Остаток>"


def offer(onec_id: str, *rests: str) -> str:
    return f"<Предложение><Ид>{onec_id}</Ид><Остатки>{''.join(rests)}</Остатки></Предложение>"


def container_of(offers: str, namespace: str = NAMESPACE) -> etree._Element:
    parser = etree.XMLParser(**SAFE_OPTIONS)
    xmlns = f' xmlns="{namespace}"' if namespace else ""
    return etree.fromstring(f"<Предложения{xmlns}>{offers}</Предложения>", parser)


def read_at_once(container: etree._Element, *, count: int | None = None) -> list[StockRecord] | None:
    namespace = etree.QName(container).namespace or ""
    return UsualLayoutReader(NumberCache(), namespace).read(container, len(container) if count is None else count)


def read_one_by_one(container: etree._Element, *, count: int | None = None) -> list[StockRecord]:
    reader = AnyLayoutReader(NumberCache())
    return [reader.read(child) for child in container[:count] if etree.QName(child).localname == "Предложение"]
