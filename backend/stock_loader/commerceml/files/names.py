"""Which names in a folder or an archive are those of stock files, and their order."""

import re
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import PurePosixPath

from stock_loader.errors import DocumentError

PATTERNS = ("rests*.xml", "offers*.xml")
"""Names of stock files in a folder or an archive; the second only where there is none of the first."""


def stock_names(where: str, names: Iterable[str]) -> list[str]:
    """Return the names of stock files in natural order: segment 2 before segment 10.

    Raises:
        DocumentError: there is none.
    """
    found = list(names)
    for pattern in PATTERNS:
        chosen = [name for name in found if _matches(name, pattern)]
        if chosen:
            return sorted(chosen, key=natural_order)
    error = DocumentError(
        "no stock file in it: expected %(expected)s, saw %(seen)s.",
        expected=" / ".join(PATTERNS),
        seen=", ".join(sorted(found)[:5]) or "nothing",
    )
    raise in_file(where, error)


def is_stock_name(name: str) -> bool:
    """Tell whether a file of this name may be read where a folder or an archive is."""
    return any(_matches(name, pattern) for pattern in PATTERNS)


def _matches(name: str, pattern: str) -> bool:
    return fnmatch(PurePosixPath(name).name.casefold(), pattern)


def natural_order(name: str) -> list[tuple[bool, int, str]]:
    """Return a key that sorts numbers in names as numbers."""
    return [
        (not part.isdigit(), int(part) if part.isdigit() else 0, part)
        for part in re.split(r"([0-9]+)", name.casefold())
    ]


def in_file(path: str, error: DocumentError) -> DocumentError:
    """Return the error, told of the file at `path`."""
    error.file = path
    return error
