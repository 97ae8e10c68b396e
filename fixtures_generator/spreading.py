"""Pick exact numbers of offers, spread evenly over a catalogue, without remembering any of them."""

from fractions import Fraction
from math import gcd

GOLDEN_RATIO = 0x9E3779B97F4A7C15
"""0.618… of 2**64: its multiples fill a circle more evenly than those of any other number."""
ROOT_OF_TWO = 0x6A09E667F3BCC908
"""0.414… of 2**64: nearly as even, and not in step with the golden ratio."""


class Proportion:
    """A share of things, as an exact fraction: 0.05 is 1/20 here and not the float nearest to it."""

    def __init__(self, share: float) -> None:
        self.exact = Fraction(str(share))

    def of(self, count: int) -> int:
        """Return the share of `count` things, rounded as `round` does it: a half goes to the even number."""
        above, below = self.exact.numerator, self.exact.denominator
        whole, rest = divmod(count * above, below)
        return whole + (2 * rest > below or (2 * rest == below and whole % 2))

    def has(self, index: int) -> bool:
        """Tell whether the thing at `index` is in the share: of the first n things, `of(n)` always are."""
        return self.of(index + 1) > self.of(index)


class Spread:
    """An order of 0 … size - 1 in which neighbours lie far apart: any run of it is an even sample.

    The rank of an index is `index * step + shift` modulo size, where the step is near `ratio` of the size and
    has no factor in common with it.
    """

    def __init__(self, size: int, *, ratio: int, shift: int) -> None:
        self._size = max(size, 1)
        self._step = self._size * ratio >> 64
        while gcd(self._step, self._size) != 1:
            self._step += 1
        self._back = pow(self._step, -1, self._size)
        self._shift = shift

    def rank(self, index: int) -> int:
        """Return the place of an index in this order."""
        return (index * self._step + self._shift) % self._size

    def index(self, rank: int) -> int:
        """Return the index that has this rank."""
        return (rank - self._shift) * self._back % self._size
