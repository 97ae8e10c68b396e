"""The list of sessions: what it shows, finds, and asks of the database."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.common.models import ImportSession
from stock_loader.outcome import StockChange
from stock_loader.pages.sessions import PAGE_SIZE

URL = "/admin/stock_pages/stockload/sessions/"


def numbers(client: Client, query: str = "") -> list[int]:
    return [row.number for row in client.get(URL + query).context["sessions"]]


def test_states_stand_in_words_beside_their_colours(client: Client, make_session: Callable[..., int]) -> None:
    made = {
        "completed": make_session(),
        "warned": make_session(warnings=[{"code": "not_found", "text": "look"}]),
        "failed": make_session(status="failed", error_message="no such file"),
        "running": make_session(status="started"),
        "skipped": make_session(skipped=True),
        "dry_run": make_session(dry_run=True),
    }
    answer = client.get(URL)
    assert {row.state: row.number for row in answer.context["sessions"]} == made
    page = answer.content.decode()
    assert '<span class="stock-state warned">completed, with warnings</span>' in page
    assert "no such file" in page


@pytest.mark.parametrize(
    ("shown", "expected"),
    [("real", [0]), ("failed", [1]), ("running", [2]), ("skipped", [3]), ("dry_run", [4]), ("undo", [0])],
)
def test_list_is_narrowed_to_a_kind(
    client: Client, make_session: Callable[..., int], shown: str, expected: list[int]
) -> None:
    made = [
        make_session(undoes=7),
        make_session(status="failed"),
        make_session(status="started"),
        make_session(skipped=True),
        make_session(dry_run=True),
    ]
    assert numbers(client, f"?shown={shown}") == [made[place] for place in expected]


def test_sessions_are_found_by_a_part_of_the_file(client: Client, make_session: Callable[..., int]) -> None:
    make_session(file="/exchange/import.xml")
    wanted = make_session(file="/exchange/Rests-7.xml")
    assert numbers(client, "?file=rests-7") == [wanted]
    assert numbers(client, "?file=%25") == []


def test_sessions_are_found_by_a_product_that_they_changed(
    client: Client, make_session: Callable[..., int], products: list[int]
) -> None:
    first = make_session(StockChange(products[3], 0, 5))
    make_session(StockChange(products[4], 0, 5))
    last = make_session(StockChange(products[3], 5, 6))
    assert numbers(client, "?product=S3") == [last, first]
    assert numbers(client, "?product=nothing") == []


def test_pages_follow_each_other_without_a_count(
    client: Client, make_session: Callable[..., int], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    made = [make_session() for _ in range(PAGE_SIZE + 2)]
    with django_assert_num_queries(5) as asked:  # the cookie's session, the user, two of its rights, the list
        answer = client.get(URL)
    assert "COUNT(" not in "".join(query["sql"] for query in asked.captured_queries).upper()
    assert [row.number for row in answer.context["sessions"]] == made[: -PAGE_SIZE - 1 : -1]
    assert numbers(client, answer.context["next_url"]) == [made[1], made[0]]


def test_foreign_details_break_nothing(client: Client, make_session: Callable[..., int]) -> None:
    number = make_session()
    ImportSession.objects.filter(pk=number).update(details=["of another importer"])
    assert numbers(client) == [number]
    assert client.get(f"{URL}{number}/").status_code == 200


def test_imports_of_another_type_are_no_loads(client: Client, make_session: Callable[..., int]) -> None:
    other = ImportSession.objects.create(import_type="prices")
    assert numbers(client) == []
    assert client.get(f"{URL}{other.pk}/").status_code == 404


def test_pages_take_the_right_to_view(signed_in: Callable[..., Client], make_session: Callable[..., int]) -> None:
    number = make_session()
    for path in ("", "sessions/", f"sessions/{number}/", f"sessions/{number}/changes.csv", "products/"):
        url = f"/admin/stock_pages/stockload/{path}"
        assert signed_in("view_product").get(url).status_code == 403, path
        assert Client().get(url).status_code == 302, path
    assert "stock_pages" not in signed_in().get("/admin/").content.decode()


def test_russian_page_is_russian(signed_in: Callable[..., Client], make_session: Callable[..., int]) -> None:
    make_session(status="failed")
    page = signed_in("view_stockload", language="ru").get(URL).content.decode()
    assert "Загрузки остатков" in page
    assert ">не удалась</span>" in page
