import pytest
from django.db import connection
from django.db.models.lookups import In
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.products.models import Product
from stock_loader.database import choice
from stock_loader.database.lookups import Among

pytestmark = pytest.mark.django_db

STRANGE = ["a", "'", '"', "\\", 'a"b\\c', "{a,b}", "NULL", "null", "%s", ",", "\n", "я", "\N{GRINNING FACE}", "x" * 100]


@pytest.fixture
def strange_products() -> list[Product]:
    """All of them; where upper and lower case are the same, what differs in it alone only once."""
    texts = STRANGE if connection.vendor != "mysql" else [text for text in STRANGE if text != "null"]
    return Product.objects.bulk_create(Product(onec_id=text, sku=f"sku {text}"[:100]) for text in texts)


@pytest.mark.postgresql
@pytest.mark.sqlite
@pytest.mark.usefixtures("strange_products")
@given(values=st.sets(st.sampled_from([*STRANGE, "", "b", "x" * 101])))
@settings(max_examples=100, deadline=None)
def test_any_set_of_texts_finds_what_in_finds(values: set[str]) -> None:
    found = set(Product.objects.filter(onec_id__among=values).values_list("onec_id", flat=True))
    assert found == values & set(STRANGE)


@pytest.mark.usefixtures("strange_products")
@pytest.mark.parametrize("text", STRANGE)
def test_each_text_finds_its_product(text: str) -> None:
    stored = "NULL" if connection.vendor == "mysql" and text == "null" else text
    assert [product.onec_id for product in Product.objects.filter(onec_id__among=[text])] == [stored]


def test_longer_text_does_not_find_its_beginning() -> None:
    Product.objects.create(onec_id="x" * 100, sku="y")
    assert not Product.objects.filter(onec_id__among=["x" * 101]).exists()


def test_whole_numbers_find_by_primary_key(strange_products: list[Product]) -> None:
    wanted = {product.pk for product in strange_products[::2]}
    assert set(Product.objects.filter(pk__among=wanted).values_list("pk", flat=True)) == wanted
    assert set(Product.objects.filter(pk__among=sorted(wanted)).values_list("pk", flat=True)) == wanted
    assert set(Product.objects.exclude(pk__among=wanted).values_list("pk", flat=True)).isdisjoint(wanted)


@pytest.mark.usefixtures("strange_products")
@pytest.mark.parametrize("values", [[], set()])
def test_nothing_finds_nothing(values: list[str] | set[str]) -> None:
    assert not Product.objects.filter(onec_id__among=values).exists()


@pytest.mark.usefixtures("strange_products")
def test_more_values_than_parameters_may_be_are_one_query_of_one_parameter() -> None:
    values = {f"unknown {number}" for number in range(300_000)} | {"a"}
    with CaptureQueriesContext(connection) as captured:
        assert [product.onec_id for product in Product.objects.filter(onec_id__among=values)] == ["a"]
    assert len(captured) == 1


def test_other_databases_get_djangos_in(monkeypatch: pytest.MonkeyPatch) -> None:
    query = Product.objects.filter(onec_id__among=["a", "b"]).query
    (lookup,) = query.where.children
    assert isinstance(lookup, Among)
    compiler = query.get_compiler(connection=connection)
    monkeypatch.setattr(choice, "DIALECTS", {})
    assert lookup.as_sql(compiler, connection) == In(lookup.lhs, ["a", "b"]).as_sql(compiler, connection)
