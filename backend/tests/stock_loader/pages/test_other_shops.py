"""The pages on another shop's tables, and loads without the pages."""

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from stock_loader.journal.keeping import Journal
from stock_loader.journal.models import ImportSession
from stock_loader.outcome import StockChange
from tests.documents import rests as document
from tests.servers import python_path
from tests.shops.mappings import UUID_ITEMS
from tests.shops.models import UuidItem

URL = "/admin/stock_pages/stockload/"
BACKEND = Path(__file__).resolve().parents[3]
LOAD = """
import sys, django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("load_product_stocks", "--file", sys.argv[1], "--no-progress", "--verbosity=0", "--max-not-found=off")
print(sorted(name for name in sys.modules if name.startswith(("django.contrib.admin", "stock_loader.pages"))))
"""


def test_sessions_and_products_of_another_shop(client: Client, settings: Settings) -> None:
    settings.STOCK_LOADER = UUID_ITEMS
    item = UuidItem.objects.create(guid=uuid.uuid4(), sku="cup", stock=7)
    details = {"file": "own.xml", "dry_run": False, "skipped": False, "changed_count": 1}
    session = ImportSession.objects.create(import_type="stocks", status="completed", details=details)
    Journal(session=session.pk).keep([StockChange(item.pk, 3, 7)])
    assert [row.number for row in client.get(f"{URL}sessions/").context["sessions"]] == [session.pk]
    page = client.get(f"{URL}sessions/{session.pk}/")
    assert [(change.name, change.old, change.new) for change in page.context["changes"]] == [("cup", 3, 7)]
    assert f'href="{URL}products/{item.pk}/"' in page.content.decode()
    assert client.get(f"{URL}products/{item.pk}/").context["steps"][0].new == 7


@pytest.mark.parametrize("key", ["x", "0", "00000000-0000-0000-0000-000000000000"])
def test_keys_of_no_product_of_another_shop(client: Client, settings: Settings, key: str) -> None:
    settings.STOCK_LOADER = UUID_ITEMS
    assert client.get(f"{URL}products/{key}/").status_code == 404


def test_load_imports_nothing_of_the_pages(tmp_path: Path) -> None:
    file = tmp_path / "rests.xml"
    file.write_text(document(), "utf-8")
    environment = os.environ | {
        "PYTHONPATH": python_path(BACKEND),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'shop.sqlite3'}",
    }
    command = [sys.executable, "-c", LOAD, str(file)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr
