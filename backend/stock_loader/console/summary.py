"""What came of a load, as lines of a terminal."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext

from stock_loader.commerceml.offers.numbers import quantity_text
from stock_loader.errors import one_line
from stock_loader.outcome import LoadDetails, ProductChange

UNKNOWN = "—"
"""Stands for the quantity where the shop kept none."""
COLUMNS_BESIDE_LABELS = 14
"""Of the indent, the gap and the number."""
MAX_NAME_LENGTH = 50
"""Characters of a product's name that a line shows."""


def summary_lines(details: LoadDetails, *, columns: int) -> list[str]:
    """Return a line per count that says something, and the rate; the numbers aligned where the terminal is wide enough.

    `columns` is the width of the terminal.
    """
    rows = [(label, f"{count:,}".replace(",", " ")) for label, count in counts(details)]
    rate = details.total_records / details.duration_seconds if details.duration_seconds else 0
    rows.append((gettext("Seconds"), f"{details.duration_seconds:.1f}"))
    rows.append((gettext("Offers per second"), f"{rate:,.0f}".replace(",", " ")))
    return _aligned(rows, columns=columns)


def undo_lines(details: LoadDetails, *, columns: int) -> list[str]:
    """Return a line per count of an undo, and the seconds, aligned likewise."""
    always = [
        (gettext("Changes of the session"), details.total_records),
        (gettext("Put back"), details.updated_count),
        (gettext("Changed since, left as they are"), details.changed_since_count),
    ]
    where_any = [
        (gettext("As before already"), details.unchanged_count),
        (gettext("Deleted since"), details.not_found_count),
        (gettext("Went to zero"), details.zeroed_count),
    ]
    counts = always + [row for row in where_any if row[1]]
    rows = [(label, f"{count:,}".replace(",", " ")) for label, count in counts]
    return _aligned([*rows, (gettext("Seconds"), f"{details.duration_seconds:.1f}")], columns=columns)


def _aligned(rows: Sequence[tuple[str, str]], *, columns: int) -> list[str]:
    width = max(len(label) for label, _ in rows)
    if columns < width + COLUMNS_BESIDE_LABELS:
        return [f"{label}: {value}" for label, value in rows]
    return [f"  {label:<{width}}  {value:>10}" for label, value in rows]


def counts(details: LoadDetails) -> list[tuple[str, int]]:
    """Return the label and the number of each count that says something."""
    always = [
        (gettext("Offers read"), details.total_records),
        (gettext("Updated"), details.updated_count),
        (gettext("Unchanged"), details.unchanged_count),
        (gettext("Not found"), details.not_found_count),
        (gettext("Invalid"), details.invalid_count),
    ]
    where_any = [
        (gettext("Ambiguous SKU"), details.ambiguous_count),
        (gettext("Duplicates"), details.duplicate_count),
        (gettext("Without stock data"), details.no_stock_data_count),
        (gettext("SKU of another 1C id"), details.other_id_count),
        (gettext("Matched by SKU"), details.matched_by_sku_count),
        (gettext("Rounded down"), details.rounded_count),
        (gettext("Negative, taken as 0"), details.negative_count),
        (gettext("Marked as deleted"), details.deleted_count),
        (gettext("Variants summed"), details.summed_count),
        (gettext("Not in the file, set to 0"), details.missing_count),
        (gettext("Went to zero"), details.zeroed_count),
    ]
    if details.changed_count != details.updated_count:
        where_any.append((gettext("Products changed"), details.changed_count))
    return always + [row for row in where_any if row[1]]


def change_lines(changes: Sequence[ProductChange]) -> list[str]:
    """Return a heading and a line per change: old and new quantity, sku, id in 1C and name; nothing without changes."""
    if not changes:
        return []
    old = [stock_text(change.old) for change in changes]
    new = [stock_text(change.new) for change in changes]
    old_width, new_width = max(map(len, old)), max(map(len, new))
    rows = zip(old, new, map(_product_text, changes), strict=True)
    return [gettext("The first changes, old and new stock:")] + [
        f"  {before:>{old_width}} → {after:<{new_width}}  {text}" for before, after, text in rows
    ]


def stock_text(quantity: int | Decimal | None) -> str:
    """Return the quantity as people write it, a dash where the shop kept none."""
    return UNKNOWN if quantity is None else quantity_text(quantity)


def _product_text(change: ProductChange) -> str:
    texts = (one_line(change.sku), one_line(change.onec_id or ""), one_line(change.name, limit=MAX_NAME_LENGTH))
    return "  ".join(dict.fromkeys(text for text in texts if text))
