"""Make the offers of a catalogue, one by one, and tell what a correct loader stores of each."""

from collections.abc import Iterator
from math import floor
from typing import NamedTuple

from fixtures_generator.catalogue import Catalogue, Kind
from fixtures_generator.identity import Identities
from fixtures_generator.kinds import Kinds, Place
from fixtures_generator.quantities import Quantities, Stock, changed, fractional, negative, raised
from fixtures_generator.seeding import mix, salt
from fixtures_generator.spreading import ROOT_OF_TWO, Proportion, Spread

LEAVES_STOCK_ALONE = frozenset({Kind.INVALID, Kind.NO_STOCK, Kind.SUPERSEDED})


class Offer(NamedTuple):
    """What a file says about one offer, whatever its layout."""

    number: int
    """Index in the whole catalogue."""
    onec_id: str
    sku: str | None
    kind: Kind
    ordinal: int
    """Number within the kind, from 0."""
    quantities: Quantities
    """One per warehouse, or a single one without warehouses. Invalid offers and such without stock have them
    too; it is when they are written that one is broken, or all are left out."""


class Expectation(NamedTuple):
    """What a correct loader makes of one offer."""

    onec_id: str
    sku: str | None
    """None where the offer does not name it."""
    quantity: int | None
    """The sum rounded down, 0 where it is negative or the offer deleted. None where the offer changes no
    stock: it is invalid, without stock data, or superseded by a later one in the same file."""
    kind: Kind


class Offers:
    """The offers of a catalogue, each of which can be had by its index."""

    def __init__(self, catalogue: Catalogue) -> None:
        seed, composite_share = catalogue.seed, catalogue.composite_share
        self._kinds = Kinds(catalogue)
        self._stock = Stock(seed, catalogue.warehouses)
        self._known = Identities(seed, "known", composite_share=composite_share)
        self._unknown = Identities(seed, "unknown", composite_share=composite_share)
        self._sku_order = Spread(catalogue.offers, ratio=ROOT_OF_TWO, shift=salt(seed, "skus"))
        self._skus = Proportion(catalogue.sku_share).of(catalogue.offers)
        self._fractions = salt(seed, "fractions")
        self._changes = salt(seed, f"changes {catalogue.changed_seed}")

    def offer(self, index: int) -> Offer:
        """Make the offer at an index of the catalogue."""
        place = self._kinds.place(index)
        identities = self._unknown if place.kind is Kind.UNKNOWN else self._known
        named = index if place.twin is None else min(index, place.twin)
        has_sku = self._sku_order.rank(index) < self._skus
        return Offer(
            number=index,
            onec_id=identities.onec_id(named),
            sku=identities.sku(named) if has_sku else None,
            kind=place.kind,
            ordinal=place.ordinal,
            quantities=self._quantities(index, place),
        )

    def _quantities(self, index: int, place: Place) -> Quantities:
        quantities = self._stock.of(index)
        if place.twin is not None and place.twin < index:
            same = sum(quantities) == sum(self._stock.of(place.twin))
            return raised(quantities, 1) if same else quantities
        match place.kind:
            case Kind.ZERO:
                return (0,) * len(quantities)
            case Kind.FRACTIONAL:
                return fractional(quantities, bits=mix(self._fractions + index))
            case Kind.NEGATIVE:
                return negative(quantities, ordinal=place.ordinal)
            case Kind.CHANGED:
                return changed(quantities, bits=mix(self._changes + index))
            case _:
                return quantities


def offers(catalogue: Catalogue) -> Iterator[Offer]:
    """Make the offers of the catalogue's segment, in the order of the file."""
    return map(Offers(catalogue).offer, catalogue.indexes)


def expected(catalogue: Catalogue) -> Iterator[Expectation]:
    """Tell what a correct loader makes of each offer of the catalogue's segment, in the order of the file.

    Unknown offers have the quantity that their product would get if it existed.
    """
    for offer in offers(catalogue):
        yield Expectation(offer.onec_id, offer.sku, _stored_quantity(offer), offer.kind)


def _stored_quantity(offer: Offer) -> int | None:
    if offer.kind in LEAVES_STOCK_ALONE:
        return None
    if offer.kind is Kind.DELETED:
        return 0
    return max(0, floor(sum(offer.quantities)))
