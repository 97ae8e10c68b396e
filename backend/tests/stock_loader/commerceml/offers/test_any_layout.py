"""One offer in a document of its own: every layout, every mistake."""

from typing import Any

import pytest

from stock_loader.commerceml.offers.warehouses import WarehouseChoice
from stock_loader.commerceml.records import Adjustment, Problem, StockRecord
from tests.stock_loader.commerceml.stock_files import package, parse, parse_offer

ID = "<Ид>a-1</Ид>"


def record(quantity: int | None, **fields: Any) -> StockRecord:
    return StockRecord(4, "a-1", "", quantity)._replace(**fields)


def invalid(problem: Problem, seen: str) -> StockRecord:
    return record(None, problem=problem, seen=seen)


LAYOUTS = {
    "L1": "<Остатки><Остаток><Склад><Ид>w1</Ид><Количество>5</Количество></Склад></Остаток>"
    "<Остаток><Склад><Ид>w2</Ид><Количество>%s</Количество></Склад></Остаток></Остатки>",
    "L1 in one Остаток": "<Остатки><Остаток><Склад><Ид>w1</Ид><Количество>5</Количество></Склад>"
    "<Склад><Ид>w2</Ид><Количество>%s</Количество></Склад></Остаток></Остатки>",
    "L2": "<Остатки><Остаток><Количество>5</Количество></Остаток>"
    "<Остаток><Количество>%s</Количество></Остаток></Остатки>",
    "L4": '<Склад ИдСклада="w1" КоличествоНаСкладе="5"/><Склад ИдСклада="w2" КоличествоНаСкладе="%s"/>',
    "L5": '<Склады ИдСклада="w1" КоличествоНаСкладе="5"/><Склады ИдСклада="w2" КоличествоНаСкладе="%s"/>',
    "L6": "<КоличествоНаСкладах>"
    "<КоличествоНаСкладе><ИдСклада>w1</ИдСклада><Количество>5</Количество></КоличествоНаСкладе>"
    "<КоличествоНаСкладе><ИдСклада>w2</ИдСклада><Количество>%s</Количество></КоличествоНаСкладе>"
    "</КоличествоНаСкладах>",
    "L7": "<Остатки><Остаток><Склад><Ид>w1</Ид></Склад><Количество>5</Количество></Остаток>"
    "<Остаток><Склад><Ид>w2</Ид></Склад><Количество>%s</Количество></Остаток></Остатки>",
    "L8": "<Остатки><Остаток>5</Остаток><Остаток>%s</Остаток></Остатки>",
    "L9": "<ОстаткиПоСкладу>"
    "<ОстаткиПоСкладу><ИдСклада>w1</ИдСклада><КоличествоНаСкладе>5</КоличествоНаСкладе></ОстаткиПоСкладу>"
    "<ОстаткиПоСкладу><ИдСклада>w2</ИдСклада><КоличествоНаСкладе>%s</КоличествоНаСкладе></ОстаткиПоСкладу>"
    "</ОстаткиПоСкладу>",
    "L10": "<ОстаткиПоСкладам>"
    "<Остаток><ИдСклада>w1</ИдСклада><Количество>5</Количество></Остаток>"
    "<Остаток><ИдСклада>w2</ИдСклада><Количество>%s</Количество></Остаток>"
    "</ОстаткиПоСкладам>",
    "L10 with other names": "<ОстаткиПоСкладам>"
    "<Остаток><СкладИД>w1</СкладИД><КоличествоОстаток>5</КоличествоОстаток></Остаток>"
    "<Остаток><КоличествоОстаток>%s</КоличествоОстаток><СкладИД>w2</СкладИД></Остаток>"
    "</ОстаткиПоСкладам>",
}
"""Each with 5 pieces in one place and a text in another."""
SUMS = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())

WITH_WAREHOUSES = {name: text for name, text in LAYOUTS.items() if "w1" in text}


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


W1 = WarehouseChoice.of([" W1"])
NOT_W1 = WarehouseChoice.of([], ["W1 "])
W2_OR_W3 = WarehouseChoice.of(["w2", "w3"])
W3 = WarehouseChoice.of(["w3"])
BY_WAREHOUSE = pytest.mark.parametrize("layout", WITH_WAREHOUSES.values(), ids=WITH_WAREHOUSES.keys())


@BY_WAREHOUSE
def test_only_chosen_warehouses_are_summed(layout: str) -> None:
    assert parse_offer(ID + layout % "7", warehouses=W1) == record(5)
    assert parse_offer(ID + layout % "7", warehouses=NOT_W1) == record(7)
    assert parse_offer(ID + layout % "7", warehouses=W2_OR_W3) == record(7)
    assert parse_offer(ID + layout % "7", warehouses=WarehouseChoice.of(["w1", "w2"])) == record(12)
    assert parse_offer(ID + layout % "7", warehouses=WarehouseChoice.of(["w1", "w2"], ["w2"])) == record(5)


