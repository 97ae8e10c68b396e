import pytest
from lxml import etree
from lxml.etree import _Element

from stock_loader.commerceml.offers.container import ContainerReader
from stock_loader.errors import DocumentError
from tests.stock_loader.commerceml.stock_files import quantities

USUAL = "<Предложение><Ид>{}</Ид><Остатки><Остаток><Количество>{}</Количество></Остаток></Остатки></Предложение>"
DIRECT = "<Предложение><Ид>{}</Ид><Количество>{}</Количество></Предложение>"


def container(*children: str) -> _Element:
    return etree.fromstring(f"<Предложения>{''.join(children)}</Предложения>")


def test_finished_children_are_read_and_dropped() -> None:
    offers = container(USUAL.format("a", 1), USUAL.format("b", 2), USUAL.format("c", 3))
    assert quantities(ContainerReader(None).take(offers, 2)) == [("a", 1), ("b", 2)]
    assert len(offers) == 1
    assert quantities(ContainerReader(None).take(offers, 1)) == [("c", 3)]


@pytest.mark.parametrize("count", [0, -1])
def test_container_without_a_finished_child_is_left_alone(count: int) -> None:
    offers = container(USUAL.format("a", 1))
    assert ContainerReader(None).take(offers, count) == []
    assert len(offers) == 1


def test_unusual_layouts_and_foreign_elements_are_read_one_by_one() -> None:
    offers = container(USUAL.format("a", 1), "<x/>", DIRECT.format("b", 2))
    assert quantities(ContainerReader(None).take(offers, 3)) == [("a", 1), ("b", 2)]


def test_line_is_counted_from_the_lines_before() -> None:
    offers = container("\n", USUAL.format("a", 1), "\n\n", DIRECT.format("b", 2))
    assert [record.line for record in ContainerReader(None).take(offers, 2, lines_before=100)] == [102, 104]


@pytest.mark.parametrize("parent", ["x", "Предложение"])
def test_offer_inside_another_element_is_refused(parent: str) -> None:
    offers = container(f"<{parent}>{DIRECT.format('b', 2)}</{parent}>")
    with pytest.raises(DocumentError, match=r"^line 8: an offer \(Предложение\) stands inside another element"):
        ContainerReader(None).take(offers, 1, lines_before=7)
