"""An undo that is asked for on a page: looked at, confirmed, and refused where it no longer does what was seen."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from apps.common.models import ImportSession
from apps.products.models import Product
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.pages.conf import undo_settings
from tests.documents import offer
from tests.documents import rests as document

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english")]

URL = "/admin/stock_pages/stockload/"
RIGHTS = ("view_stockload", "undo_stockload")


@pytest.fixture(autouse=True)
def undo_folder(settings: Settings, tmp_path: Path) -> Path:
    configure(settings, tmp_path)
    return tmp_path / "undos"


def configure(settings: Settings, folder: Path, **more: Any) -> None:
    """Have the test do what a process of its own does."""
    undo = {"FOLDER": str(folder / "undos"), "START_WORKER": False} | more
    settings.STOCK_LOADER = settings.STOCK_LOADER | {"UNDO": undo}


@pytest.fixture
def loaded(rests: Path, products: list[int]) -> int:
    """A load of 1 to 5 for five products with 0, of which the first was sold out since and the second was deleted."""
    rests.write_text(document(*(offer(f"p{n}", n + 1) for n in range(5))), "utf-8")
    number = load_stocks(LoadOptions(file=str(rests), strategy="bulk_update")).session_id
    Product.objects.filter(pk=products[2]).update(stock_quantity=2)
    Product.objects.filter(pk=products[3]).delete()
    return number


@pytest.fixture
def keeper(signed_in: Callable[..., Client]) -> Client:
    return signed_in(*RIGHTS)


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


def test_preview_shows_what_would_be_done_and_writes_nothing(keeper: Client, loaded: int) -> None:
    before = stock()
    page = looked_at(keeper, loaded)
    assert stock() == before
    for text in (
        "Looked at, nothing is undone yet",
        f"Undoes #{loaded}",
        "Products that would change 3",
        "Of them set to 0 3",
        "put back 3 60.0 %",
        "deleted since 1 20.0 %",
        "changed since, left as they are 1 20.0 %",
        "The largest changes Product In stock After the undo Difference Cup 4 S4 5 0 −5 Cup 1 S1 2 0 −2",
        "Left as they are: 2",
        "p2 S2 2 — the quantity was changed since",
    ):
        assert text in words(page), text
    assert ImportSession.objects.latest("pk").details["dry_run"]


def test_confirmed_undo_is_done_and_says_who_did_it(keeper: Client, loaded: int, undo_folder: Path) -> None:
    page = press(keeper, looked_at(keeper, loaded), "Undo")
    assert stock() == [0, 0, 2, 0, 0]
    session = ImportSession.objects.latest("pk")
    assert (session.status, session.details["undoes"], session.details["asked_by"]) == ("completed", loaded, "user0")
    assert f'href="{URL}sessions/{session.pk}/"' in page.content.decode()
    assert "Undone" in words(page)
    assert "Confirmed by user0" in words(page)
    assert list(undo_folder.iterdir()) == [undo_folder / "worker.lock"]
    shown = words(keeper.get(f"{URL}sessions/{session.pk}/"))
    assert "started by user0" in shown
    assert "put back 3" in shown


def test_differences_are_taken_back_where_that_is_chosen(keeper: Client, loaded: int, products: list[int]) -> None:
    page = press(keeper, looked_at(keeper, loaded), "Take the differences back instead")
    assert "what was sold since stays sold" in words(page)
    assert "Cup 2 S2 2 0 −2" in words(page)
    press(keeper, page, "Undo")
    assert stock() == [0, 0, 0, 0, 0]
    assert ImportSession.objects.latest("pk").details["relative"]


def test_undo_is_refused_where_the_stock_changed_since_the_preview(
    keeper: Client, loaded: int, products: list[int]
) -> None:
    first = looked_at(keeper, loaded)
    Product.objects.filter(pk=products[4]).update(stock_quantity=1)
    second = press(keeper, first, "Undo")
    assert "the stock has changed since the preview: changes that would be others than it shows: 1" in words(second)
    assert "Nothing was written." in words(second)
    assert "changed since, left as they are 2" in words(second)
    assert stock() == [1, 2, 2, 1, 0]
    assert "This is no longer what you saw; look again." in words(press(keeper, first, "Undo"))
    assert stock() == [1, 2, 2, 1, 0]
    press(keeper, second, "Undo")
    assert stock() == [0, 0, 2, 1, 0]


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


def test_what_is_undone_already_is_told(keeper: Client, loaded: int) -> None:
    press(keeper, looked_at(keeper, loaded), "Undo")
    undo = ImportSession.objects.latest("pk").pk
    page = looked_at(keeper, loaded)
    assert f"session #{loaded} was undone already, by session #{undo}; to take that back, undo #{undo}." in words(page)
    assert "--force" not in words(page)
    assert "Nothing would change." in words(page)
    assert ">Undo</button>" not in page.content.decode()


def test_what_cannot_be_undone_is_told_in_a_line(keeper: Client, loaded: int) -> None:
    from stock_loader.journal.pages import JournalPage  # noqa: PLC0415

    JournalPage.objects.all().delete()
    page = looked_at(keeper, loaded)
    assert f"session #{loaded} changed 5 products, and the journal has 0 of these changes" in words(page)
    assert "Failed" in words(page)


def test_lost_preview_is_made_anew(keeper: Client, loaded: int, undo_folder: Path) -> None:
    page = looked_at(keeper, loaded)
    for changes in undo_folder.glob("*/.changes.jsonl"):
        changes.unlink()
    page = press(keeper, page, "Undo")
    assert "what the preview showed is no longer kept. Nothing was written." in words(page)
    press(keeper, page, "Undo")
    assert stock() == [0, 0, 2, 0, 0]


def test_undo_can_be_given_up(keeper: Client, loaded: int, undo_folder: Path) -> None:
    page = looked_at(keeper, loaded)
    session = press(keeper, page, "Do not undo")
    assert "Stock load #" in words(session)
    assert "Given up, nothing was undone" in words(keeper.get(page.request["PATH_INFO"]))
    assert list(undo_folder.glob("*/")) == []


def test_unfinished_undo_refreshes_itself_and_is_shown_to_whoever_asks_for_the_same(
    signed_in: Callable[..., Client], loaded: int
) -> None:
    one, two = signed_in(*RIGHTS), signed_in(*RIGHTS)
    first = one.post(f"{URL}sessions/{loaded}/undo/")
    assert two.post(f"{URL}sessions/{loaded}/undo/")["Location"] == first["Location"]
    page = one.get(first["Location"])
    assert '<meta http-equiv="refresh" content="2">' in page.content.decode()
    assert "Waiting to be looked at" in words(page)
    assert two.post(f"{URL}sessions/{loaded}/undo/", {"relative": "1"})["Location"] != first["Location"]


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


def test_session_that_is_none_cannot_be_undone(keeper: Client, products: list[int]) -> None:
    assert keeper.post(f"{URL}sessions/99/undo/").status_code == 404
    assert keeper.get(f"{URL}undos/99/").status_code == 404


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
