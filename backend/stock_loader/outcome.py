"""What a load found and did, as values that cross the borders between its steps."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple, Self
from uuid import UUID

from stock_loader.errors import one_line
from stock_loader.reasons import Reason

MAX_LISTED = 100
"""Offers that a list in the session's details holds at most."""


class Status(StrEnum):
    """How the session of a load stands, in the words of its column."""

    STARTED = "started"
    COMPLETED = "completed"
    FAILED = "failed"


class ListedOffer(NamedTuple):
    """An offer that was not applied."""

    number: int
    """Its place in the snapshot; the first offer read is 1."""
    line: int
    onec_id: str
    sku: str
    seen: str
    """The value as it stands in the file where it could not be read, else its quantity; empty where it has none."""
    code: Reason

    @classmethod
    def of(cls, values: tuple[int, int, str, str, str, str]) -> Self:
        """Return the offer of these values, its texts fit for a line."""
        number, line, onec_id, sku, seen, code = values
        return cls(number, line, one_line(onec_id), one_line(sku), seen, Reason(code))

    def as_dict(self, translate: Callable[[str], str] = str, *, file: str = "") -> dict[str, object]:
        """Return the offer as the session's details keep it, with the `file` where the snapshot has several."""
        details = self._asdict() | {"code": self.code.value, "reason": self.code.text(translate)}
        del details["number"]
        return details | ({"file": file} if file else {})


class ProductChange(NamedTuple):
    """A product whose quantity a load changes, or would change."""

    product: int | str | UUID
    """Primary key."""
    onec_id: str | None
    sku: str
    name: str
    old: int | Decimal | None
    """None where the shop kept no quantity yet."""
    new: int | Decimal | None
    """None only by an undo."""


class StockChange(NamedTuple):
    """A row that a load has changed."""

    product: Any
    """Primary key."""
    old: int | Decimal | None
    new: int | Decimal | None


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What reading and comparing found; nothing is written yet. Every offer is in exactly one of the first seven."""

    to_update: int
    """Offers whose product has another quantity."""
    unchanged: int
    not_found: int
    ambiguous: int
    """Offers with different ids that lead to one product by its sku, and offers that lead to several products."""
    invalid: int
    duplicate: int
    no_stock_data: int
    ambiguous_key: int
    """Of the ambiguous ones, those whose id or sku several products have."""
    other_id: int
    """Of those not found, the ones whose sku a product with another id has."""
    matched_by_sku: int
    rounded: int
    negative: int
    deleted: int
    summed: int
    """Offers that are a part of their product's quantity (`MatchRules.sums_variants`)."""
    missing: int
    """Products in stock that no offer names (`MatchRules.zeroes_missing`)."""
    to_change: int
    """Products that differ: those of the offers to update, and the missing ones."""
    to_zero: int
    """Products that go from above 0 to 0."""
    not_found_offers: tuple[ListedOffer, ...]
    ambiguous_offers: tuple[ListedOffer, ...]
    invalid_offers: tuple[ListedOffer, ...]
    equal_totals: int = 0
    """Products whose own offer says as much as their variants together, and was added to them."""
    first_equal_total: str = ""
    """The id of the first such offer."""
    changed_since: int = 0
    """Of an undo, whose changes are counted as offers are: products with another quantity than the load wrote."""
    kept_products: tuple[ListedOffer, ...] = ()
    """The first of those, and of the products that are no more."""

    @classmethod
    def of_undo(  # noqa: PLR0913  # the counts of an undo
        cls, *, to_restore: int, equal: int, gone: int, changed_since: int, to_zero: int, kept: tuple[ListedOffer, ...]
    ) -> Self:
        """Return what an undo found: of the changes in the journal, what becomes of each."""
        return cls(
            to_update=to_restore,
            unchanged=equal,
            not_found=gone,
            changed_since=changed_since,
            to_change=to_restore,
            to_zero=to_zero,
            kept_products=kept,
            ambiguous=0,
            invalid=0,
            duplicate=0,
            no_stock_data=0,
            ambiguous_key=0,
            other_id=0,
            matched_by_sku=0,
            rounded=0,
            negative=0,
            deleted=0,
            summed=0,
            missing=0,
            not_found_offers=(),
            ambiguous_offers=(),
            invalid_offers=(),
        )

    @property
    def matched(self) -> int:
        """Return the number of offers that have a product and say its quantity."""
        return self.to_update + self.unchanged

    @property
    def total(self) -> int:
        """Return the number of offers read."""
        rejected = self.not_found + self.ambiguous + self.invalid + self.duplicate + self.no_stock_data
        return self.matched + rejected + self.changed_since