@BY_WAREHOUSE
def test_offer_with_none_of_the_chosen_warehouses_has_0_pieces(layout: str) -> None:
    assert parse_offer(ID + layout % "7", warehouses=W3) == record(0)
    assert parse_offer(ID + layout % "7", warehouses=WarehouseChoice.of([], ["w1", "w2"])) == record(0)


@BY_WAREHOUSE
@pytest.mark.parametrize("text", ["нет", "", "1e5", "2147483648"])
def test_quantity_is_read_in_chosen_warehouses_only(layout: str, text: str) -> None:
    assert parse_offer(ID + layout % text, warehouses=W1) == record(5)
    assert parse_offer(ID + layout % text, warehouses=W3) == record(0)
    assert parse_offer(ID + layout % text, warehouses=W2_OR_W3).problem is not None
    assert parse_offer(ID + layout % text, warehouses=NOT_W1).problem is not None


@BY_WAREHOUSE
def test_sum_of_the_chosen_warehouses_is_rounded_and_raised(layout: str) -> None:
    assert parse_offer(ID + layout % "7,5", warehouses=NOT_W1) == record(7, adjustment=Adjustment.ROUNDED)
    assert parse_offer(ID + layout % "-7", warehouses=NOT_W1) == record(0, adjustment=Adjustment.NEGATIVE)
    assert parse_offer(ID + layout % "-7", warehouses=W1) == record(5)


@BY_WAREHOUSE
@pytest.mark.parametrize(
    "total", ["<Количество>3</Количество>", "<Остатки><Остаток><Количество>3</Количество></Остаток></Остатки>"]
)
def test_total_does_not_count_beside_warehouses_of_which_some_are_chosen(layout: str, total: str) -> None:
    for offer in (ID + total + layout % "7", ID + layout % "7" + total):
        assert parse_offer(offer, warehouses=W1) == record(5)
        assert parse_offer(offer, warehouses=W3) == record(0)
        assert parse_offer(offer.replace("3", "x"), warehouses=W1) == invalid(Problem.NOT_A_NUMBER, "x")


@BY_WAREHOUSE
def test_warehouse_without_an_id_counts_only_where_none_is_chosen(layout: str) -> None:
    offer = ID + (layout % "7").replace("w1", " ")
    assert parse_offer(offer, warehouses=W2_OR_W3) == record(7)
    assert parse_offer(offer, warehouses=WarehouseChoice.of([], ["w2"])) == record(5)


@BY_WAREHOUSE
def test_repeated_chosen_warehouse_keeps_its_last_quantity(layout: str) -> None:
    assert parse_offer(ID + (layout % "7").replace("w2", "w1"), warehouses=W1) == record(7)


@pytest.mark.parametrize("name", ["L2", "L8"])
@pytest.mark.parametrize("warehouses", [W1, NOT_W1], ids=["chosen", "excluded"])
def test_offer_without_warehouses_keeps_its_total(name: str, warehouses: WarehouseChoice) -> None:
    assert parse_offer(ID + LAYOUTS[name] % "7", warehouses=warehouses) == record(12)
    assert parse_offer(f"{ID}<Количество>3</Количество>", warehouses=warehouses) == record(3)
    assert parse_offer(ID, warehouses=warehouses) == record(None, problem=Problem.NO_STOCK_DATA)


def test_id_of_a_warehouse_may_stand_behind_its_quantity() -> None:
    for rest in (
        "<Склад><Количество>x</Количество><Ид>w2</Ид></Склад>",
        "<Количество>x</Количество><Склад><Ид>w2</Ид></Склад>",
    ):
        offer = f"{ID}<Остатки><Остаток>{rest}</Остаток></Остатки>"
        assert parse_offer(offer, warehouses=W1) == record(0)
        assert parse_offer(offer.replace("x", "4"), warehouses=W2_OR_W3) == record(4)


def test_warehouse_without_a_quantity_is_not_there_whether_it_is_chosen_or_not() -> None:
    offer = f"{ID}<Остатки><Остаток><Склад><Ид>w1</Ид></Склад></Остаток></Остатки>"
    for warehouses in (W1, NOT_W1):
        assert parse_offer(offer, warehouses=warehouses) == record(None, problem=Problem.NO_STOCK_DATA)


def test_deletion_mark_sets_zero_in_any_warehouse() -> None:
    offer = f"{ID}<Статус>Удален</Статус>{LAYOUTS['L1'] % 7}"
    assert parse_offer(offer, warehouses=W1) == record(0, adjustment=Adjustment.DELETED)


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


@pytest.mark.parametrize(
    ("mark", "attributes"),
    [
        ("<Статус>Удален</Статус>", ""),
        ("<Статус> удалён </Статус>", ""),
        ("", ' Статус="Удален"'),
        ("<ПометкаУдаления>true</ПометкаУдаления>", ""),
        ("<ПометкаУдаления>1</ПометкаУдаления>", ""),
        ("<ПомеченНаУдаление>Да</ПомеченНаУдаление>", ""),
        ("", ' ПометкаУдаления="true"'),
    ],
)
@pytest.mark.parametrize("stock", ["<Количество>5</Количество>", "<Количество>x</Количество>", "", LAYOUTS["L1"] % "7"])
def test_deletion_mark_sets_zero_whatever_the_quantity_says(mark: str, attributes: str, stock: str) -> None:
    assert parse_offer(ID + mark + stock, attributes=attributes) == record(0, adjustment=Adjustment.DELETED)


