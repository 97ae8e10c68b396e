"""What the tests of undos on pages share: a load to undo, users, and the process that does what is asked for."""

import re
from pathlib import Path
from typing import Any

from django.test import Client
from pytest_django import Settings

from apps.products.models import Product
from stock_loader.pages.conf import undo_settings

URL = "/admin/stock_pages/stockload/"
RIGHTS = ("view_stockload", "undo_stockload")


def configure(settings: Settings, folder: Path, **more: Any) -> None:
    """Have the test do what a process of its own does."""
    undo = {"FOLDER": str(folder / "undos"), "START_WORKER": False} | more
    settings.STOCK_LOADER = settings.STOCK_LOADER | {"UNDO": undo}


def work() -> None:
    """Do what waits, as the process of its own does."""
    from stock_loader.pages.undo_worker import UndoWorker  # noqa: PLC0415  # of an app of the site

    assert UndoWorker(undo_settings()).work(until_idle=True)


def stock() -> list[int]:
    return list(Product.objects.order_by("pk").values_list("stock_quantity", flat=True)[:5])


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def press(client: Client, answer: Any, button: str) -> Any:
    """Submit the form that has this button; return the page it leads to once what waits is done."""
    forms = re.findall(r'<form method="post" action="([^"]+)">(.*?)</form>', answer.content.decode(), re.DOTALL)
    for action, form in forms:
        if f">{button}</button>" in form:
            fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
            went = client.post(action, fields)
            assert went.status_code == 302, went.content
            work()
            return client.get(went["Location"])
    raise AssertionError(f"there is no button {button}: {words(answer)}")


def looked_at(client: Client, session: int) -> Any:
    return press(client, client.get(f"{URL}sessions/{session}/"), "Undo: show what that would do")
