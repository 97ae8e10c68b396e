"""The counts of a session as a bar whose parts add up."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from stock_loader.pages.wording import FURTHER_COUNTS, PARTS, PARTS_OF_UNDO

BAR_WIDTH = 1000
"""Units of the picture; the page stretches it."""
MIN_WIDTH = 4
"""Of a part that is not nothing, so that one offer of a million is seen."""


class Part(NamedTuple):
    """A part of the bar."""

    name: str
    text: Any
    amount: int
    share: float
    """Of the whole, as a percentage."""
    x: int
    width: int


class Count(NamedTuple):
    """A count beside the bar."""

    text: Any
    amount: int


def parts_of(details: Mapping[str, Any]) -> list[Part]:
    """Return the parts that are not nothing; their counts add up to `total_records`, their widths to `BAR_WIDTH`."""
    counts = {name: whole_number(details.get(name)) for name in PARTS}
    texts = PARTS | PARTS_OF_UNDO if details.get("undoes") else PARTS
    total = sum(counts.values())
    shown = {name: count for name, count in counts.items() if count}
    free = BAR_WIDTH - MIN_WIDTH * len(shown)
    parts, seen, x = [], 0, 0
    for place, (name, count) in enumerate(shown.items(), 1):
        seen += count
        end = place * MIN_WIDTH + free * seen // total
        parts.append(Part(name.removesuffix("_count"), texts[name], count, 100 * count / total, x, end - x))
        x = end
    return parts


def further_counts(details: Mapping[str, Any]) -> list[Count]:
    """Return the other counts, without those that are 0 but for the number of changed products."""
    counts = ((name, whole_number(details.get(name))) for name in FURTHER_COUNTS)
    return [Count(FURTHER_COUNTS[name], count) for name, count in counts if count or name == "changed_count"]


def whole_number(value: object) -> int:
    """Return the count that a session says; 0 where it says none."""
    return value if isinstance(value, int) else 0
