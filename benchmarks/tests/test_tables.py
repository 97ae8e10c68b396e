import pytest

from benchmarks.cases import COPY, Section
from benchmarks.report.tables import mib, ratio, seconds, spread, table, whole
from benchmarks.tests.runs import measured


def test_table_aligns_numbers_right() -> None:
    assert table(("a", "b"), [("x", "1"), ("y", "2")]) == "| a | b |\n| --- | ---: |\n| x | 1 |\n| y | 2 |\n"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.00123, "1.23 ms"),
        (0.0999, "99.9 ms"),
        (0.1, "0.10 s"),
        (9.994, "9.99 s"),
        (12.34, "12.3 s"),
        (123.4, "123 s"),
    ],
)
def test_time_has_three_digits(value: float | None, text: str) -> None:
    assert seconds(value) == text


@pytest.mark.parametrize(("value", "text"), [(None, "–"), (1.254, "1.25"), (34.56, "34.6"), (132.4, "132")])
def test_ratio_loses_decimals_as_it_grows(value: float | None, text: str) -> None:
    assert ratio(value) == text


def test_amounts() -> None:
    assert (mib(None), mib(12.34), whole(1234567)) == ("–", "12.3", "1,234,567")


def test_spread_is_from_fastest_to_slowest() -> None:
    assert spread(measured(Section.PROCESS, COPY, 2.0)) == "1.80 s – 2.20 s"
    assert spread(measured(Section.PROCESS, COPY, 2.0, rounds=1)) == "one round"
