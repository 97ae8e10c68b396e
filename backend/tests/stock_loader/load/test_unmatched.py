"""Loads of files whose offers lead to no product."""

from pathlib import Path

import pytest

from apps.common.models import ImportSession
from apps.products.models import Product
from stock_loader.errors import RefusedByGuardError
from stock_loader.load.guards import Guards, parse_limit
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.load.unmatched import other_spellings
from tests.documents import offer
from tests.documents import rests as document
from tests.strategies import STRATEGIES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english")]

GUID = "0a1b2c3d-0000-4000-8000-0123456789ab"


def warnings(
    path: Path, ids: list[str], *, strategy: str, guards: Guards | None = None, sku: str = ""
) -> list[dict[str, str]]:
    path.write_text(document(*(offer(onec_id, 1, sku=sku) for onec_id in ids)), encoding="utf-8")
    load = LoadOptions(file=str(path), strategy=strategy, guards=guards or Guards())
    return load_stocks(load).details.warnings


def products(*ids: str) -> None:
    for number, onec_id in enumerate(ids):
        Product.objects.create(onec_id=onec_id, sku=f"S{number}", name="", stock_quantity=5)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_ids_of_file_and_shop_stand_side_by_side_where_nothing_matches(strategy: str, rests: Path) -> None:
    products("p1", "p2", "p3")
    assert warnings(rests, ["x1", "x2", "x3"], strategy=strategy) == [
        {
            "code": "nothing_matched",
            "text": "no offer of the file has a product (offers without one: 3). Ids of the file: x1 | x2; ids of the "
            "shop: p1 | p2. Compare their spelling: braces, capitals, the part behind # of variants (--sum-variants).",
        }
    ]
    assert set(Product.objects.values_list("stock_quantity", flat=True)) == {5}


def test_ids_of_the_shop_do_not_depend_on_where_its_rows_lie(rests: Path) -> None:
    """PostgreSQL keeps a row that was updated behind the others, and reads it there unless it is asked for an order."""
    products("p1", "p2", "p3")
    Product.objects.filter(onec_id="p1").update(name="updated")
    [warning] = warnings(rests, ["x1"], strategy="bulk_update")
    assert "ids of the shop: p1 | p2." in warning["text"]


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("in_file", [GUID.upper(), f"{{{GUID}}}", f"{{{GUID.upper()}}}", f"{GUID}#{GUID}"])
def test_same_id_in_two_spellings_is_found(in_file: str, strategy: str, rests: Path) -> None:
    products("p1", GUID)
    (warning,) = warnings(rests, ["x1", in_file], strategy=strategy)
    assert warning["text"].endswith(f"The file writes {in_file}, the shop {GUID}: the same id in two spellings.")


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_shop_without_ids_of_1c_shows_its_skus(strategy: str, rests: Path) -> None:
    Product.objects.create(onec_id=None, sku="A-1", name="")
    (warning,) = warnings(rests, ["x1"], strategy=strategy)
    assert "Ids of the file: x1; ids of the shop: A-1." in warning["text"]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_offers_that_are_all_ambiguous_are_no_success_without_a_word(strategy: str, rests: Path) -> None:
    Product.objects.create(onec_id=None, sku="A-1", name="", stock_quantity=5)
    assert warnings(rests, ["P#v1", "P#v2", "P#v3"], strategy=strategy, sku="A-1") == [
        {
            "code": "nothing_matched",
            "text": "no offer of the file has a product (offers without one: 3). Offers with different ids lead to one "
            "product by its sku; where they are its variants, --sum-variants adds them up.",
        }
    ]
    assert Product.objects.get().stock_quantity == 5


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_skus_of_goods_that_were_made_anew_are_told_with_the_way_to_load_them(strategy: str, rests: Path) -> None:
    Product.objects.create(onec_id="old", sku="A-1", name="", stock_quantity=5)
    (warning,) = warnings(rests, ["new"], strategy=strategy, sku="A-1")
    assert warning["text"].endswith(
        "The shop has products with these skus and with other 1C ids; if the goods were made anew in 1C, --match-sku "
        "any (setting STOCK_LOAD_MATCH_SKU)."
    )
    (warning,) = warnings(rests, ["old#v1", "old#v2"], strategy=strategy, sku="A-1")
    assert warning["text"].endswith(", the shop old: the same id in two spellings.")


def test_shop_without_products_is_told_so(rests: Path) -> None:
    (warning,) = warnings(rests, ["x1"], strategy="bulk_update")
    assert warning["text"].endswith("The shop has no product at all.")


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_hardly_any_match_among_many_is_suspicious(strategy: str, rests: Path) -> None:
    products("p1")
    many = [f"x{number}" for number in range(101)]
    (warning,) = warnings(rests, ["p1", *many], strategy=strategy)
    assert warning["code"] == "few_matched"
    assert warning["text"].startswith("hardly an offer of the file has a product: 1 have one, 101 have none.")
    assert warnings(rests, ["p1", *many[:100]], strategy=strategy) == []


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_refused_file_keeps_its_warning(strategy: str, rests: Path) -> None:
    products("p1")
    guards = Guards(max_not_found=parse_limit("100%", at_least=20))
    with pytest.raises(RefusedByGuardError):
        warnings(rests, [f"x{number}" for number in range(20)], strategy=strategy, guards=guards)
    session = ImportSession.objects.get()
    assert (session.status, [warning["code"] for warning in session.details["warnings"]]) == (
        "failed",
        ["nothing_matched"],
    )
    few = [f"x{number}" for number in range(19)]
    assert len(warnings(rests, few, strategy=strategy, guards=guards)) == 1
    with pytest.raises(RefusedByGuardError, match="offers without a product: 19, the limit is 100%"):
        warnings(rests, [*few, "x0", "x1"], strategy=strategy, guards=guards)


def test_spelling_of_the_id_itself_is_no_other_one() -> None:
    assert other_spellings("a") == {"A", "{a}", "{A}"}
    plain = {"A#b", "a#b", "A#B", "A", "a"}
    assert other_spellings("{A}#b") == plain | {f"{{{text}}}" for text in plain}
    assert other_spellings("{}") == set()
