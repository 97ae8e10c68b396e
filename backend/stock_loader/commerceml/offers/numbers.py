"""From the text of a quantity to what a shop keeps of it: the number rules as 1C and its readers write them.

`.` or `,` is the decimal sign; a space (also U+00A0, U+202F, U+2009) may stand between groups of exactly three digits.
The text is checked before any conversion: `Decimal("1e1000000")` as an integer takes 24 s, and `int("1_000")` and
Arabic digits pass Python's own.
"""

import decimal
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from stock_loader.commerceml.bounded_cache import BoundedCache
from stock_loader.commerceml.records import Adjustment, Problem

MAX_LENGTH = 32
"""Characters of a quantity's text; 1C writes at most 15 digits and a sign."""

MAX_QUANTITY = 2_147_483_647
"""The largest value of PostgreSQL's integer, the type of most shops' columns."""

Number = int | Decimal


class QuantityLimits(NamedTuple):
    """What a shop can keep of a quantity."""

    places: int = 0
    """Decimal places. Without any, quantities are whole numbers (`int`); else `Decimal` with exactly these places."""
    maximum: Number = MAX_QUANTITY


WHOLE_PIECES = QuantityLimits()

_NUMBER = re.compile(r"-?(?:[0-9]{1,3}(?:[ \u00a0\u202f\u2009][0-9]{3})+|[0-9]+)?(?:[.,][0-9]*)?")
_SPACES = str.maketrans({" ": None, "\u00a0": None, "\u202f": None, "\u2009": None, ",": "."})
_EXACT = decimal.Context(prec=200, rounding=decimal.ROUND_FLOOR, traps=[decimal.Inexact, decimal.InvalidOperation])
"""Holds any sum of numbers of 32 characters exactly, up to 10**160 of them."""
_ROUNDING_DOWN = decimal.Context(prec=200, rounding=decimal.ROUND_FLOOR, traps=[decimal.InvalidOperation])


class InvalidQuantityError(ValueError):
    """A text that is no quantity; `problem` says why, `seen` is the text."""

    def __init__(self, problem: Problem, seen: str) -> None:
        self.problem = problem
        self.seen = seen
        super().__init__(f"{problem}: {seen!r}")


def read_number(text: str) -> Number:
    """Return the number that `text` stands for, exactly.

    Raises:
        InvalidQuantityError: empty, too long, or not written as a decimal number.
    """
    stripped = text.strip()
    if not stripped:
        raise InvalidQuantityError(Problem.EMPTY, text)
    if len(stripped) > MAX_LENGTH:
        raise InvalidQuantityError(Problem.TOO_LONG, text)
    if not _NUMBER.fullmatch(stripped) or not any("0" <= char <= "9" for char in stripped):
        raise InvalidQuantityError(Problem.NOT_A_NUMBER, text)
    number = Decimal(stripped.translate(_SPACES))
    return int(number) if number == number.to_integral_value() else number


def sum_numbers(numbers: Iterable[Number]) -> Number:
    """Return the exact sum."""
    total: Number = 0
    for number in numbers:
        if isinstance(total, int) and isinstance(number, int):
            total += number
        else:
            total = _EXACT.add(Decimal(total), Decimal(number))
    return total


def kept(total: Number, limits: QuantityLimits = WHOLE_PIECES) -> tuple[Number, Adjustment]:
    """Return `total` rounded down and raised to 0 where it is negative, and which of these happened.

    Raises:
        InvalidQuantityError: more than the shop can keep.
    """
    quantity = _rounded_down(total, limits.places)
    adjustment = Adjustment.NONE if quantity == total else Adjustment.ROUNDED
    if quantity > limits.maximum:
        raise InvalidQuantityError(Problem.TOO_LARGE, str(total))
    if quantity < 0:
        return _rounded_down(0, limits.places), adjustment | Adjustment.NEGATIVE
    return quantity, adjustment


def quantity_text(quantity: Number) -> str:
    """Return the quantity as people write it: `str` of a small decimal would have an exponent."""
    return str(quantity) if isinstance(quantity, int) else f"{quantity:f}"


def _rounded_down(total: Number, places: int) -> Number:
    if places:
        return _ROUNDING_DOWN.quantize(Decimal(total), Decimal(1).scaleb(-places))
    return total if isinstance(total, int) else int(total.to_integral_value(decimal.ROUND_FLOOR, _EXACT))


class NumberCache(BoundedCache[Number]):
    """Numbers by their text: a stock file repeats a few thousand texts, and a look-up costs a twentieth of reading one.

    Holds about 16 MiB at most; raises what `read_number` raises.
    """

    MAX_ENTRIES = 65_536

    def __init__(self) -> None:
        super().__init__(read_number, max_entries=self.MAX_ENTRIES, max_length=MAX_LENGTH)
