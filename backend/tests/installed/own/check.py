"""Installs, migrates, loads; every step is asserted."""

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import django

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


def manage(*arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "django", *arguments],
        env=os.environ | {"PYTHONPATH": "."} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


django.setup()

from django.db import connection  # noqa: E402

import stock_loader  # noqa: E402
from apps.products.models import Product  # noqa: E402

assert "site-packages" in stock_loader.__file__
assert "System check identified no issues" in manage("check")
applied = manage("migrate", "--verbosity", "1")
assert [line.split()[1].rstrip("…") for line in applied.splitlines() if "OK" in line] == [
    "products.0001_initial...",
    "stock_loader.0001_initial...",
    "stock_loader_commands.0001_initial...",
], applied
for field in ("AutoField", "BigAutoField"):
    manage("makemigrations", "--check", "--dry-run", AUTO_FIELD=f"django.db.models.{field}")
if connection.vendor == "postgresql":
    with connection.cursor() as cursor:
        cursor.execute("SELECT reloptions FROM pg_class WHERE relname = 'products_product'")
        assert cursor.fetchone() == (None,)

Path("rests.xml").write_text(DOCUMENT, "utf-8")
for strategy in ["bulk_update", "copy"] if connection.vendor == "postgresql" else ["bulk_update"]:
    Product.objects.all().delete()
    for code in "ab":
        Product.objects.create(code1c=code, article=f"article {code}")
    said = manage("load_product_stocks", "--file", "rests.xml", "--strategy", strategy, "--force")
    assert "Обновление остатков" in said and "2" in said, said
    assert list(Product.objects.order_by("pk").values_list("qty", flat=True)) == [Decimal("2.750"), Decimal("7.500")]
    said = manage("load_product_stocks", "--file", "rests.xml", "--strategy", strategy, "--json")
    assert '"updated_count": 0' in said and '"unchanged_count": 2' in said, said
print(f"a shop of its own: all is well on {connection.vendor}")
