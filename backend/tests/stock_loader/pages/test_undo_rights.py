"""Who may undo on the pages, and with which settings."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from apps.common.models import ImportSession
from tests.stock_loader.pages.undoing import RIGHTS, URL, configure, looked_at, press, stock, words, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english", "undo_folder")]


def test_limits_pass_only_who_may_force(
    signed_in: Callable[..., Client], loaded: int, settings: Settings, tmp_path: Path
) -> None:
    configure(settings, tmp_path, OPTIONS=["--max-changed", "2"])
    keeper, before = signed_in(*RIGHTS), stock()
    page = looked_at(keeper, loaded)
    assert "The undo is refused products that would change: 3, the limit is 2 (--max-changed)." in words(page)
    assert "You have no right to undo it in spite of this." in words(page)
    url, seen = page.request["PATH_INFO"], {"preview": page.context["undo"].preview_session}
    assert keeper.post(f"{url}carry-out/", seen | {"force": "1"}).status_code == 403
    assert "The limits refuse this." in words(keeper.post(f"{url}carry-out/", seen, follow=True))
    work()
    assert stock() == before
    root = signed_in(*RIGHTS, "force_undo")
    press(root, root.get(url), "Undo in spite of this")
    assert stock() == [0, 0, 2, 0, 0]
    assert ImportSession.objects.latest("pk").details["asked_by"] == "user1"


def test_undo_takes_its_right(signed_in: Callable[..., Client], loaded: int) -> None:
    keeper, viewer, nobody = signed_in(*RIGHTS), signed_in("view_stockload"), signed_in()
    page = looked_at(keeper, loaded)
    url = page.request["PATH_INFO"]
    assert "Undo" not in words(viewer.get(f"{URL}sessions/{loaded}/")).split("What became")[0]
    assert "<button" not in viewer.get(url).content.decode().split('class="stock-headline"')[1]
    assert nobody.get(url).status_code == 403
    for path in (f"{URL}sessions/{loaded}/undo/", f"{url}carry-out/", f"{url}look-again/", f"{url}give-up/"):
        assert viewer.post(path).status_code == 403, path
        assert Client().post(path).status_code == 302, path
        assert keeper.get(path).status_code == 405, path
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = keeper.cookies
        assert strict.post(path).status_code == 403, path
    assert stock() == [1, 2, 2, 5, 0]


def test_page_is_russian(signed_in: Callable[..., Client], loaded: int) -> None:
    keeper = signed_in(*RIGHTS, language="ru")
    page = press(keeper, keeper.get(f"{URL}sessions/{loaded}/"), "Отменить: показать, что изменится")
    assert "Самые большие изменения" in words(page)
    assert not re.search(r"\b(?:Undo|Asked|Session|Look|Products|put back)\b", words(page))


def test_wrong_settings_are_told_by_check(settings: Settings, tmp_path: Path) -> None:
    from stock_loader.pages.apps import _check  # noqa: PLC0415

    assert _check(None) == []
    configure(settings, tmp_path, OPTIONS=["--file"])
    (told,) = _check(None)
    assert told.id == "stock_pages.E001"
    configure(settings, tmp_path, MAX_MIB=1)
    assert "'MAX_MIB' does not exist" in _check(None)[0].msg
