"""Decide for every offer of what kind it is, with exact counts and without remembering any offer."""

from bisect import bisect_right
from itertools import accumulate
from typing import NamedTuple

from fixtures_generator.catalogue import Catalogue, Kind
from fixtures_generator.seeding import salt
from fixtures_generator.spreading import GOLDEN_RATIO, Spread


class Place(NamedTuple):
    """Where an offer stands among the kinds."""

    kind: Kind
    ordinal: int
    """Number of the offer within its kind, from 0: lets the variants of a kind come in turn."""
    twin: int | None = None
    """Index of the offer that has the same id, in whatever segment it stands."""


class Kinds:
    """The kinds of a catalogue's offers.

    The offers are put into an evenly spread order, and each kind takes as many in a row as its share asks
    for. What is left is plain; the changed ones are a run of these that starts where the changed seed says.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._indexes = catalogue.indexes
        self._order = Spread(catalogue.offers, ratio=GOLDEN_RATIO, shift=salt(catalogue.seed, "kinds"))
        self._kinds = [kind for kind in catalogue.kind_shares if kind is not Kind.CHANGED]
        self._ends = list(accumulate(catalogue.count(kind) for kind in self._kinds))
        self._duplicates = catalogue.count(Kind.REPEATED)
        self._plain = catalogue.offers - self._ends[-1]
        self._changed = catalogue.count(Kind.CHANGED)
        self._first_changed = salt(catalogue.seed, f"changed {catalogue.changed_seed}")

    def place(self, index: int) -> Place:
        """Return the kind of the offer at an index, and its number within the kind."""
        rank = self._order.rank(index)
        if rank >= self._ends[-1]:
            return self._place_plain(rank)
        group = bisect_right(self._ends, rank)
        kind = self._kinds[group]
        if kind in {Kind.SUPERSEDED, Kind.REPEATED}:
            return self._place_duplicate(index, rank, kind)
        return Place(kind, rank - (self._ends[group - 1] if group else 0))

    def _place_plain(self, rank: int) -> Place:
        ordinal = (rank - self._ends[-1] - self._first_changed) % self._plain
        return Place(Kind.CHANGED if ordinal < self._changed else Kind.PLAIN, ordinal)

    def _place_duplicate(self, index: int, rank: int, half: Kind) -> Place:
        """Pair the two halves of the duplicates; of each pair, the later in the file supersedes the earlier.

        Where the twin stands in another segment, this file repeats nothing: the offer is plain.
        """
        distance = self._duplicates if half is Kind.SUPERSEDED else -self._duplicates
        twin = self._order.index(rank + distance)
        kind = Kind.PLAIN
        if twin in self._indexes:
            kind = Kind.REPEATED if twin < index else Kind.SUPERSEDED
        return Place(kind, rank % self._duplicates, twin)
