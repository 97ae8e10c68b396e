"""What a load found and did, as values that cross the borders between its steps."""

from dataclasses import dataclass, field
from typing import NamedTuple

MAX_LISTED = 100
"""Offers that a list in the session's details holds at most."""


NOT_FOUND = "no product with this onec_id or sku"
"""Reason of an offer without a product."""


class ListedOffer(NamedTuple):
    """An offer that was not applied."""

    number: int
    """Its place in the snapshot; the first offer read is 1."""
    line: int
    onec_id: str
    sku: str
    seen: str
    """The value as it stands in the file; of an offer that was not found, its quantity."""
    reason: str

    def as_dict(self, *, file: str = "") -> dict[str, object]:
        """Return the offer as the session's details keep it, with the `file` where the snapshot has several."""
        details = self._asdict() | ({"file": file} if file else {})
        del details["number"]
        return details


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What reading and comparing found; nothing is written yet. Every offer read is in exactly one of the first six."""

    to_update: int
    unchanged: int
    not_found: int
    invalid: int
    duplicate: int
    no_stock_data: int
    matched_by_sku: int
    rounded: int
    negative: int
    deleted: int
    to_zero: int
    not_found_offers: tuple[ListedOffer, ...]
    invalid_offers: tuple[ListedOffer, ...]

    @property
    def total(self) -> int:
        """Return the number of offers read."""
        return self.to_update + self.unchanged + self.not_found + self.invalid + self.duplicate + self.no_stock_data


@dataclass(frozen=True, kw_only=True)
class Written:
    """What became of the rows to update, once they were locked and compared again."""

    updated: int
    zeroed: int
    already_equal: int = 0
    """Somebody else had set the same quantity meanwhile."""
    gone: int = 0
    """The product was deleted meanwhile."""


@dataclass(frozen=True, kw_only=True)
class LoadDetails:
    """The report of a load, as `ImportSession.details` keeps it (`dataclasses.asdict`)."""

    file: str
    strategy: str
    dry_run: bool
    skipped: bool = False
    warehouses: list[str] = field(default_factory=list)
    """Those that count; empty: all."""
    excluded_warehouses: list[str] = field(default_factory=list)
    total_records: int = 0
    updated_count: int = 0
    unchanged_count: int = 0
    not_found_count: int = 0
    invalid_count: int = 0
    duplicate_count: int = 0
    no_stock_data_count: int = 0
    matched_by_sku_count: int = 0
    rounded_count: int = 0
    negative_count: int = 0
    deleted_count: int = 0
    zeroed_count: int = 0
    not_found: list[dict[str, object]] = field(default_factory=list)
    invalid: list[dict[str, object]] = field(default_factory=list)
    document_date: str = ""
    sha256: str = ""
    duration_seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class LoadReport:
    """How a load ended."""

    session_id: int
    status: str
    details: LoadDetails
    error_message: str = ""
