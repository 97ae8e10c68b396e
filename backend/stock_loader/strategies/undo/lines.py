"""Changes of the journal as the lines of a COPY."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from stock_loader.outcome import StockChange

LINES = 1000
"""A read: a page of the journal."""


class UndoLines:
    """Numbered changes as lines of number, product's key and the quantities before and after; read like a file."""

    def __init__(self, changes: Iterable[tuple[int, StockChange]]) -> None:
        self._changes = iter(changes)

    def read(self, _size: int = -1) -> str:
        """Return the next lines; nothing at the end."""
        return "".join(
            f"{number}\t{_cell(product)}\t{_cell(old)}\t{_cell(new)}\n"
            for number, (product, old, new) in islice(self._changes, LINES)
        )


def _cell(value: Any) -> str:
    if value is None:
        return "\\N"
    text = str(value)
    if text.isprintable() and "\\" not in text:
        return text
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
