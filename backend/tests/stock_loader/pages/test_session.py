"""The page of one session, and its files."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.products.models import Product
from stock_loader.outcome import StockChange
from stock_loader.pages.counts import BAR_WIDTH, parts_of
from stock_loader.pages.session_changes import PAGE_SIZE

URL = "/admin/stock_pages/stockload/sessions/"


def shown(client: Client, number: int, query: str = "") -> list[tuple[str, Any]]:
    return [(change.name, change.difference) for change in client.get(f"{URL}{number}/{query}").context["changes"]]


def test_parts_of_the_bar_add_up() -> None:
    details = {"total_records": 1_000_003, "updated_count": 1_000_000, "invalid_count": 1, "not_found_count": 2}
    parts = parts_of(details)
    assert [(part.name, part.amount) for part in parts] == [("updated", 1_000_000), ("not_found", 2), ("invalid", 1)]
    assert sum(part.width for part in parts) == BAR_WIDTH
    assert all(part.width >= 4 for part in parts)
    assert parts_of({}) == []


def test_largest_changes_come_first_and_all_in_the_order_of_keys(
    client: Client, make_session: Callable[..., int], products: list[int]
) -> None:
    number = make_session(*(StockChange(key, 50, 50 + n * (-1) ** n) for n, key in enumerate(products) if n))
    assert shown(client, number)[:3] == [("Cup 9", -9), ("Cup 8", 8), ("Cup 7", -7)]
    assert shown(client, number, "?order=key")[:2] == [("Cup 1", -1), ("Cup 2", 2)]
    assert shown(client, number, "?product=p4") == [("Cup 4", 4)]
    assert shown(client, number, "?product=p0") == []


def test_changes_are_shown_a_page_at_a_time(
    client: Client, make_session: Callable[..., int], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    keys = [
        product.pk
        for product in Product.objects.bulk_create(
            Product(onec_id=f"p{n}", sku=f"S{n}", name=f"{n}") for n in range(2 * PAGE_SIZE + 1)
        )
    ]
    number = make_session(*(StockChange(key, None, n) for n, key in enumerate(keys)))
    with django_assert_num_queries(8):  # four of the user, the session, two of the journal, the names
        answer = client.get(f"{URL}{number}/")
    assert [change.name for change in answer.context["changes"]] == [str(n) for n in range(100, 50, -1)]
    answer = client.get(f"{URL}{number}/{answer.context['next_url']}")
    assert [change.name for change in answer.context["changes"]][::49] == ["50", "1"]
    assert shown(client, number, answer.context["next_url"]) == [("0", 0)]
    assert shown(client, number, "?order=key&page=3") == [("100", 100)]


def test_reasons_stand_in_the_language_of_the_page(
    signed_in: Callable[..., Client], make_session: Callable[..., int]
) -> None:
    offers = [
        {"onec_id": "a", "sku": "", "line": 7, "seen": "5", "code": "no_product", "reason": "keine Ware"},
        {"onec_id": "b", "sku": "", "line": 8, "seen": "", "code": "of_tomorrow", "reason": "keine Ahnung"},
    ]
    number = make_session(not_found=offers, not_found_count=250)
    page = signed_in("view_stockload", language="ru").get(f"{URL}{number}/").content.decode()
    assert "нет товара с таким onec_id или sku" in page
    assert "keine Ware" not in page
    assert "keine Ahnung" in page
    assert "Not found: 250 (the first 2)" in signed_in("view_stockload").get(f"{URL}{number}/").content.decode()


def test_texts_of_the_file_are_no_markup(client: Client, make_session: Callable[..., int]) -> None:
    number = make_session(file="<script>alert(1)</script>", status="failed", error_message="<b>broken</b>")
    for path in ("", f"{number}/"):
        page = client.get(URL + path).content.decode()
        assert "<script>alert" not in page
        assert "<b>broken" not in page


def test_times_of_the_steps_are_shown_as_far_as_they_are_told(client: Client, make_session: Callable[..., int]) -> None:
    number = make_session(steps={"waiting": 0, "reading": 1.25, "writing": 71, "dreaming": 5})
    shown = client.get(f"{URL}{number}/").content.decode()
    for step in ("waiting for another load</dt><dd>0.0 s", "comparing</dt><dd>1.2 s", "writing</dt><dd>1 min"):
        assert step in shown
    assert "Times of the steps" not in client.get(f"{URL}{make_session(steps=[])}/").content.decode()


@pytest.fixture
def two_changes(make_session: Callable[..., int], products: list[int]) -> int:
    Product.objects.filter(pk=products[1]).update(name="=1+1")
    return make_session(StockChange(products[1], None, 5), StockChange(products[-1] + 1, 7, 0))


def sent(client: Client, path: str) -> str:
    answer: Any = client.get(URL + path)
    content: Iterable[bytes] = answer.streaming_content
    return b"".join(content).decode("utf-8-sig")


def test_changes_as_csv(client: Client, two_changes: int, products: list[int]) -> None:
    assert sent(client, f"{two_changes}/changes.csv").splitlines() == [
        "product,onec_id,sku,name,old,new",
        f"{products[1]},p1,S1,'=1+1,,5",
        f"{products[-1] + 1},,,,7,0",
    ]


def test_changes_as_json_lines(client: Client, two_changes: int, products: list[int]) -> None:
    lines = [json.loads(line) for line in sent(client, f"{two_changes}/changes.jsonl").splitlines()]
    assert lines[0] == {"product": products[1], "onec_id": "p1", "sku": "S1", "name": "=1+1", "old": None, "new": 5}
    assert [line["new"] for line in lines] == [5, 0]


def test_file_of_another_kind_is_not_there(client: Client, two_changes: int) -> None:
    assert client.get(f"{URL}{two_changes}/changes.xls").status_code == 404
    assert client.get(f"{URL}{two_changes + 1}/changes.csv").status_code == 404