@pytest.mark.parametrize(
    ("mark", "attributes"),
    [
        ("<ПометкаУдаления>false</ПометкаУдаления>", ""),
        ("<ПометкаУдаления/>", ""),
        ("<ПомеченНаУдаление>0</ПомеченНаУдаление>", ""),
        ("<Статус>Активен</Статус>", ""),
        ("<Статус>true</Статус>", ""),
        ("", ' Статус="Новый"'),
        ("", ' ПометкаУдаления="Удален"'),
        ("<Цена><Статус>Удален</Статус></Цена>", ""),
    ],
)
def test_other_mark_leaves_the_quantity(mark: str, attributes: str) -> None:
    assert parse_offer(f"{ID}{mark}<Количество>5</Количество>", attributes=attributes) == record(5)


@pytest.mark.parametrize(
    "inside",
    [
        "",
        "<Остатки/>",
        "<Остатки><Остаток/></Остатки>",
        "<Остатки><Остаток> \n</Остаток></Остатки>",
        "<Остатки><Остаток><Склад><Ид>w1</Ид></Склад></Остаток></Остатки>",
        "<Остатки><Цена>5</Цена></Остатки>",
        '<Склад ИдСклада="w1"/>',
        "<КоличествоНаСкладах/>",
        "<Цены><Цена><Количество>5</Количество></Цена></Цены>",
        "<Наименование>5</Наименование>",
        "5",
    ],
)
def test_offer_without_a_quantity_is_without_stock_data(inside: str) -> None:
    assert parse_offer(ID + inside) == record(None, problem=Problem.NO_STOCK_DATA)


def test_empty_offer_is_without_stock_data() -> None:
    assert parse(package("<Предложение/>")) == [StockRecord(4, "", "", None, problem=Problem.NO_STOCK_DATA)]


@pytest.mark.parametrize("ids", ["", "<Ид/>", "<Ид> </Ид><Артикул/>", "<Ид><Ид>a-1</Ид></Ид>"])
def test_quantity_without_id_and_sku_is_invalid(ids: str) -> None:
    expected = StockRecord(4, "", "", None, problem=Problem.NO_ID, seen="5")
    assert parse_offer(f"{ids}<Количество>5</Количество>") == expected
    if "<Артикул" not in ids:
        assert parse_offer(f"{ids}{LAYOUTS['L1'] % 0}") == expected


@pytest.mark.parametrize(
    ("ids", "onec_id", "sku"),
    [
        ("<Ид> a-1\n</Ид>", "a-1", ""),
        ("<Артикул>S-1</Артикул>", "", "S-1"),
        ("<Артикул> S 1 </Артикул><Ид>a-1</Ид>", "a-1", "S 1"),
        ("<Ид>a#b</Ид>", "a#b", ""),
        ("<Ид>a</Ид><ИдХарактеристики>b</ИдХарактеристики>", "a#b", ""),
        ("<Ид>a#b</Ид><ИдХарактеристики>b</ИдХарактеристики>", "a#b", ""),
        ("<Ид>a</Ид><ИдХарактеристики/>", "a", ""),
        ("<ИдХарактеристики>b</ИдХарактеристики><Артикул>S-1</Артикул>", "", "S-1"),
        ("<Ид>a-1</Ид><Ид>a-2</Ид>", "a-1", ""),
        ("<Ид>a<!-- -->-1 &amp; &lt;b&gt;</Ид>", "a-1 & <b>", ""),
    ],
)
def test_ids_are_read_whole_and_stripped(ids: str, onec_id: str, sku: str) -> None:
    assert parse_offer(f"{ids}<Количество>5</Количество>") == StockRecord(4, onec_id, sku, 5)


def test_ids_of_others_are_not_the_offers() -> None:
    foreign = "<Цены><Цена><Ид>p</Ид><Артикул>S</Артикул></Цена></Цены>"
    assert parse_offer(f"{foreign}{ID}<Количество>5</Количество>") == record(5)


def test_line_is_that_of_the_id() -> None:
    assert parse_offer(f"\n\n<Количество>5</Количество>\n{ID}") == record(5, line=7)
    assert parse_offer("\n\n<Артикул>S</Артикул>\n<Количество>5</Количество>") == StockRecord(4, "", "S", 5)


def test_seen_value_is_cut_to_a_printable_line() -> None:
    found = parse_offer(f"{ID}<Количество>x\n\u202e{'y' * 1000}</Количество>")
    assert found == invalid(Problem.TOO_LONG, "x \\u202e" + "y" * 296 + "…")
