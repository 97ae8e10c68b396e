"""What the parser says of an offer."""

from decimal import Decimal
from enum import IntFlag, StrEnum
from typing import NamedTuple

SKU_KEY_PREFIX = "\n"
"""Begins the key of an offer without an id; no id begins with it, since ids are stripped."""

VARIANT_MARK = "#"
"""Stands between the id of a product and that of its variant."""


class Adjustment(IntFlag):
    """How the quantity of an offer came to differ from the sum that stands in the file."""

    NONE = 0
    ROUNDED = 1
    """The sum had more of a fraction than the shop keeps; it was rounded down."""
    NEGATIVE = 2
    """The sum was negative; it was raised to 0."""
    DELETED = 4
    """The offer carries a deletion mark; its quantity is 0."""


class Problem(StrEnum):
    """Why an offer has no usable quantity; each is a `Reason`, too."""

    NO_STOCK_DATA = "no_stock_data"
    NO_ID = "no_id"
    EMPTY = "empty_quantity"
    NOT_A_NUMBER = "not_a_number"
    TOO_LONG = "number_too_long"
    TOO_LARGE = "quantity_too_large"
    CHILD_ELEMENT = "element_in_quantity"


class StockRecord(NamedTuple):
    """One offer of the file, in file order."""

    line: int
    """Where its id stands (the first line is 1)."""
    onec_id: str
    """`Ид`, whole (`GUID#GUID` for a variant); empty where the offer has none."""
    sku: str
    """`Артикул`; empty where the offer has none."""
    quantity: int | Decimal | None
    """From 0 on; whole pieces are `int`, where the shop keeps a fraction `Decimal`; None where there is a problem.

    If the operator wants 0 for offers without stock data, they have 0 here and still their problem."""
    adjustment: Adjustment = Adjustment.NONE
    problem: Problem | None = None
    seen: str = ""
    """The value that is the problem, as it stands in the file, cut to a line."""

    @property
    def key(self) -> str:
        """What tells repetitions of an offer: its id, else its sku with a mark that no id has, else nothing."""
        return self.onec_id or (self.sku and SKU_KEY_PREFIX + self.sku)

    @property
    def product_id(self) -> str:
        """The id of the product of which the offer is a variant; empty where the id names no variant."""
        product_id, mark, _ = self.onec_id.partition(VARIANT_MARK)
        return product_id if mark else ""

    @property
    def is_silent(self) -> bool:
        """Whether the offer says nothing of the stock."""
        return self.problem is Problem.NO_STOCK_DATA

    @property
    def is_mute(self) -> bool:
        """Whether the offer says nothing of the stock, and is not taken as 0 for it."""
        return self.problem is Problem.NO_STOCK_DATA and self.quantity is None

    def with_zero(self, zero: int | Decimal = 0) -> "StockRecord":
        """Return the record with quantity 0, of the type that the shop keeps; that it is silent stays known."""
        return self._replace(quantity=zero)
