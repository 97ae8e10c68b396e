"""Loads into django-oscar by both keys; every row of both partners is asserted."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import django
from shop import manage, strategies, where

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
HEAD = '<КоммерческаяИнформация xmlns="urn:1C.ru:commerceml_3"><ПакетПредложений><Предложения>'
TAIL = "</Предложения></ПакетПредложений></КоммерческаяИнформация>"
REST = "<Предложение><Ид>{}</Ид><Остатки><Остаток><Количество>{}</Количество></Остаток></Остатки></Предложение>"


manage("migrate", "--verbosity", "0")
django.setup()

from oscar.apps.catalogue.models import Product, ProductClass  # noqa: E402
from oscar.apps.partner.models import Partner, StockRecord  # noqa: E402

PAST = datetime(2020, 1, 1, tzinfo=UTC)
kind = ProductClass.objects.create(name="goods")
ours, other = (Partner.objects.create(code=code, name=code) for code in ("1c", "other"))
for number in range(4):
    product = Product.objects.create(upc=f"upc {number}", title=f"goods {number}", product_class=kind)
    for partner in (ours, other):
        StockRecord.objects.create(product=product, partner=partner, partner_sku=f"sku {number}", num_allocated=1)


def stock(partner: Partner) -> list[int | None]:
    return list(
        StockRecord.objects.filter(partner=partner).order_by("partner_sku").values_list("num_in_stock", flat=True)
    )


def load(key: str, strategy: str, rests: dict[str, int], *options: str) -> dict[str, object]:
    for number, quantity in enumerate([0, 1, 2, None]):
        StockRecord.objects.filter(partner_sku=f"sku {number}").update(num_in_stock=quantity, date_updated=PAST)
    Path("rests.xml").write_text(HEAD + "".join(REST.format(*rest) for rest in rests.items()) + TAIL, "utf-8")
    return json.loads(
        manage("load_product_stocks", "--file", "rests.xml", "--strategy", strategy, "--json", *options, KEY=key)
    )["details"]


for strategy in strategies():
    for key, name in (("partner_sku", "sku"), ("product__upc", "upc")):
        details = load(key, strategy, {f"{name} 0": 5, f"{name} 1": 1, f"{name} 3": 0, "unknown": 9})
        assert (details["updated_count"], details["unchanged_count"], details["not_found_count"]) == (2, 1, 1), details
        assert (stock(ours), stock(other)) == ([5, 1, 2, 0], [0, 1, 2, None])
        touched = StockRecord.objects.exclude(date_updated=PAST).order_by("partner_sku")
        assert [record.partner_sku for record in touched] == ["sku 0", "sku 3"]
        assert {record.partner_id for record in touched} == {ours.pk}
        details = load(key, strategy, {f"{name} 1": 1}, "--missing", "zero")
        assert (stock(ours), stock(other)) == ([0, 1, 0, None], [0, 1, 2, None])
        assert (details["missing_count"], details["target"]) == (
            1,
            'partner.StockRecord.num_in_stock {"partner__code": "1c"}',
        )
    assert set(StockRecord.objects.values_list("num_allocated", flat=True)) == {1}
print(f"django-oscar: all is well on {where()}")
