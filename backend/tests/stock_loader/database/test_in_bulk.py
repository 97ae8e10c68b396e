"""`in_bulk` must give what Django's own gives, and after `values()` and `values_list()` what Django 6.1 gives."""

import uuid
from typing import Any

import pytest
from django.db import connection, models
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from apps.products.models import Product
from stock_loader.database.set_based_update import SetBasedUpdateQuerySet
from tests.shops.models import Item, NumberItem, StockedGood, UuidItem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def products() -> None:
    Product.objects.bulk_create(
        Product(onec_id=f"id {n}", sku=f"sku {n}", name=f"name {n}", stock_quantity=n) for n in range(5)
    )


def own(model: type[models.Model]) -> SetBasedUpdateQuerySet[Any]:
    return SetBasedUpdateQuerySet(model)


def django(model: type[models.Model]) -> "models.QuerySet[Any]":
    return models.QuerySet(model)


@pytest.mark.parametrize("ids", [["id 1", "id 4", "unknown"], ("id 1",), {"id 2", "id 3"}, [], None, ["id 1", 7, None]])
def test_rows_by_a_unique_field_are_those_of_django(ids: Any) -> None:
    assert own(Product).in_bulk(ids, field_name="onec_id") == django(Product).in_bulk(ids, field_name="onec_id")
    if ids:
        assert own(Product).in_bulk(iter(ids), field_name="onec_id") == django(Product).in_bulk(
            ids, field_name="onec_id"
        )


def test_rows_by_primary_key_are_those_of_django() -> None:
    keys = list(Product.objects.values_list("pk", flat=True))
    for ids in (keys[:3], [str(keys[0])], [10**9], [True]):
        assert own(Product).in_bulk(ids) == django(Product).in_bulk(ids)
    assert own(Product).in_bulk() == django(Product).in_bulk()
    good = StockedGood.objects.create(onec_id="a", name="good", sku="s")
    assert own(StockedGood).in_bulk([good.pk]) == {good.pk: good}


def test_rows_by_other_kinds_of_fields_are_those_of_django() -> None:
    guid = uuid.UUID(int=7)
    item = UuidItem.objects.create(guid=guid, sku="a")
    assert own(UuidItem).in_bulk([guid], field_name="guid") == {guid: item}
    assert own(UuidItem).in_bulk([str(guid)], field_name="guid") == {guid: item}
    number = NumberItem.objects.create(slug="a", number=7)
    for ids in ([7], ["7"], [7, 2**40]):
        assert own(NumberItem).in_bulk(ids, field_name="number") == {7: number}


@pytest.mark.postgresql
@pytest.mark.sqlite
def test_one_parameter_is_sent_however_many_the_keys() -> None:
    with CaptureQueriesContext(connection) as captured:
        found = own(Product).in_bulk([f"id {n}" for n in range(10_000)], field_name="onec_id")
    assert (len(found), len(captured)) == (5, 1)
    assert captured[0]["sql"].count("'") < 20


VALUES: dict[str, tuple[Any, Any]] = {
    "values with the field": (
        lambda rows: rows.values("onec_id", "sku"),
        {"onec_id": "id 1", "sku": "sku 1"},
    ),
    "values without it": (lambda rows: rows.values("sku"), {"sku": "sku 1"}),
    "a list with the field": (lambda rows: rows.values_list("sku", "onec_id"), ("sku 1", "id 1")),
    "a list without it": (lambda rows: rows.values_list("sku", "name"), ("sku 1", "name 1")),
    "a flat list": (lambda rows: rows.values_list("sku", flat=True), "sku 1"),
    "a flat list of the field": (lambda rows: rows.values_list("onec_id", flat=True), "id 1"),
    "an annotation": (lambda rows: rows.annotate(half=F("name")).values_list("half", "sku"), ("name 1", "sku 1")),
}


@pytest.mark.parametrize("kind", VALUES)
def test_values_are_those_that_the_query_yields(kind: str) -> None:
    values, expected = VALUES[kind]
    assert values(own(Product)).in_bulk(["id 1", "id 9"], field_name="onec_id") == {"id 1": expected}
    assert values(own(Product)).in_bulk(field_name="onec_id")["id 1"] == expected


def test_named_lists_keep_their_names() -> None:
    [row] = own(Product).values_list("sku", named=True).in_bulk(["id 1"], field_name="onec_id").values()
    assert (row.sku, row.onec_id) == ("sku 1", "id 1")


def test_what_django_refuses_is_refused() -> None:
    with pytest.raises(ValueError, match="must be a unique field but 'name' isn't"):
        own(Product).in_bulk(["a"], field_name="name")
    with pytest.raises(ValueError, match="must be a unique field but 'article' isn't"):
        own(Item).in_bulk(["a"], field_name="article")
    with pytest.raises(TypeError, match="Cannot use 'limit' or 'offset' with in_bulk"):
        own(Product).all()[:1].in_bulk(["a"])