@dataclass(frozen=True, kw_only=True)
class Written:
    """What became of the rows to update, once they were locked and compared again."""

    updated: int
    """Offers whose product got another quantity."""
    changed: int
    """Products that got another quantity."""
    zeroed: int
    """Products that went from above 0 to 0."""
    missing: int = 0
    """Those of them that no offer names."""
    already_equal: int = 0
    """Offers: somebody else had set the same quantity meanwhile."""
    gone: int = 0
    """Offers: the product was deleted meanwhile."""
    changed_since: int = 0
    """Of an undo, products: somebody changed the quantity meanwhile."""


@dataclass(frozen=True, kw_only=True)
class LoadDetails:
    """The report of a load, as `ImportSession.details` keeps it (`dataclasses.asdict`)."""

    file: str
    strategy: str
    dry_run: bool
    target: str = ""
    """What was loaded: the model and its quantity, and the filter where there is one (`ShopMapping.target`)."""
    asked_by: str = ""
    """Who asked for it on a page; empty of a command and of the exchange."""
    undoes: int = 0
    """The number of the session whose changes were taken back; 0 of a load."""
    relative: bool = False
    """An undo took the differences back, not the quantities."""
    skipped: bool = False
    """Nothing was loaded: the content was loaded already, or has no stock."""
    warehouses: list[str] = field(default_factory=list)
    """Those that count; empty: all."""
    excluded_warehouses: list[str] = field(default_factory=list)
    missing: str = "keep"
    """What became of products that no offer names: `keep` or `zero`."""
    no_stock_data: str = "keep"
    """What became of the products of offers without stock data: `keep` or `zero`."""
    sum_variants: bool = False
    own_offer: str = "part"
    """What a product's own offer was beside its variants: a `part` of the sum, or the `total`."""
    match_sku: str = "unclaimed"
    """Which products a sku led to: those without an id of 1C (`unclaimed`), or `any`."""
    total_records: int = 0
    updated_count: int = 0
    unchanged_count: int = 0
    not_found_count: int = 0
    ambiguous_count: int = 0
    invalid_count: int = 0
    duplicate_count: int = 0
    no_stock_data_count: int = 0
    other_id_count: int = 0
    matched_by_sku_count: int = 0
    rounded_count: int = 0
    negative_count: int = 0
    deleted_count: int = 0
    summed_count: int = 0
    changed_count: int = 0
    zeroed_count: int = 0
    missing_count: int = 0
    changed_since_count: int = 0
    not_found: list[dict[str, object]] = field(default_factory=list)
    ambiguous: list[dict[str, object]] = field(default_factory=list)
    invalid: list[dict[str, object]] = field(default_factory=list)
    kept: list[dict[str, object]] = field(default_factory=list)
    """Of an undo, the first products that were left as they are: changed since, or deleted."""
    warnings: list[dict[str, str]] = field(default_factory=list)
    """`code` and `text` of each warning, the text in the language of the command."""
    document_count: int = 0
    document_date: str = ""
    """The latest of the documents."""
    earliest_document_date: str = ""
    sha256: str = ""
    duration_seconds: float = 0.0
    steps: dict[str, float] = field(default_factory=dict)
    """Seconds of each step that began."""


@dataclass(frozen=True, kw_only=True)
class LoadReport:
    """How a load ended."""

    session_id: int
    status: Status
    details: LoadDetails
    error_message: str = ""
    changes: tuple[ProductChange, ...] = ()
    """Of a dry run, the first changes in the order of the products' keys, as many as were asked for."""
