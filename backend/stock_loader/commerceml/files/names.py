"""Which names in a folder or an archive are those of stock files, and their order."""

import re
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import PurePosixPath

from stock_loader.errors import DocumentError

SHOWN_NAMES = 5
"""Names that a message repeats."""

PATTERNS = ("rests*.xml", "offers*.xml")
"""Names of stock files in a folder or an archive; the second only where there is none of the first."""


def of_first_pattern(names: Iterable[str]) -> list[str]:
    """Return the names of stock files in natural order: segment 2 before segment 10; none where there is none."""
    found = list(names)
    chosen = ([name for name in found if _matches(name, pattern)] for pattern in PATTERNS)
    return sorted(next(filter(None, chosen), []), key=natural_order)


def is_stock_name(name: str) -> bool:
    """Tell whether a file of this name may be read where a folder or an archive is."""
    return any(_matches(name, pattern) for pattern in PATTERNS)


def _matches(name: str, pattern: str) -> bool:
    return fnmatch(PurePosixPath(name).name.casefold(), pattern)


def natural_order(name: str) -> list[tuple[int, str]]:
    """Return a key that sorts numbers in names as numbers, however long these are; texts and numbers take turns."""
    parts = re.split(r"([0-9]+)", name.casefold())
    parts[1::2] = [number.lstrip("0") for number in parts[1::2]]
    return [(len(part) if place % 2 else 0, part) for place, part in enumerate(parts)]


def no_stock_file(where: str, names: Iterable[str]) -> DocumentError:
    """Return what to say of a folder or an archive with these names in it."""
    error = DocumentError(
        "no stock file in it: expected %(expected)s, saw %(seen)s.",
        expected=" / ".join(PATTERNS),
        seen=", ".join(sorted(names)[:SHOWN_NAMES]) or "nothing",
    )
    return error.in_file(where)
