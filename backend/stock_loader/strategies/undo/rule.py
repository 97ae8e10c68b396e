"""What becomes of a product whose change is taken back. `in_server` says the same in SQL."""

from enum import StrEnum
from typing import Any

from stock_loader.outcome import StockChange


class Verdict(StrEnum):
    """What is done about one change."""

    RESTORE = "restore"
    EQUAL = "equal"
    """The product holds what it should already."""
    CHANGED_SINCE = "changed_since"


Judged = tuple[Verdict, Any]
"""The verdict of one change, and the quantity that the product is to have where it is `RESTORE`.

A plain tuple, for there may be millions.
"""


class UndoRule:
    """How changes are taken back: the quantity before, or the difference."""

    def __init__(self, *, is_relative: bool, maximum: Any) -> None:
        self._is_relative = is_relative
        self._maximum = maximum

    def judge(self, change: StockChange, stored: Any) -> Judged:
        """Return what becomes of a product that holds `stored` now."""
        old: Any = change.old
        new: Any = change.new
        if self._is_relative and None not in {old, new, stored}:
            wanted = max(stored - (new - old), min(stored, stored * 0))
            if wanted <= self._maximum:
                return Verdict.EQUAL if wanted == stored else Verdict.RESTORE, wanted
        elif stored == new:
            return Verdict.RESTORE, old
        elif stored == old:
            return Verdict.EQUAL, old
        return Verdict.CHANGED_SINCE, None
