"""The products, the rules and the outcome of a load, as the rules written down once more have them."""

from typing import NamedTuple


class Row(NamedTuple):
    """A product: what a load looks at and what it writes."""

    onec_id: str | None
    sku: str
    quantity: int
    is_changed: bool = False


class Rules(NamedTuple):
    """What an operator may ask for."""

    sums_variants: bool = False
    own_is_total: bool = False
    sku_takes_any: bool = False
    zeroes_missing: bool = False
    zeroes_no_stock_data: bool = False
    is_second_excluded: bool = False
    """The second warehouse of every offer does not count."""


class Rejected(NamedTuple):
    """An offer that was not applied, as a report tells it."""

    line: int
    onec_id: str
    sku: str
    seen: str
    code: str


class Outcome(NamedTuple):
    """The products after the load, the report's counts and lists, and what was not applied."""

    rows: list[Row]
    report: dict[str, object]
    rejected: list[Rejected]
    equal_totals: int = 0
    """Own offers that say as much as the variants together."""


USUAL = Rules()
