from decimal import Decimal

from stock_loader.console.summary import change_lines
from stock_loader.outcome import ProductChange


def test_changes_stand_in_columns_whatever_kind_of_number_they_are() -> None:
    lines = change_lines(
        [
            ProductChange(1, "a", "s1", "Доска", Decimal("12.500"), Decimal("0.000")),
            ProductChange(2, None, "s2", "s2", None, Decimal("7.250")),
            ProductChange(3, "c", "", "", Decimal("0.000"), Decimal("10.000")),
        ]
    )
    assert lines[1:] == [
        "  12.500 → 0.000   s1  a  Доска",
        "       — → 7.250   s2",
        "   0.000 → 10.000  c",
    ]


def test_no_change_is_no_line() -> None:
    assert change_lines([]) == []
