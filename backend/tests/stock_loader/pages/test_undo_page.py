"""An undo that is asked for on a page: looked at, confirmed, and refused where it no longer does what was seen."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.common.models import ImportSession
from apps.products.models import Product
from tests.stock_loader.pages.undoing import RIGHTS, URL, looked_at, press, stock, words

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english", "undo_folder")]


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


def test_page_of_a_preview_asks_little(
    keeper: Client, loaded: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    url = looked_at(keeper, loaded).request["PATH_INFO"]
    with django_assert_num_queries(6):  # the cookie's session, the user, two of its rights, the undo, the names
        keeper.get(url)


def test_session_that_is_none_cannot_be_undone(keeper: Client, products: list[int]) -> None:
    assert keeper.post(f"{URL}sessions/99/undo/").status_code == 404
    assert keeper.get(f"{URL}undos/99/").status_code == 404
