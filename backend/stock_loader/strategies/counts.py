"""In which count of the report an offer that was not applied lands."""

from stock_loader.reasons import Reason

_NAMES = {
    Reason.NO_PRODUCT: "not_found",
    Reason.OTHER_1C_ID: "not_found",
    Reason.AMBIGUOUS_SKU: "ambiguous",
    Reason.AMBIGUOUS_KEY: "ambiguous",
    Reason.SUPERSEDED: "duplicate",
    Reason.NO_STOCK_DATA: "no_stock_data",
    Reason.CHANGED_SINCE: "changed_since",
    Reason.DELETED_PRODUCT: "not_found",
}
COUNT_NAMES = {reason: _NAMES.get(reason, "invalid") for reason in Reason}
"""The name of the count, by the reason; by every other reason an offer is invalid."""

REASONS = {name: [reason for reason in Reason if COUNT_NAMES[reason] == name] for name in COUNT_NAMES.values()}
"""The reasons, by the name of the count."""
