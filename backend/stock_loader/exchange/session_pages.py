"""Where the admin shows a load's session."""

from contextlib import suppress

from django.urls import NoReverseMatch, reverse

from stock_loader.settings import setting


def session_page(number: int | None) -> str:
    """Return the address of the page of a load's session, empty where the admin has none."""
    if number is None:
        return ""
    for name in ("stock_pages_session", f"{setting('SESSION').lower().replace('.', '_')}_change"):
        with suppress(NoReverseMatch):
            return reverse(f"admin:{name}", args=[number])
    return ""
