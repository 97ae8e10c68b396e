from decimal import Decimal

from django.utils import translation

from stock_loader.console.summary import change_lines, summary_lines
from stock_loader.outcome import LoadDetails, ProductChange


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


DETAILS = LoadDetails(
    file="rests.xml",
    strategy="copy",
    dry_run=False,
    total_records=1234567,
    updated_count=1000,
    changed_count=1000,
    duration_seconds=10,
)


def test_numbers_are_aligned() -> None:
    with translation.override("en"):
        lines = summary_lines(DETAILS, columns=80)
    assert lines == [
        "  Offers read         1 234 567",
        "  Updated                 1 000",
        "  Unchanged                   0",
        "  Not found                   0",
        "  Invalid                     0",
        "  Seconds                  10.0",
        "  Offers per second     123 457",
    ]


def test_narrow_terminal_has_no_padding_to_wrap() -> None:
    with translation.override("en"):
        lines = summary_lines(DETAILS, columns=20)
    assert lines == [
        "Offers read: 1 234 567",
        "Updated: 1 000",
        "Unchanged: 0",
        "Not found: 0",
        "Invalid: 0",
        "Seconds: 10.0",
        "Offers per second: 123 457",
    ]
