from argparse import ArgumentTypeError

import pytest

from stock_loader.console.argument_types import limit, positive_integer, report_path, warehouse_id, whole_number
from stock_loader.load.guards import Limit

pytestmark = pytest.mark.usefixtures("english")


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("007", 7), ("1000000000", 10**9), ("0" * 30 + "5", 5)])
def test_positive_integer(text: str, number: int) -> None:
    assert positive_integer(text) == whole_number(text) == number


def test_zero_is_a_whole_number() -> None:
    assert whole_number("0") == 0


@pytest.mark.parametrize("text", ["", "0", "-1", "+1", "1.5", " 1", "1\n", "²", "٣", "1_0", "1000000001", "9" * 20])
def test_what_is_no_positive_integer(text: str) -> None:
    with pytest.raises(ArgumentTypeError) as refused:
        positive_integer(text)
    assert str(refused.value) == f"expected a whole number from 1 to 1000000000, saw {text!r}"


def test_number_of_many_digits_is_cut_in_the_message() -> None:
    with pytest.raises(ArgumentTypeError) as refused:
        whole_number("9" * 5000)
    assert str(refused.value) == f"expected a whole number from 0 to 1000000000, saw '{'9' * 59}…'"


def test_limit() -> None:
    assert (limit("off"), limit("50%"), limit("20")) == (None, Limit(50, is_percent=True), Limit(20, is_percent=False))


@pytest.mark.parametrize("text", ["", "half", "-1", "101%", "9" * 20])
def test_what_is_no_limit(text: str) -> None:
    with pytest.raises(ArgumentTypeError) as refused:
        limit(text)
    assert str(refused.value) == f"expected a number, a percentage up to 100% or off, saw {text!r}"


def test_blank_is_no_warehouse() -> None:
    assert warehouse_id("W 1") == "W 1"
    with pytest.raises(ArgumentTypeError) as refused:
        warehouse_id("  ")
    assert str(refused.value) == "expected the id of a warehouse, saw '  '"


def test_name_of_a_report_says_its_kind() -> None:
    assert report_path("Out.CSV") == "Out.CSV"
    with pytest.raises(ArgumentTypeError) as refused:
        report_path("out.txt")
    assert str(refused.value) == "expected a name that ends with .csv or .jsonl, saw 'out.txt'"
