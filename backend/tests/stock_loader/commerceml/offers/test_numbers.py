import time
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stock_loader.commerceml.offers.numbers import (
    MAX_LENGTH,
    InvalidQuantityError,
    Number,
    NumberCache,
    QuantityLimits,
    kept,
    quantity_text,
    read_number,
    sum_numbers,
)
from stock_loader.commerceml.records import Adjustment, Problem

SPACES = (" ", "\u00a0", "\u202f", "\u2009")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        ("0", 0),
        ("-0", 0),
        ("007", 7),
        ("25.00", 25),
        ("25,00", 25),
        ("-1", -1),
        ("-1.00", -1),
        ("0.1", Decimal("0.1")),
        ("1,5", Decimal("1.5")),
        (".5", Decimal("0.5")),
        ("5.", 5),
        ("-.5", Decimal("-0.5")),
        ("  12\n", 12),
        ("\u00a012\u2009", 12),
        ("2147483648", 2147483648),
        ("9" * MAX_LENGTH, int("9" * MAX_LENGTH)),
        (" " * 100 + "9" * MAX_LENGTH, int("9" * MAX_LENGTH)),
        *((f"1{space}234,5", Decimal("1234.5")) for space in SPACES),
        *((f"-12{space}345{space}678", -12345678) for space in SPACES),
    ],
)
def test_decimal_number_is_read_exactly(text: str, number: Number) -> None:
    assert read_number(text) == number
    assert type(read_number(text)) is type(number)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", Problem.EMPTY),
        (" \u00a0\n", Problem.EMPTY),
        ("9" * (MAX_LENGTH + 1), Problem.TOO_LONG),
        ("9" * 1_000_000, Problem.TOO_LONG),
        *(
            (text, Problem.NOT_A_NUMBER)
            for text in [
                *("нет", "NaN", "nan", "inf", "-Infinity", "sNaN", "1e400", "1e5", "1E5", "1e9999999", "1_000", "0x10"),
                *("+5", "--5", "-", ".", ",", "-.", "- 5", "5-", "−5", "1.2.3", "1,234.5", "1.234,5", "5 шт"),
                *("12 34", "1 23", "1234 567", "1  234", "1 234 56", "1 2345", "1. 5", ".5 000", "1,234 567", "1\t234"),
                *("١٢", "１２", "1\u0660", "²", "Ⅷ", "1\u200b2", "5\x00"),
            ]
        ),
    ],
)
def test_anything_else_is_invalid_and_seen(text: str, problem: Problem) -> None:
    with pytest.raises(InvalidQuantityError) as caught:
        read_number(text)
    assert (caught.value.problem, caught.value.seen) == (problem, text)


@pytest.mark.parametrize("text", ["1e400", "1e9999999", "9" * 1_000_000, " " * 1_000_000 + "1", "1 234" * 200_000])
def test_hostile_number_takes_no_time(text: str) -> None:
    started = time.thread_time()
    with suppress(InvalidQuantityError):
        read_number(text)
    assert time.thread_time() - started < 0.5


@pytest.mark.parametrize(
    ("total", "pieces", "adjustment"),
    [
        (0, 0, Adjustment.NONE),
        (2147483647, 2147483647, Adjustment.NONE),
        (Decimal("3.0"), 3, Adjustment.NONE),
        (Decimal("2.5"), 2, Adjustment.ROUNDED),
        (Decimal("0.999"), 0, Adjustment.ROUNDED),
        (Decimal("2147483647.9"), 2147483647, Adjustment.ROUNDED),
        (-5, 0, Adjustment.NEGATIVE),
        (Decimal("-0.5"), 0, Adjustment.ROUNDED | Adjustment.NEGATIVE),
        (-(10**31), 0, Adjustment.NEGATIVE),
    ],
)
def test_total_is_rounded_down_then_raised_to_zero(total: Number, pieces: int, adjustment: Adjustment) -> None:
    assert kept(total) == (pieces, adjustment)


@pytest.mark.parametrize("total", [2147483648, Decimal("2147483648.1"), 10**31])
def test_total_above_the_column_is_invalid(total: Number) -> None:
    with pytest.raises(InvalidQuantityError) as caught:
        kept(total)
    assert (caught.value.problem, caught.value.seen) == (Problem.TOO_LARGE, str(total))


@pytest.mark.parametrize(
    ("total", "quantity", "adjustment"),
    [
        (0, "0.000", Adjustment.NONE),
        (7, "7.000", Adjustment.NONE),
        (Decimal("2.75"), "2.750", Adjustment.NONE),
        (Decimal("0.0009"), "0.000", Adjustment.ROUNDED),
        (Decimal("2.9999"), "2.999", Adjustment.ROUNDED),
        (Decimal("999.9999"), "999.999", Adjustment.ROUNDED),
        (Decimal("-0.0005"), "0.000", Adjustment.ROUNDED | Adjustment.NEGATIVE),
        (-3, "0.000", Adjustment.NEGATIVE),
    ],
)
def test_total_keeps_the_places_that_the_shop_keeps(total: Number, quantity: str, adjustment: Adjustment) -> None:
    kept_quantity, found = kept(total, QuantityLimits(places=3, maximum=Decimal("999.999")))
    assert (quantity_text(kept_quantity), found) == (quantity, adjustment)


def test_total_above_what_the_shop_keeps_is_invalid() -> None:
    with pytest.raises(InvalidQuantityError) as caught:
        kept(1000, QuantityLimits(places=3, maximum=Decimal("999.999")))
    assert (caught.value.problem, caught.value.seen) == (Problem.TOO_LARGE, "1000")
    with pytest.raises(InvalidQuantityError):
        kept(32768, QuantityLimits(maximum=32767))


def test_small_quantity_has_no_exponent_in_a_text() -> None:
    assert quantity_text(kept(0, QuantityLimits(places=8, maximum=9))[0]) == "0.00000000"
    assert quantity_text(7) == "7"


def test_sum_is_exact() -> None:
    assert sum_numbers([Decimal("0.1")] * 10) == 1
    assert sum_numbers([10**31, Decimal("0.0000000000000000000000000000001"), -(10**31)]) == Decimal("1e-31")
    assert sum_numbers([]) == 0


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**12), max_value=10**12))
@settings(deadline=None)
def test_written_decimal_reads_as_itself(number: Decimal) -> None:
    assert read_number(f"{number:f}") == number
    assert read_number(f"{number:f}".replace(".", ",")) == number


@given(st.text(alphabet="0123456789.,-+e_ \u00a0\u202f\u2009١NaNinf", max_size=12))
@settings(deadline=None, max_examples=500)
def test_text_is_read_as_python_reads_it_or_not_at_all(text: str) -> None:
    try:
        number = read_number(text)
    except InvalidQuantityError:
        return
    plain = text.strip().replace(",", ".")
    for space in SPACES:
        plain = plain.replace(space, "")
    assert number == Decimal(plain)


def test_cache_answers_like_the_reading() -> None:
    numbers = NumberCache()
    assert [numbers["1,5"], numbers["1,5"], numbers[" 1.5 "]] == [Decimal("1.5")] * 3
    for _ in range(2):
        with pytest.raises(InvalidQuantityError):
            numbers["нет"]
    assert set(numbers) == {"1,5", " 1.5 "}


def test_cache_keeps_few_and_short_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NumberCache, "MAX_ENTRIES", 10)
    numbers = NumberCache()
    for number in range(25):
        assert numbers[str(number)] == number
    assert numbers[" " * 1_000_000 + "5"] == 5
    assert set(numbers) == {"20", "21", "22", "23", "24"}
