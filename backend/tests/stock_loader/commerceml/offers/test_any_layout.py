"""One offer in a document of its own: every layout, every mistake."""

import pytest

from stock_loader.commerceml.records import Adjustment, Problem
from tests.stock_loader.commerceml.offers.layouts import ID, LAYOUTS, WITH_WAREHOUSES, invalid, record
from tests.stock_loader.commerceml.stock_files import parse_offer

SUMS = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())


@SUMS
def test_quantities_are_summed(layout: str) -> None:
    assert parse_offer(ID + layout % "7") == record(12)


@SUMS
def test_sum_is_rounded_not_its_parts(layout: str) -> None:
    assert parse_offer(ID + (layout % "0,7").replace("5", "0.5")) == record(1, adjustment=Adjustment.ROUNDED)


@SUMS
def test_sum_is_raised_not_its_parts(layout: str) -> None:
    assert parse_offer(ID + layout % "-2") == record(3)
    assert parse_offer(ID + layout % "-7") == record(0, adjustment=Adjustment.NEGATIVE)


@SUMS
@pytest.mark.parametrize(
    ("text", "problem"),
    [("нет", Problem.NOT_A_NUMBER), ("1e5", Problem.NOT_A_NUMBER), ("9" * 33, Problem.TOO_LONG)],
)
def test_one_broken_quantity_makes_the_offer_invalid(layout: str, text: str, problem: Problem) -> None:
    assert parse_offer(ID + layout % text) == invalid(problem, text)


@SUMS
def test_sum_too_large_for_the_column_is_invalid(layout: str) -> None:
    assert parse_offer(ID + layout % "2147483642") == record(2147483647)
    assert parse_offer(ID + layout % "2147483643") == invalid(Problem.TOO_LARGE, "2147483648")


@pytest.mark.parametrize("name", [name for name in LAYOUTS if name != "L8"])
def test_empty_quantity_is_invalid(name: str) -> None:
    assert parse_offer(ID + LAYOUTS[name] % "") == invalid(Problem.EMPTY, "")


@pytest.mark.parametrize("name", [name for name in LAYOUTS if name not in {"L4", "L5"}])
@pytest.mark.parametrize("text", ["7<Единица>шт</Единица>", "7<Единица/>8"])
def test_element_inside_a_quantity_is_invalid(name: str, text: str) -> None:
    assert parse_offer(ID + LAYOUTS[name] % text) == invalid(Problem.CHILD_ELEMENT, "<Единица>")


def test_include_inside_a_quantity_reads_no_file() -> None:
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/hostname" parse="text"/>'
    assert parse_offer(ID + LAYOUTS["L1"] % include) == invalid(Problem.CHILD_ELEMENT, "<include>")


@pytest.mark.parametrize("layout", WITH_WAREHOUSES.values(), ids=WITH_WAREHOUSES.keys())
def test_repeated_warehouse_keeps_its_last_quantity(layout: str) -> None:
    assert parse_offer(ID + (layout % "7").replace("w2", "w1")) == record(7)
    assert parse_offer(ID + (layout % "7").replace("w2", " w1 ")) == record(7)


@pytest.mark.parametrize("layout", WITH_WAREHOUSES.values(), ids=WITH_WAREHOUSES.keys())
def test_repeated_warehouse_with_a_broken_quantity_is_invalid(layout: str) -> None:
    repeated = (layout % "7").replace("w2", "w1").replace("5", "пять")
    assert parse_offer(ID + repeated) == invalid(Problem.NOT_A_NUMBER, "пять")


@pytest.mark.parametrize("layout", WITH_WAREHOUSES.values(), ids=WITH_WAREHOUSES.keys())
def test_warehouses_without_ids_are_different_ones(layout: str) -> None:
    assert parse_offer(ID + (layout % "7").replace("w1", "").replace("w2", " ")) == record(12)


@pytest.mark.parametrize("name", ["L1", "L4", "L5", "L6", "L7", "L9", "L10", "L10 with other names"])
def test_total_of_the_offer_is_not_added_to_its_warehouses(name: str) -> None:
    assert parse_offer(f"{ID}<Количество>3</Количество>{LAYOUTS[name] % '7'}") == record(3)
    assert parse_offer(f"{ID}{LAYOUTS[name] % '7'}<Количество>3</Количество>") == record(3)


