"""The last loads as bars: what each changed upwards, what it did not find downwards. The page draws them."""

from collections.abc import Sequence
from typing import NamedTuple

from stock_loader.pages.counts import whole_number
from stock_loader.pages.sessions import SessionRow

MOST_BARS = 40
SLOT = 24
"""Units a bar takes, as wide as a finger hits."""
MARGIN = 4
"""Of them on each side left free."""
UP = 130
DOWN = 50
LEAST = 2
"""Units of what is not nothing."""


class Block(NamedTuple):
    """A rectangle of a bar; its name is a class of the style sheet."""

    name: str
    y: int
    height: int


class Bar(NamedTuple):
    """One load."""

    x: int
    row: SessionRow
    blocks: list[Block]


class LoadsPicture(NamedTuple):
    """The picture; what it shows stands in the table below it too."""

    bars: list[Bar]
    """The oldest first."""
    width: int
    highest: int


def loads_picture(rows: Sequence[SessionRow]) -> LoadsPicture:
    """Return the picture of the last loads that loaded something or failed; `rows` are given the last first."""
    shown = [row for row in rows if row.is_real or row.state == "failed"][:MOST_BARS][::-1]
    highest = max((_count(row, "changed") for row in shown), default=0)
    deepest = max((_count(row, "not_found") for row in shown), default=0)
    bars = [Bar(place * SLOT, row, _blocks(row, highest, deepest)) for place, row in enumerate(shown)]
    return LoadsPicture(bars, len(shown) * SLOT, highest)


def _blocks(row: SessionRow, highest: int, deepest: int) -> list[Block]:
    if row.state == "failed":
        return [Block("refused", UP - SLOT, SLOT)]
    changed, zeroed = _count(row, "changed"), _count(row, "zeroed")
    top, zeros = _length(changed, highest, UP), _length(zeroed, highest, UP)
    below = _length(_count(row, "not_found"), deepest, DOWN)
    blocks = [
        Block("changed", UP - top + zeros, top - zeros),
        Block("zeroed", UP - top, zeros),
        Block("not_found", UP, below),
    ]
    return [block for block in blocks if block.height > 0]


def _length(count: int, whole: int, length: int) -> int:
    return max(length * count // whole, LEAST) if count else 0


def _count(row: SessionRow, name: str) -> int:
    return whole_number(row.details.get(f"{name}_count"))
