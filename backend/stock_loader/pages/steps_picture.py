"""The quantities of one product over time, as the points of a picture. The page draws it, in whole units."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from stock_loader.journal.product_history import HistoryStep

WIDTH = 720
HEIGHT = 200
MARGIN = 12
"""Units around the steps, for the dots."""


class Dot(NamedTuple):
    """A change in the picture."""

    x: int
    y: int
    step: HistoryStep


class StepsPicture(NamedTuple):
    """The picture."""

    line: str
    """The path of an SVG."""
    dots: list[Dot]
    highest: int | Decimal


def steps_picture(steps: Sequence[HistoryStep]) -> StepsPicture | None:
    """Return the picture of the steps, given the last first; None where fewer than two have a time."""
    timed = [(step.at.timestamp(), step) for step in reversed(steps) if step.at is not None]
    if len(timed) < 2:  # noqa: PLR2004  # one point is no line
        return None
    begin, end = timed[0][0], max(at for at, _ in timed)
    highest = max((quantity or 0) for _, step in timed for quantity in (step.old, step.new))
    dots = [
        Dot(_place(at - begin, end - begin, WIDTH), HEIGHT - _place(step.new or 0, highest, HEIGHT), step)
        for at, step in timed
    ]
    first = HEIGHT - _place(timed[0][1].old or 0, highest, HEIGHT)
    moves = "".join(f"H{dot.x}V{dot.y}" for dot in dots)
    return StepsPicture(f"M0 {first}{moves}H{WIDTH}", dots, highest)


def _place(value: float | Decimal, whole: float | Decimal, length: int) -> int:
    return MARGIN + int((length - 2 * MARGIN) * float(value) / float(whole)) if whole else MARGIN