@pytest.mark.parametrize("name", ["L1", "L4", "L5", "L6", "L7", "L9", "L10", "L10 with other names"])
def test_total_of_the_offer_does_not_hide_a_broken_warehouse(name: str) -> None:
    offer = f"{ID}<Количество>3</Количество>{LAYOUTS[name] % 'много'}"
    assert parse_offer(offer) == invalid(Problem.NOT_A_NUMBER, "много")


def test_rest_without_a_warehouse_is_the_total_beside_warehouses() -> None:
    offer = (
        "<Остатки><Остаток><Количество>3</Количество></Остаток>"
        "<Остаток><Склад><Ид>w1</Ид><Количество>5</Количество></Склад></Остаток></Остатки>"
    )
    assert parse_offer(ID + offer) == record(3)
    assert parse_offer(f"{ID}{offer}<Количество>4</Количество>") == record(4)


def test_quantity_beside_warehouses_that_have_their_own_must_read_and_is_not_added() -> None:
    rest = (
        "<Остатки><Остаток><Количество>%s</Количество><Склад><Ид>w1</Ид><Количество>5</Количество></Склад>"
        "</Остаток></Остатки>"
    )
    assert parse_offer(ID + rest % "9") == record(5)
    assert parse_offer(ID + rest % "x") == invalid(Problem.NOT_A_NUMBER, "x")


@pytest.mark.parametrize(
    "offer",
    [
        "<Количество>%s</Количество><Количество>7</Количество>",
        "<Остатки><Остаток><Количество>%s</Количество><Количество>7</Количество></Остаток></Остатки>",
        "<Остатки><Остаток><Склад><Ид/><Количество>%s</Количество><Количество>7</Количество></Склад></Остаток></Остатки>",
        "<Остатки><Остаток><Склад><Количество>%s</Количество><Количество>7</Количество></Склад></Остаток></Остатки>",
        "<ОстаткиПоСкладу><О><КоличествоНаСкладе>%s</КоличествоНаСкладе><Количество>7</Количество></О></ОстаткиПоСкладу>",
    ],
)
def test_of_two_quantities_in_one_place_the_last_counts_and_both_must_read(offer: str) -> None:
    assert parse_offer(ID + offer % "5") == record(7)
    assert parse_offer(ID + offer % "x") == invalid(Problem.NOT_A_NUMBER, "x")


def test_text_of_a_rest_counts_only_where_nothing_else_stands_in_it() -> None:
    rest = "<Остатки><Остаток>9<Склад><Ид>w1</Ид>%s</Склад></Остаток></Остатки>"
    assert parse_offer(ID + rest % "<Количество>5</Количество>") == record(5)
    assert parse_offer(ID + rest % "") == invalid(Problem.CHILD_ELEMENT, "<Склад>")
    assert parse_offer(f"{ID}<Остатки><Остаток>9<x/></Остаток></Остатки>") == invalid(Problem.CHILD_ELEMENT, "<x>")


def test_warehouse_of_the_offer_may_have_its_quantity_as_a_child() -> None:
    warehouse = "<Склад><Ид>w1</Ид><Количество>5</Количество></Склад>"
    assert parse_offer(ID + warehouse) == record(5)
    assert parse_offer(f"{ID}<Склады>{warehouse}</Склады>") == record(5)


def test_attribute_beside_a_quantity_does_not_count() -> None:
    offer = (
        '<Остатки><Остаток><Склад КоличествоНаСкладе="7"><Ид>w1</Ид><Количество>5</Количество></Склад></Остаток>'
        "</Остатки>"
    )
    assert parse_offer(ID + offer) == record(5)


@pytest.mark.parametrize("text", ["2147483647", " 2147483647\n", "2147483647,00", "2\u00a0147\u202f483\u2009647"])
def test_largest_quantity_is_read(text: str) -> None:
    assert parse_offer(f"{ID}<Количество>{text}</Количество>") == record(2147483647)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1<!-- -->5", 15),
        ("1<?pi?>5", 15),
        ("<![CDATA[15]]>", 15),
        ("1<![CDATA[5]]>", 15),
        ("&#49;5", 15),
        ("1&#160;234", 1234),
        ("<!-- 9 -->15", 15),
    ],
)
def test_markup_that_is_no_element_does_not_split_a_value(text: str, expected: int) -> None:
    assert parse_offer(f"{ID}<Количество>{text}</Количество>") == record(expected)
    assert parse_offer(f"{ID}{LAYOUTS['L1'] % text}") == record(5 + expected)
