"""One offer in a document of its own: its mark of deletion, its ids, its line, and what it is without a quantity."""

import pytest

from stock_loader.commerceml.records import Adjustment, Problem, StockRecord
from tests.stock_loader.commerceml.offers.layouts import ID, LAYOUTS, invalid, record
from tests.stock_loader.commerceml.stock_files import package, parse, parse_offer


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
