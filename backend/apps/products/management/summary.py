"""The counts of a load as a short table."""

from django.utils.translation import gettext

from apps.products.services.results import LoadDetails


def summary_lines(details: LoadDetails) -> list[str]:
    """Return a line per count that says something, the numbers aligned, and the rate."""
    rows = [(label, f"{count:,}".replace(",", " ")) for label, count in _counts(details)]
    rate = details.total_records / details.duration_seconds if details.duration_seconds else 0
    rows.append((gettext("Seconds"), f"{details.duration_seconds:.1f}"))
    rows.append((gettext("Offers per second"), f"{rate:,.0f}".replace(",", " ")))
    width = max(len(label) for label, _ in rows)
    return [f"  {label:<{width}}  {value:>10}" for label, value in rows]


def _counts(details: LoadDetails) -> list[tuple[str, int]]:
    always = [
        (gettext("Offers read"), details.total_records),
        (gettext("Updated"), details.updated_count),
        (gettext("Unchanged"), details.unchanged_count),
        (gettext("Not found"), details.not_found_count),
        (gettext("Invalid"), details.invalid_count),
    ]
    where_any = [
        (gettext("Duplicates"), details.duplicate_count),
        (gettext("Without stock data"), details.no_stock_data_count),
        (gettext("Matched by SKU"), details.matched_by_sku_count),
        (gettext("Rounded down"), details.rounded_count),
        (gettext("Negative, taken as 0"), details.negative_count),
        (gettext("Marked as deleted"), details.deleted_count),
        (gettext("Went to zero"), details.zeroed_count),
    ]
    return always + [row for row in where_any if row[1]]
