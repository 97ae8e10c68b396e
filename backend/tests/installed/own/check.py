"""A shop with rows of its own installs the loader, migrates and loads; every step is asserted."""

import json
import os
from decimal import Decimal
from pathlib import Path

import django
from shop import manage, strategies, where

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<КоммерческаяИнформация xmlns="urn:1C.ru:commerceml_3" ВерсияСхемы="3.1" ДатаФормирования="2026-01-15T03:00:00">
<ПакетПредложений><Предложения>
<Предложение><Ид>a</Ид><Остатки><Остаток><Количество>2,750</Количество></Остаток></Остатки></Предложение>
<Предложение><Ид>b</Ид><Остатки>
<Остаток><Склад><Ид>w1</Ид><Количество>5.5</Количество></Склад></Остаток>
<Остаток><Склад><Ид>w2</Ид><Количество>2</Количество></Склад></Остаток></Остатки></Предложение>
</Предложения></ПакетПредложений></КоммерческаяИнформация>
"""


def applied(said: str) -> list[str]:
    return [line.split()[1].rstrip(".") for line in said.splitlines() if line.endswith("OK")]


def details(strategy: str, *options: str) -> dict[str, object]:
    said = manage("load_product_stocks", "--file", "rests.xml", "--strategy", strategy, "--json", *options)
    return json.loads(said)["details"]


assert applied(manage("migrate", WITHOUT_LOADER="1")) == ["products.0001_initial"]
django.setup()

from django.db import connection  # noqa: E402

import stock_loader  # noqa: E402
from apps.products.models import Product  # noqa: E402

assert "site-packages" in stock_loader.__file__


def table_options() -> list[str] | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reloptions FROM pg_class WHERE oid = 'products_product'::regclass")
        return cursor.fetchone()[0]


if connection.vendor == "postgresql":
    assert table_options() is None
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE products_product SET (fillfactor = 90)")
Product.objects.create(code1c="old", article="of before", qty=Decimal("1.250"))

assert "System check identified no issues" in manage("check")
assert applied(manage("migrate")) == ["stock_loader.0001_initial", "stock_loader_commands.0001_initial"]
for field in ("AutoField", "BigAutoField"):
    manage("makemigrations", "--check", "--dry-run", AUTO_FIELD=f"django.db.models.{field}")
assert list(Product.objects.values_list("code1c", "article", "qty")) == [("old", "of before", Decimal("1.250"))]

Path("rests.xml").write_text(DOCUMENT, "utf-8")
for strategy in strategies():
    Product.objects.all().delete()
    for code in "ab":
        Product.objects.create(code1c=code, article=f"article {code}")
    said = manage("load_product_stocks", "--file", "rests.xml", "--strategy", strategy)
    assert "Обновление остатков" in said and "Обновлено" in said, said
    assert list(Product.objects.order_by("pk").values_list("qty", flat=True)) == [Decimal("2.750"), Decimal("7.500")]
    again = details(strategy)
    assert (again["updated_count"], again["changed_count"], again["unchanged_count"]) == (0, 0, 2), again
if connection.vendor == "postgresql":
    assert table_options() == ["fillfactor=90"]
print(f"a shop of its own: all is well on {where()}")
