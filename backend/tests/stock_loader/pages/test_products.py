"""The history of one product as a page, and the ways to it."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.products.models import Product
from stock_loader.outcome import StockChange
from stock_loader.pages.views.products import PAGE_SIZE

URL = "/admin/stock_pages/stockload/products/"


def test_history_is_a_picture_and_a_table(
    client: Client,
    make_session: Callable[..., int],
    products: list[int],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    made = [make_session(StockChange(products[2], n, n + 1)) for n in range(3)]
    Product.objects.filter(pk=products[2]).update(stock_quantity=2)
    with django_assert_num_queries(9):
        answer = client.get(f"{URL}{products[2]}/")
    assert [(step.session, step.old, step.new) for step in answer.context["steps"]] == [
        (made[2], 2, 3),
        (made[1], 1, 2),
        (made[0], 0, 1),
    ]
    assert answer.context["picture"].line == "M0 188H12V130H360V71H708V12H720"
    assert "The shop changed the stock since the last load" in answer.content.decode()


def test_history_goes_on_at_older_sessions(
    client: Client, make_session: Callable[..., int], products: list[int]
) -> None:
    made = [make_session(StockChange(products[0], n, n + 1)) for n in range(PAGE_SIZE + 1)]
    answer = client.get(f"{URL}{products[0]}/")
    older = client.get(f"{URL}{products[0]}/{answer.context['next_url']}")
    assert [step.session for step in older.context["steps"]] == [made[0]]
    assert not older.context["differs"]


def test_deleted_product_keeps_its_history(
    client: Client, make_session: Callable[..., int], products: list[int]
) -> None:
    make_session(StockChange(products[0], 0, 1))
    Product.objects.filter(pk=products[0]).delete()
    answer = client.get(f"{URL}{products[0]}/")
    assert len(answer.context["steps"]) == 1
    assert "deleted" in answer.content.decode()


@pytest.mark.parametrize("key", ["999999999", "x", "9" * 30, "0x1"])
def test_unknown_product_is_not_there(client: Client, products: list[int], key: str) -> None:
    assert client.get(f"{URL}{key}/").status_code == 404


def test_search_leads_to_the_only_product(client: Client, products: list[int]) -> None:
    assert client.get(f"{URL}?product=S5")["Location"] == f"{URL}{products[5]}/"
    assert "No product has this" in client.get(f"{URL}?product=none").content.decode()
    Product.objects.filter(pk=products[6]).update(onec_id="S5")
    assert [product.sku for product, _ in client.get(f"{URL}?product=S5").context["products"]] == ["S6", "S5"]


def test_shops_own_product_page_leads_to_the_history(signed_in: Callable[..., Client], products: list[int]) -> None:
    page = f"/admin/products/product/{products[1]}/change/"
    link = f'href="{URL}{products[1]}/"'
    assert link in signed_in("view_product", "view_stockload").get(page).content.decode()
    assert link not in signed_in("view_product").get(page).content.decode()
    column = signed_in("view_product", "view_stockload").get("/admin/products/product/").content.decode()
    assert link in column
    answer = signed_in("view_product", "view_stockload").get(f"{URL}{products[1]}/")
    assert f'href="{page}"' in answer.content.decode()
