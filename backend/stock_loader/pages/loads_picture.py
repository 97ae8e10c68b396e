"""The last loads as bars: what each changed upwards, what it did not find downwards. The page draws them.

Their order is that of time, and where loads failed to come there is room: as many free slots as usual intervals passed.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from django.utils import timezone

from stock_loader.pages.counts import whole_number
from stock_loader.pages.freshness import FEWEST_INTERVALS, LATE
from stock_loader.pages.sessions import SessionRow

MOST_SLOTS = 40
WIDEST_GAP = 6
"""Slots that a gap takes at most, however long it was."""
LEAST_SECONDS = 60
"""Loads that come more often leave no gaps for less."""
TICK_SLOTS = 2
"""From one day's name to the next, at least."""
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


class Tick(NamedTuple):
    """Where a day begins."""

    x: int
    at: datetime


class LoadsPicture(NamedTuple):
    """The picture; what it shows stands in the table below it too."""

    bars: list[Bar]
    """The oldest first."""
    ticks: list[Tick]
    width: int
    highest: int


def loads_picture(rows: Sequence[SessionRow]) -> LoadsPicture:
    """Return the picture of the last loads that loaded something or failed; `rows` are given the last first."""
    last = [row for row in rows if row.is_real or row.state == "failed"][:MOST_SLOTS]
    slots = _slots_from_the_right(last)
    shown = last[: len(slots)]
    width = max(slots, default=-1) + 1
    highest = max((_count(row, "changed") for row in shown), default=0)
    deepest = max((_count(row, "not_found") for row in shown), default=0)
    bars = [
        Bar((width - 1 - slot) * SLOT, row, _blocks(row, highest, deepest))
        for slot, row in zip(reversed(slots), reversed(shown), strict=True)
    ]
    return LoadsPicture(bars, _ticks(bars), width * SLOT, highest)


def _slots_from_the_right(rows: Sequence[SessionRow]) -> list[int]:
    """Return the slot of each of the rows, which are given the last first, as far as the picture has room."""
    intervals = [(later.started_at - earlier.started_at).total_seconds() for later, earlier in pairwise(rows)]
    usual = max(median(intervals), LEAST_SECONDS) if len(intervals) >= FEWEST_INTERVALS else 0
    slots = [0] if rows else []
    for interval in intervals:
        missed = round(interval / usual) - 1 if usual and interval > LATE * usual else 0
        slots.append(slots[-1] + 1 + min(missed, WIDEST_GAP))
    return [slot for slot in slots if slot < MOST_SLOTS]


def _ticks(bars: Sequence[Bar]) -> list[Tick]:
    ticks: list[Tick] = []
    for earlier, bar in pairwise([None, *bars]):
        if bar is None:
            continue
        is_new = earlier is None or _day(earlier.row.started_at) != _day(bar.row.started_at)
        if is_new and (not ticks or bar.x - ticks[-1].x >= TICK_SLOTS * SLOT):
            ticks.append(Tick(bar.x, bar.row.started_at))
    return ticks


def _day(at: datetime) -> object:
    return timezone.localtime(at).date() if timezone.is_aware(at) else at.date()


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
