"""Make up the quantities of an offer, one per warehouse, from the seed and the offer's index alone."""

from decimal import Decimal

from fixtures_generator.seeding import mix, salt

Quantities = tuple[int, ...] | tuple[Decimal, ...]

QUANTITY_OF_BYTE = bytes(max(0, byte - 128) for byte in range(256))
"""Half of the warehouses hold nothing, the others 1 to 127 pieces."""
LARGEST_STEP = 50
"""Pieces by which a changed, negative or repeated total moves at most."""


class Stock:
    """The quantities that the warehouses hold of every offer, before anything special happens to them."""

    def __init__(self, seed: int, warehouses: int) -> None:
        self._key = salt(seed, "quantities")
        self._stores = max(warehouses, 1)

    def of(self, index: int) -> tuple[int, ...]:
        """Return the quantities of an offer; the sum is above 0."""
        key = self._key + index
        scattered = mix(key).to_bytes(8, "little")
        for more in range(1, (self._stores + 7) // 8):
            scattered += mix(mix(key) + more).to_bytes(8, "little")
        quantities = tuple(scattered[: self._stores].translate(QUANTITY_OF_BYTE))
        return quantities if any(quantities) else raised(quantities, 1 + scattered[7] % LARGEST_STEP)


def raised(quantities: tuple[int, ...], by: int) -> tuple[int, ...]:
    """Return the quantities with more in the first warehouse."""
    first, *others = quantities
    return first + by, *others


def changed(quantities: tuple[int, ...], *, bits: int) -> tuple[int, ...]:
    """Return quantities with another sum, still above 0: one warehouse sells or receives some pieces."""
    fullest = max(range(len(quantities)), key=quantities.__getitem__)
    step = 1 + bits % LARGEST_STEP
    sells = bits >> 32 & 1 and quantities[fullest] > step
    amount = quantities[fullest] + (-step if sells else step)
    return *quantities[:fullest], amount, *quantities[fullest + 1 :]


def negative(quantities: tuple[int, ...], *, ordinal: int) -> tuple[int, ...]:
    """Return quantities with a sum below 0: the first warehouse owes more than the others hold.

    Whoever raises each warehouse to 0 before summing gets another result than who sums first.
    """
    _, *others = quantities
    return -sum(others) - 1 - ordinal % LARGEST_STEP, *others


def fractional(quantities: tuple[int, ...], *, bits: int) -> tuple[Decimal, ...]:
    """Return quantities that all have a fraction of up to three digits, and so has their sum.

    Whoever rounds each warehouse before summing gets another result, in many of these, than who sums first.
    """
    thousandths = [amount * 1000 + 1 + (bits >> 10 * number & 1023) % 999 for number, amount in enumerate(quantities)]
    if sum(thousandths) % 1000 == 0:
        thousandths[-1] += 1
    return tuple(Decimal(amount).scaleb(-3) for amount in thousandths)
