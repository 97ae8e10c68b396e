"""Describe what a generated stock file says: its offers, and how many of them are of which kind."""

from dataclasses import dataclass, fields
from enum import StrEnum

from fixtures_generator.spreading import Proportion


class Kind(StrEnum):
    """What is special about an offer; every offer is of exactly one kind."""

    PLAIN = "plain"
    """Whole numbers, none negative, more than 0 altogether."""
    ZERO = "zero"
    """0 in every warehouse."""
    FRACTIONAL = "fractional"
    """A fraction in every warehouse, and in their sum; with a decimal point or a decimal comma in turn."""
    NEGATIVE = "negative"
    """One warehouse so far below 0 that the sum is negative."""
    DELETED = "deleted"
    """A deletion mark beside quantities above 0; four ways of marking in turn."""
    UNKNOWN = "unknown"
    """An id and a sku that the same catalogue made without `unknown_share` does not have."""
    INVALID = "invalid"
    """One quantity that cannot be used; the ways of breaking it come in turn."""
    NO_STOCK = "no_stock"
    """No quantity anywhere."""
    SUPERSEDED = "superseded"
    """Its id comes again later in the file."""
    REPEATED = "repeated"
    """Repeats the id of an earlier offer with another total."""
    CHANGED = "changed"
    """A plain offer whose total differs from that of the same catalogue made with `changed_share=0`."""


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """The offers of a stock file.

    A share is a part of `offers` between 0 and 1. Exactly `round(share * offers)` offers get it, spread
    evenly over the catalogue. The shares of kinds exclude each other: an offer is, for example, negative or
    deleted, never both. They take their offers in the order of the fields below, so that adding a later one
    does not move the earlier ones.

    Raises:
        ValueError: a number is out of range, or the kinds ask for more offers than there are.
    """

    offers: int = 100_000
    """Offers of the whole catalogue, all segments together."""
    warehouses: int = 3
    """Warehouses an offer's quantity is spread over; 0: one quantity without a warehouse."""
    seed: int = 1
    """Decides ids, skus and quantities."""
    segment: int = 1
    """Which of the segments the file holds, counted from 1."""
    segments: int = 1
    """Files that the catalogue is split into; one after the other they hold the offers of the whole."""

    composite_share: float = 0.0
    """Offers whose id is `GUID#GUID`; up to four neighbours share the first half, as variants of one product.
    Where offers are repeated, counted before that."""
    sku_share: float = 0.0
    """Offers that name their sku."""

    zero_share: float = 0.0
    """See `Kind.ZERO`."""
    fractional_share: float = 0.0
    """See `Kind.FRACTIONAL`."""
    negative_share: float = 0.0
    """See `Kind.NEGATIVE`."""
    deleted_share: float = 0.0
    """See `Kind.DELETED`."""
    unknown_share: float = 0.0
    """See `Kind.UNKNOWN`."""
    invalid_share: float = 0.0
    """See `Kind.INVALID`."""
    no_stock_share: float = 0.0
    """See `Kind.NO_STOCK`."""
    duplicate_share: float = 0.0
    """See `Kind.REPEATED`; as many offers again are superseded, so that this share counts twice."""
    changed_share: float = 0.0
    """See `Kind.CHANGED`; all other offers are the same as with 0."""
    changed_seed: int = 1
    """Decides which plain offers change, and to what."""

    def __post_init__(self) -> None:
        self._check_numbers()
        self._check_shares()
        self._check_sum()

    @property
    def kind_shares(self) -> dict[Kind, float]:
        """The shares that exclude each other, in the order in which they take their offers."""
        return {
            Kind.ZERO: self.zero_share,
            Kind.FRACTIONAL: self.fractional_share,
            Kind.NEGATIVE: self.negative_share,
            Kind.DELETED: self.deleted_share,
            Kind.UNKNOWN: self.unknown_share,
            Kind.INVALID: self.invalid_share,
            Kind.NO_STOCK: self.no_stock_share,
            Kind.SUPERSEDED: self.duplicate_share,
            Kind.REPEATED: self.duplicate_share,
            Kind.CHANGED: self.changed_share,
        }

    @property
    def indexes(self) -> range:
        """The indexes of the segment's offers within the catalogue."""
        first = (self.segment - 1) * self.offers // self.segments
        return range(first, self.segment * self.offers // self.segments)

    def count(self, kind: Kind) -> int:
        """Return how many offers of the whole catalogue are of a kind that has a share."""
        return Proportion(self.kind_shares[kind]).of(self.offers)

    def _check_numbers(self) -> None:
        for name, number in (("offers", self.offers), ("warehouses", self.warehouses)):
            if number < 0:
                msg = f"the number of {name} must be 0 or more, not {number}"
                raise ValueError(msg)
        if not 1 <= self.segment <= self.segments:
            msg = f"there is no segment {self.segment} of {self.segments}"
            raise ValueError(msg)

    def _check_shares(self) -> None:
        for field in fields(self):
            share = getattr(self, field.name)
            if field.name.endswith("_share") and not 0 <= share <= 1:
                name = field.name.replace("_", " ")
                msg = f"the {name} must lie between 0 and 1, not {share}"
                raise ValueError(msg)

    def _check_sum(self) -> None:
        wanted = sum(Proportion(share).exact for share in self.kind_shares.values())
        if wanted > 1:
            msg = (
                f"the shares of kinds add up to {float(wanted):.6g}, which is more than 1 "
                "(duplicates count twice: the repeated offer and the one it repeats)"
            )
            raise ValueError(msg)
        counted = sum(self.count(kind) for kind in self.kind_shares)
        if counted > self.offers:
            msg = f"the shares of kinds, rounded to whole offers, ask for {counted} of {self.offers} offers"
            raise ValueError(msg)
