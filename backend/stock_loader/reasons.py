"""Why offers are not applied: a stable code for programs, a text for people."""

from collections.abc import Callable
from enum import StrEnum


class Reason(StrEnum):
    """Why an offer was not applied. A code never changes its meaning; the codes of `Problem` are among these."""

    NO_PRODUCT = "no_product"
    OTHER_1C_ID = "other_1c_id"
    AMBIGUOUS_SKU = "ambiguous_sku"
    AMBIGUOUS_KEY = "ambiguous_key"
    SUPERSEDED = "superseded"
    NO_STOCK_DATA = "no_stock_data"
    NO_ID = "no_id"
    EMPTY_QUANTITY = "empty_quantity"
    NOT_A_NUMBER = "not_a_number"
    NUMBER_TOO_LONG = "number_too_long"
    QUANTITY_TOO_LARGE = "quantity_too_large"
    ELEMENT_IN_QUANTITY = "element_in_quantity"
    OTHER_VARIANT = "other_variant_invalid"
    CHANGED_SINCE = "changed_since"
    DELETED_PRODUCT = "deleted_product"

    def text(self, translate: Callable[[str], str] = str) -> str:
        """Return the reason in words, translated."""
        return translate(_TEXTS[self])


def translatable(text: str) -> str:
    """Return `text`; the call marks it for the catalogue of translations."""
    return text


_TEXTS = {
    Reason.NO_PRODUCT: translatable("no product with this onec_id or sku"),
    Reason.OTHER_1C_ID: translatable("the product with this sku has another onec_id"),
    Reason.AMBIGUOUS_SKU: translatable("offers with other ids lead to the same product by its sku"),
    Reason.AMBIGUOUS_KEY: translatable("several products have this onec_id or sku"),
    Reason.SUPERSEDED: translatable("superseded by another offer of the product"),
    Reason.NO_STOCK_DATA: translatable("no stock data"),
    Reason.NO_ID: translatable("no id"),
    Reason.EMPTY_QUANTITY: translatable("empty quantity"),
    Reason.NOT_A_NUMBER: translatable("not a number"),
    Reason.NUMBER_TOO_LONG: translatable("number too long"),
    Reason.QUANTITY_TOO_LARGE: translatable("quantity too large"),
    Reason.ELEMENT_IN_QUANTITY: translatable("element inside a quantity"),
    Reason.OTHER_VARIANT: translatable("another variant of the product is invalid"),
    Reason.CHANGED_SINCE: translatable("the quantity was changed since"),
    Reason.DELETED_PRODUCT: translatable("the product was deleted"),
}
