"""Batches read at once against the same offers read one by one: never another record, and None rather than a doubt."""

from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from stock_loader.commerceml.markup import SAFE_OPTIONS
from stock_loader.commerceml.offers.any_layout import AnyLayoutReader
from stock_loader.commerceml.offers.numbers import NumberCache
from stock_loader.commerceml.offers.usual_layout import UsualLayoutReader
from stock_loader.commerceml.offers.warehouses import ALL_WAREHOUSES, WarehouseChoice, WarehouseFilter
from stock_loader.commerceml.records import Adjustment, StockRecord

NAMESPACE = "urn:1C.ru:commerceml_3"
Tree = tuple[str, str, list["Tree | str"]]
"""An element: name, attributes as they are written, children and texts."""


def rest(warehouse: str, quantity: str) -> str:
    return f"<Остаток><Склад><Ид>{warehouse}</Ид><Количество>{quantity}</Количество></Склад></Остаток>"


def offer(onec_id: str, *rests: str) -> str:
    return f"<Предложение><Ид>{onec_id}</Ид><Остатки>{''.join(rests)}</Остатки></Предложение>"


def container_of(offers: str, namespace: str = NAMESPACE) -> etree._Element:
    parser = etree.XMLParser(**SAFE_OPTIONS)
    xmlns = f' xmlns="{namespace}"' if namespace else ""
    return etree.fromstring(f"<Предложения{xmlns}>{offers}</Предложения>", parser)


def read_at_once(container: etree._Element, *, count: int | None = None) -> list[StockRecord] | None:
    namespace = etree.QName(container).namespace or ""
    return UsualLayoutReader(NumberCache(), namespace).read(container, len(container) if count is None else count)


def read_one_by_one(container: etree._Element, *, count: int | None = None) -> list[StockRecord]:
    reader = AnyLayoutReader(NumberCache())
    return [reader.read(child) for child in container[:count] if etree.QName(child).localname == "Предложение"]


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


TEXTS = st.sampled_from(["", " ", "w1", "w2", " w1 ", "5", "0", "-7", "1,5", "2147483647", "нет", "true", "Удален"])
NAMES = [
    "Предложение",
    "Ид",
    "Артикул",
    "Остатки",
    "Остаток",
    "Склад",
    "Количество",
    "Статус",
    "ПометкаУдаления",
    "Чужое",
]
ATTRIBUTES = st.sampled_from(["", ' Статус="Удален"', ' КоличествоНаСкладе="3"', ' x="1"'])


def leaf(name: str, text: str) -> Tree:
    return name, "", [text]


@st.composite
def regular_offers(draw: st.DrawFn) -> Tree:
    if draw(st.booleans()):
        totals: list[Tree | str] = [
            ("Остаток", "", [leaf("Количество", text)]) for text in draw(st.lists(TEXTS, min_size=1, max_size=3))
        ]
        return "Предложение", "", [leaf("Ид", draw(st.sampled_from(["a", "b", "c"]))), ("Остатки", "", totals)]
    rests: list[Tree | str] = [
        ("Остаток", "", [("Склад", "", [leaf("Ид", warehouse), leaf("Количество", draw(TEXTS))])])
        for warehouse in draw(st.lists(st.sampled_from(["w1", "w2", "w3", " w1", ""]), min_size=1, max_size=3))
    ]
    return "Предложение", "", [leaf("Ид", draw(st.sampled_from(["a", "b", "c"]))), ("Остатки", "", rests)]


def nodes(trees: list[Tree | str]) -> Iterator[tuple[list[Tree | str], int]]:
    """Every place in the trees: a list of children and an index."""
    for index, tree in enumerate(trees):
        yield trees, index
        if not isinstance(tree, str):
            yield from nodes(tree[2])


def mutate(draw: st.DrawFn, trees: list[Tree | str]) -> None:
    """Change one place of the trees."""
    siblings, index = draw(st.sampled_from(list(nodes(trees))))
    node = siblings[index]
    match draw(st.sampled_from(["drop", "repeat", "swap", "text", "element", "rename", "attribute", "wrap", "move"])):
        case "drop":
            del siblings[index]
        case "repeat":
            siblings.insert(index, node)
        case "swap":
            siblings[index], siblings[0] = siblings[0], siblings[index]
        case "text":
            siblings.insert(index, draw(TEXTS))
        case "element":
            siblings.insert(index, leaf(draw(st.sampled_from(NAMES)), draw(TEXTS)))
        case "rename" if not isinstance(node, str):
            siblings[index] = (draw(st.sampled_from(NAMES)), node[1], node[2])
        case "attribute" if not isinstance(node, str):
            siblings[index] = (node[0], draw(ATTRIBUTES), node[2])
        case "wrap":
            siblings[index] = (draw(st.sampled_from(NAMES)), "", [node])
        case "move":
            del siblings[index]
            places = list(nodes(trees))
            target, position = draw(st.sampled_from(places)) if places else (trees, 0)
            target.insert(position, node)


def copied(tree: Tree | str) -> Tree | str:
    return tree if isinstance(tree, str) else (tree[0], tree[1], [copied(child) for child in tree[2]])


def written(tree: Tree | str) -> str:
    if isinstance(tree, str):
        return tree
    name, attributes, children = tree
    return f"<{name}{attributes}>{''.join(map(written, children))}</{name}>"


@st.composite
def nearly_regular_batches(draw: st.DrawFn) -> str:
    offers: list[Tree | str] = list(draw(st.lists(regular_offers(), min_size=1, max_size=4)))
    for _ in range(draw(st.integers(0, 5))):
        if offers:
            offers = [copied(tree) for tree in offers]
            mutate(draw, offers)
    return "\n".join(map(written, offers))


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


@pytest.mark.parametrize(
    ("choice", "quantities"),
    [
        (ALL_WAREHOUSES, [12, 7, 14]),
        (WarehouseChoice.of(["w1"]), [5, 0, 3]),
        (WarehouseChoice.of(["W2", "w3"], ["w3"]), [7, 7, 0]),
        (WarehouseChoice.of([], ["w1"]), [7, 7, 11]),
        (WarehouseChoice.of(["w9"]), [0, 0, 0]),
    ],
)
def test_batch_is_read_at_once_whichever_warehouses_are_chosen(choice: WarehouseChoice, quantities: list[int]) -> None:
    offers = (
        offer("a", rest("w1", "5"), rest(" W2 ", "7")),
        offer("b", rest("w2", "7")),
        offer("c", rest("w3", "11"), rest("w1", "3")),
    )
    records = UsualLayoutReader(NumberCache(), NAMESPACE, WarehouseFilter(choice)).read(
        container_of("".join(offers)), 3
    )
    assert records is not None
    assert [record.quantity for record in records] == quantities


def test_unreadable_quantity_in_a_warehouse_that_does_not_count_keeps_the_batch_regular() -> None:
    container = container_of(offer("a", rest("w1", "нет"), rest("w2", "7")))
    warehouses = WarehouseFilter(WarehouseChoice.of(["w2"]))
    assert UsualLayoutReader(NumberCache(), NAMESPACE, warehouses).read(container, 1) == [StockRecord(1, "a", "", 7)]


def test_rests_without_warehouses_count_whatever_is_chosen() -> None:
    container = container_of(offer("a", "<Остаток><Количество>5</Количество></Остаток>"))
    warehouses = WarehouseFilter(WarehouseChoice.of(["w2"]))
    assert UsualLayoutReader(NumberCache(), NAMESPACE, warehouses).read(container, 1) == [StockRecord(1, "a", "", 5)]
    assert not warehouses.seen


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
