"""Batches read at once against the same offers read one by one: never another record, and None rather than a doubt."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from stock_loader.commerceml.markup import SAFE_OPTIONS
from stock_loader.commerceml.offers.any_layout import AnyLayoutReader
from stock_loader.commerceml.offers.numbers import NumberCache
from stock_loader.commerceml.offers.usual_layout import UsualLayoutReader
from stock_loader.commerceml.offers.warehouses import WarehouseChoice, WarehouseFilter
from stock_loader.commerceml.records import Adjustment, StockRecord
from tests.stock_loader.commerceml.offers.batches import (
    NAMESPACE,
    container_of,
    offer,
    read_at_once,
    read_one_by_one,
    rest,
)
from tests.stock_loader.commerceml.offers.nearly_regular import nearly_regular_batches


@pytest.mark.parametrize("namespace", [NAMESPACE, ""])
def test_regular_batch_is_read_at_once(namespace: str) -> None:
    offers = (
        offer("a", rest("w1", "5"), rest("w2", "7")),
        offer(" b#c ", rest("w1", "0")),
        offer("d", rest("w1", "0,5"), rest("w2", "-1"), rest("w3", "1 000")),
        offer("e", rest("w1", "-1")),
    )
    assert read_at_once(container_of("\n".join(offers), namespace)) == [
        StockRecord(1, "a", "", 12),
        StockRecord(2, "b#c", "", 0),
        StockRecord(3, "d", "", 999, Adjustment.ROUNDED),
        StockRecord(4, "e", "", 0, Adjustment.NEGATIVE),
    ]


def test_regular_batch_without_warehouses_is_read_at_once() -> None:
    rests = "<Остаток><Количество>%s</Количество></Остаток>"
    offers = (offer("a", rests % "5", rests % "5"), offer("b", rests % "-1"), offer("c", rests % "0", rests % "1,5"))
    assert read_at_once(container_of("\n".join(offers))) == [
        StockRecord(1, "a", "", 10),
        StockRecord(2, "b", "", 0, Adjustment.NEGATIVE),
        StockRecord(3, "c", "", 1, Adjustment.ROUNDED),
    ]


@pytest.mark.parametrize(
    "irregular",
    [
        "<Остаток><Количество/></Остаток>",
        "<Остаток><Количество>5<x/></Количество></Остаток>",
        "<Остаток><Количество>x</Количество></Остаток>",
        "<Остаток><Ид>5</Ид></Остаток>",
        "<Остаток>5</Остаток>",
        "<Остаток/><Остаток><Количество>5</Количество><Количество>5</Количество></Остаток>",
        "<Остаток><Количество>5</Количество><Количество>5</Количество></Остаток><Остаток/>",
        rest("w", "5"),
    ],
)
def test_batch_without_warehouses_but_one_offer_is_not_read(irregular: str) -> None:
    regular = offer("a", "<Остаток><Количество>5</Количество></Остаток>")
    assert read_at_once(container_of(regular + offer("b", irregular) + regular)) is None


def test_record_is_a_record_with_all_its_fields() -> None:
    (record,) = read_at_once(container_of(offer("a", rest("w1", "5")))) or []
    assert type(record) is StockRecord
    assert record == StockRecord(1, "a", "", 5, Adjustment.NONE, None, "")
    assert record.key == "a"


REGULAR = offer("r", rest("w1", "5"), rest("w2", "7"))


@pytest.mark.parametrize(
    "unfinished", ["<Предложение/>", REGULAR, "<Предложение x='1'><Ид>u</Ид></Предложение>", "<x/>"]
)
def test_unfinished_offer_is_left_out(unfinished: str) -> None:
    container = container_of(REGULAR * 3 + unfinished)
    assert read_at_once(container, count=3) == [StockRecord(1, "r", "", 12)] * 3


IRREGULAR = {
    "attribute": REGULAR.replace("<Предложение>", '<Предложение Статус="Удален">'),
    "another name": REGULAR.replace("Предложение", "Предлог"),
    "no id": REGULAR.replace("<Ид>r</Ид>", ""),
    "empty id": REGULAR.replace("<Ид>r</Ид>", "<Ид/>"),
    "blank id": REGULAR.replace("<Ид>r</Ид>", "<Ид> </Ид>"),
    "id with an element": REGULAR.replace("<Ид>r</Ид>", "<Ид>r<x/></Ид>"),
    "sku": REGULAR.replace("<Ид>r</Ид>", "<Ид>r</Ид><Артикул>S</Артикул>"),
    "sku for the rests": "<Предложение><Ид>r</Ид><Артикул>S</Артикул></Предложение>",
    "rests before the id": f"<Предложение><Остатки>{rest('w', '1')}</Остатки><Ид>r</Ид></Предложение>",
    "no rests": "<Предложение><Ид>r</Ид></Предложение>",
    "empty rests": offer("r"),
    "empty rest": offer("r", "<Остаток/>"),
    "empty offer": "<Предложение/>",
    "no warehouse": offer("r", "<Остаток><Количество>5</Количество></Остаток>"),
    "no warehouse in one of two rests": offer("r", rest("w", "5"), "<Остаток><Количество>5</Количество></Остаток>"),
    "two rests in the place of one": offer("r", "<Остаток><Количество>5</Количество><x/><x/></Остаток>"),
    "two warehouses in a rest": offer("r", (rest("w1", "5") + rest("w2", "7")).replace("</Остаток><Остаток>", "")),
    "warehouse twice": offer("r", rest("w1", "5"), rest("w1", "7")),
    "warehouse twice but for spaces": offer("r", rest("w1", "5"), rest(" w1", "7")),
    "warehouse without an id": offer("r", rest("", "5")),
    "no quantity": offer("r", "<Остаток><Склад><Ид>w</Ид></Склад></Остаток>"),
    "empty quantity": offer("r", rest("w", "")),
    "quantity first": offer("r", "<Остаток><Склад><Количество>5</Количество><Ид>w</Ид></Склад></Остаток>"),
    "two quantities": offer(
        "r", "<Остаток><Склад><Количество>x</Количество><Количество>5</Количество></Склад></Остаток>"
    ),
    "number that is none": offer("r", rest("w", "нет")),
    "too many pieces": offer("r", rest("w", "2147483648")),
    "element in a quantity": offer("r", rest("w", "5<x/>")),
    "quantity in another namespace": REGULAR.replace("<Количество>5", '<Количество xmlns="urn:x">5'),
    "nested offer": offer("r", rest("w", REGULAR)),
    # As many texts, elements and children as regular ones have, in other places.
    "two texts in one quantity, none in another rest": offer(
        "r",
        "<Остаток><Склад><Ид>w</Ид><Количество>1<x/>2</Количество></Склад></Остаток>",
        "<x><y><z/></y></x>",
    ),
    "two texts in a quantity and in an id": offer(
        "r", "<Остаток><Склад><Ид>w<x/>v</Ид><Количество>1<x/>2</Количество></Склад></Остаток>", "<x><y/></x>"
    ),
    "id moved to a neighbour": (
        f"<Предложение><Ид>a</Ид><Ид>b<x/></Ид></Предложение>"
        f"<Предложение><Остатки>{rest('w', '1')}</Остатки><Остатки>{rest('w', '2')}</Остатки></Предложение>"
    ),
    "stray text for a missing warehouse": offer(
        "r", "<Остаток><Склад><Ид/><Количество>5</Количество>7</Склад></Остаток>"
    ),
    "stray text for a missing quantity": offer("r", "<Остаток><Склад><Ид>w</Ид><Количество/>7</Склад></Остаток>"),
}


@pytest.mark.parametrize("irregular", IRREGULAR.values(), ids=IRREGULAR.keys())
@pytest.mark.parametrize("before", [0, 1, 3])
def test_batch_with_an_irregular_offer_is_not_read(irregular: str, before: int) -> None:
    assert read_at_once(container_of(REGULAR * before + irregular + REGULAR)) is None


def test_attribute_of_an_offer_is_seen_beside_one_of_the_unfinished() -> None:
    deleted = REGULAR.replace("<Предложение>", '<Предложение Статус="Удален">')
    for unfinished in (deleted, '<x y="1"/>', '<Предложение Статус="Удален"/>'):
        assert read_at_once(container_of(deleted + unfinished), count=1) is None


def test_stray_text_is_passed_over_by_both_readers() -> None:
    stray = REGULAR.replace("<Остаток>", "9<Остаток>").replace("</Склад>", "8</Склад>").replace("<Ид>", "7<Ид>")
    container = container_of(f"1{stray}2")
    assert read_at_once(container) == read_one_by_one(container) == [StockRecord(1, "r", "", 12)]


def has_nested_offer(container: etree._Element) -> bool:
    return any(found.getparent() is not container for found in container.iterdescendants("{*}Предложение"))


@pytest.mark.slow
@given(nearly_regular_batches(), st.sampled_from([NAMESPACE, ""]), st.booleans())
@settings(deadline=None, max_examples=1500)
@example(IRREGULAR["two texts in one quantity, none in another rest"], NAMESPACE, False)
@example(IRREGULAR["two quantities"], NAMESPACE, False)
@example(IRREGULAR["warehouse twice but for spaces"], "", False)
def test_nearly_regular_batch_reads_as_one_by_one(offers: str, namespace: str, has_unfinished: bool) -> None:
    container = container_of(offers, namespace)
    count = len(container) - has_unfinished
    if count < 1:
        return
    at_once = read_at_once(container, count=count)
    if at_once is not None:
        assert at_once == read_one_by_one(container, count=count)
        assert len(at_once) == count
        assert not has_nested_offer(container_of("".join(map(outer_text, container[:count])), namespace))


CHOICES = st.builds(
    WarehouseChoice.of,
    st.sets(st.sampled_from(["W1", "w2", "w9"]), max_size=2),
    st.sets(st.sampled_from(["w1", "W2", "w9"]), max_size=2),
)


@pytest.mark.slow
@given(nearly_regular_batches(), CHOICES, st.booleans())
@settings(deadline=None, max_examples=1000)
@example(offer("a", rest("w1", "x"), rest(" W2", "7")), WarehouseChoice.of(["w2"]), False)
@example(offer("a", rest("w1", "1")) * 2 + offer("b", rest("w2", "2")), WarehouseChoice.of(["w2"]), True)
def test_chosen_warehouses_are_read_at_once_as_one_by_one(
    offers: str, choice: WarehouseChoice, has_unfinished: bool
) -> None:
    container = container_of(offers)
    count = len(container) - has_unfinished
    if count < 1:
        return
    together, apart = WarehouseFilter(choice), WarehouseFilter(choice)
    at_once = UsualLayoutReader(NumberCache(), NAMESPACE, together).read(container, count)
    if at_once is not None:
        reader = AnyLayoutReader(NumberCache(), apart)
        assert at_once == [reader.read(child) for child in container[:count]]
        assert together.seen == apart.seen


def outer_text(element: etree._Element) -> str:
    return etree.tostring(element, encoding="unicode", with_tail=False)


def test_unfinished_leaf_beside_the_offers_lends_them_no_text() -> None:
    """An offer whose id is empty must not take one that stands after it, where the chunk ends inside that."""
    offers = offer("", rest("w1", "5")) + "<Ид>x"
    parser = etree.XMLPullParser(events=("start",), **SAFE_OPTIONS)
    parser.feed(f'<Предложения xmlns="{NAMESPACE}">{offers}<')
    container = next(element for _, element in parser.read_events())
    assert (len(container), container[1].text) == (2, "x")
    assert read_at_once(container, count=1) is None
