import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from fixtures_generator import Catalogue, Document, Kind, Layout, expected, write
from fixtures_generator.layouts import FORMS
from fixtures_generator.offers import offers
from fixtures_generator.tests.catalogues import MIXED, written
from fixtures_generator.tests.reading import Reading, numbers_of, offers_of, read

WITHOUT_WAREHOUSES = [Layout.L2, Layout.L3, Layout.L4, Layout.L8]


def truth(catalogue: Catalogue) -> list[Reading]:
    return [Reading(offer.onec_id, offer.sku, offer.quantity) for offer in expected(catalogue)]


@pytest.mark.parametrize("layout", Layout)
def test_independent_reading_gives_what_is_expected(layout: Layout) -> None:
    assert read(written(MIXED, Document(layout=layout)), layout) == truth(MIXED)


@pytest.mark.parametrize("layout", WITHOUT_WAREHOUSES)
def test_file_without_warehouses_has_totals(layout: Layout) -> None:
    catalogue = replace(MIXED, warehouses=0)
    content = written(catalogue, Document(layout=layout))
    assert read(content, layout) == truth(catalogue)
    assert "Склад".encode() not in content


@pytest.mark.parametrize("layout", Layout)
def test_every_way_of_breaking_a_number_occurs(layout: Layout) -> None:
    catalogue = replace(MIXED, offers=1000, invalid_share=0.1)
    content = written(catalogue, Document(layout=layout))
    seen = {
        number
        for offer, reading in zip(offers_of(content), expected(catalogue), strict=True)
        if reading.kind is Kind.INVALID
        for number in numbers_of(offer, layout)
    }
    wanted = {"child element" if "<" in text else text for text in FORMS[layout].broken}
    assert wanted <= seen
    assert len(wanted) >= 11


def test_every_warehouse_is_broken_in_turn() -> None:
    catalogue = Catalogue(offers=300, warehouses=3, invalid_share=1)
    content = written(catalogue, Document(layout=Layout.L1))
    places = {numbers_of(offer, Layout.L1).index("NaN") for offer in offers_of(content) if b"NaN" in ET.tostring(offer)}
    assert places == {0, 1, 2}


@pytest.mark.parametrize("layout", Layout)
def test_deletion_is_marked_in_all_four_ways(layout: Layout) -> None:
    content = written(Catalogue(offers=8, deleted_share=1), Document(layout=layout)).decode()
    assert content.count('<Предложение Статус="Удален">') == 2
    assert content.count("<Статус>Удален</Статус>") == 2
    assert content.count("<ПометкаУдаления>true</ПометкаУдаления>") == 2
    assert content.count("<ПомеченНаУдаление>true</ПомеченНаУдаление>") == 2


def test_fractions_have_a_point_and_a_comma_in_turn() -> None:
    content = written(Catalogue(offers=10, fractional_share=1), Document(layout=Layout.L3)).decode()
    numbers = re.findall("<Количество>(.*)</Количество>", content)
    assert sum("." in number for number in numbers) == 5
    assert sum("," in number for number in numbers) == 5


def test_total_beside_warehouses_is_their_sum_and_stands_first() -> None:
    content = written(Catalogue(offers=50, warehouses=4), Document(layout=Layout.L4))
    for offer in offers_of(content):
        total, *stores = [child for child in offer if child.tag.endswith(("Количество", "Склад"))]
        assert len(stores) == 4
        assert int(total.text or "") == sum(int(store.attrib["КоличествоНаСкладе"]) for store in stores)


@pytest.mark.parametrize("layout", [Layout.L1, Layout.L4, Layout.L5, Layout.L6, Layout.L7, Layout.L9, Layout.L10])
def test_each_quantity_has_a_warehouse_of_its_own(layout: Layout) -> None:
    content = written(Catalogue(offers=20, warehouses=5), Document(layout=layout))
    for offer in offers_of(content):
        attributes = [child.attrib["ИдСклада"] for child in offer.iter() if "ИдСклада" in child.attrib]
        elements = [*offer.findall(".//{*}ИдСклада"), *offer.findall(".//{*}Склад/{*}Ид")]
        stores = attributes + [element.text or "" for element in elements]
        assert len(stores) == len(set(stores)) == 5


def test_variant_of_layout_l5_stands_in_an_element_of_its_own() -> None:
    content = written(Catalogue(offers=4, composite_share=0.5), Document(layout=Layout.L5))
    found = offers_of(content)
    assert ["#" in (offer.findtext("{*}Ид") or "") for offer in found] == [False] * 4
    assert sum(offer.find("{*}ИдХарактеристики") is not None for offer in found) == 2


def test_directory_of_warehouses_stands_outside_the_offers() -> None:
    root = ET.fromstring(written(Catalogue(offers=1), Document(layout=Layout.L4)))
    listed = [store.text for store in root.findall("{*}ПакетПредложений/{*}Склады/{*}Склад/{*}Ид")]
    used = [store.get("ИдСклада") for store in root.findall(".//{*}Предложение/{*}Склад")]
    assert listed == used
    assert len(used) == 3


def test_offer_without_stock_has_its_id_alone() -> None:
    (offer,) = offers_of(written(Catalogue(offers=1, no_stock_share=1)))
    assert [child.tag.rpartition("}")[2] for child in offer] == ["Ид"]


def test_same_catalogue_has_the_same_totals_in_every_layout() -> None:
    totals = [
        [reading.quantity for reading in read(written(MIXED, Document(layout=layout)), layout)] for layout in Layout
    ]
    assert totals == [totals[0]] * len(Layout)


def test_fractional_sums_are_those_of_the_warehouses() -> None:
    catalogue = Catalogue(offers=30, fractional_share=1)
    content = written(catalogue, Document(layout=Layout.L4)).decode()
    assert [number.replace(",", ".") for number in re.findall("<Количество>(.*)</Количество>", content)] == [
        str(sum(offer.quantities)) for offer in offers(catalogue)
    ]


def test_nothing_is_written_of_an_impossible_layout() -> None:
    class Untouched:
        pass

    with pytest.raises(ValueError, match="layout L1 needs at least 1 warehouse"):
        write(Catalogue(warehouses=0), Untouched())  # type: ignore[arg-type]
