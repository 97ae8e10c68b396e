import pytest

from stock_loader.commerceml.files.names import is_stock_name, natural_order, of_first_pattern


def test_numbers_in_names_count_as_numbers() -> None:
    names = [
        "rests_10.xml",
        "rests_9.xml",
        "rests_09b.xml",
        "rests.xml",
        "RESTS_1.XML",
        "rests_1_10.xml",
        "rests_1_2.xml",
    ]
    assert sorted(names, key=natural_order) == [
        "rests.xml",
        "RESTS_1.XML",
        "rests_1_2.xml",
        "rests_1_10.xml",
        "rests_9.xml",
        "rests_09b.xml",
        "rests_10.xml",
    ]


@pytest.mark.parametrize("digits", ["7" * 5000, "²", "٣"])
def test_any_digits_have_a_place(digits: str) -> None:
    assert sorted([f"rests_{digits}.xml", "rests_2.xml"], key=natural_order)


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["offers.xml", "rests_2.xml", "goods/1/rests_1.xml", "import.xml"], ["goods/1/rests_1.xml", "rests_2.xml"]),
        (["offers_2.xml", "offers_1.xml", "import.xml"], ["offers_1.xml", "offers_2.xml"]),
        (["import.xml"], []),
        ([], []),
    ],
)
def test_names_of_the_first_pattern_that_any_has_are_chosen(names: list[str], chosen: list[str]) -> None:
    assert of_first_pattern(names) == chosen


def test_stock_name_is_told_by_its_last_part() -> None:
    assert is_stock_name("goods/1/Rests___ab.XML")
    assert not is_stock_name("rests.xml/goods.xml")
