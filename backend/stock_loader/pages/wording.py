"""What the pages call things."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from stock_loader.reasons import Reason

STATES: dict[str, Any] = {
    "completed": _("completed"),
    "warned": _("completed, with warnings"),
    "failed": _("failed"),
    "running": _("running"),
    "skipped": _("skipped"),
    "dry_run": _("dry run"),
}
"""How a session stands; a class of the style sheet has the same name."""

SHOWN_TEXTS: dict[str, Any] = {
    "": _("all"),
    "real": _("that loaded something"),
    "failed": _("failed"),
    "running": _("running"),
    "skipped": _("skipped"),
    "dry_run": _("dry runs"),
    "undo": _("undos"),
}

PARTS: dict[str, Any] = {
    "updated_count": _("updated"),
    "unchanged_count": _("unchanged"),
    "not_found_count": _("not found"),
    "ambiguous_count": _("ambiguous"),
    "invalid_count": _("invalid"),
    "duplicate_count": _("superseded"),
    "no_stock_data_count": _("without stock data"),
    "changed_since_count": _("changed since"),
}
"""The counts that add up to `total_records`."""

PARTS_OF_UNDO: dict[str, Any] = {
    "updated_count": _("put back"),
    "unchanged_count": _("as before already"),
    "not_found_count": _("deleted since"),
    "changed_since_count": _("changed since, left as they are"),
}
"""What some of them are called there."""

FURTHER_COUNTS: dict[str, Any] = {
    "changed_count": _("products changed"),
    "zeroed_count": _("products set to 0"),
    "missing_count": _("products that no offer names, set to 0"),
    "matched_by_sku_count": _("found by SKU"),
    "other_id_count": _("not found: the SKU belongs to another 1C id"),
    "rounded_count": _("rounded down"),
    "negative_count": _("negative, taken as 0"),
    "deleted_count": _("marked as deleted, taken as 0"),
    "summed_count": _("variants summed"),
}

OPTIONS: dict[str, Any] = {
    "file": _("file"),
    "asked_by": _("started by"),
    "target": _("quantities"),
    "strategy": _("strategy"),
    "document_date": _("date of the document"),
    "earliest_document_date": _("date of the oldest document"),
    "document_count": _("documents"),
    "warehouses": _("warehouses that count"),
    "excluded_warehouses": _("warehouses that do not count"),
    "missing": _("products that no offer names"),
    "no_stock_data": _("offers without stock data"),
    "sum_variants": _("sums variants"),
    "own_offer": _("own offer beside variants"),
    "match_sku": _("products that a SKU leads to"),
    "relative": _("takes differences back"),
    "sha256": "SHA-256",
}

STEPS: dict[str, Any] = {
    "waiting": _("waiting for another load"),
    "reading": _("reading and comparing"),
    "deciding": _("deciding"),
    "writing": _("writing"),
}

REJECTED: dict[str, Any] = {
    "not_found": _("Not found"),
    "ambiguous": _("Ambiguous"),
    "invalid": _("Invalid"),
    "kept": _("Left as they are"),
}
"""The lists of what was not applied; each has a count of the same name, `kept` that of `changed_since`."""


def reason_text(listed: Mapping[str, Any]) -> str:
    """Return why an offer was not applied, in the language of the page; with an unknown code as it was told then."""
    try:
        return Reason(str(listed.get("code"))).text(gettext)
    except ValueError:
        return str(listed.get("reason") or "")


def option_text(value: object) -> str:
    """Return what was chosen, in words; empty where nothing was."""
    match value:
        case None | "" | [] | ():
            return ""
        case True:
            return gettext("yes")
        case False:
            return gettext("no")
        case list():
            return ", ".join(map(str, value))
        case _:
            return str(value)
