"""Which warehouses count: all of them, or those that the operator chose.

Only the warehouses that are chosen count (all, where none is), except those that are excluded. Ids are GUIDs: they are
compared stripped and in lower case. A warehouse without an id counts only where none is chosen. What this makes of an
offer stands in `layouts.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from stock_loader.commerceml.bounded_cache import BoundedCache
from stock_loader.errors import LoadRefusedError

MAX_CACHED_ID_LENGTH = 64
"""Characters; a GUID has 36. What is longer stands in a hostile file, and is not kept."""


@dataclass(frozen=True, kw_only=True)
class WarehouseChoice:
    """The warehouses that an operator names; make it by `of`, which writes the ids as they are compared."""

    chosen: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()

    @classmethod
    def of(cls, chosen: Iterable[str] = (), excluded: Iterable[str] = ()) -> "WarehouseChoice":
        """Return the choice of ids as an operator writes them."""
        return cls(chosen=frozenset(map(normal_id, chosen)), excluded=frozenset(map(normal_id, excluded)))

    @property
    def is_active(self) -> bool:
        """Tell whether the choice leaves any warehouse out."""
        return bool(self.chosen or self.excluded)

    def refuse_empty(self) -> None:
        """Refuse a choice that leaves no warehouse: all stock would be 0.

        Raises:
            LoadRefusedError: every chosen warehouse is excluded too.
        """
        if self.chosen and self.chosen <= self.excluded:
            raise LoadRefusedError(
                "no warehouse is left: --exclude-warehouse names every one of --warehouse (or the settings that stand "
                "for them do)."
            )


ALL_WAREHOUSES = WarehouseChoice()


class WarehouseFilter:
    """Which of the warehouses of a file count, and which of the named ones it has."""

    MAX_ENTRIES = 4096

    def __init__(self, choice: WarehouseChoice) -> None:
        self.seen: set[str] = set()
        """Those of the chosen and the excluded ones that were asked for."""
        self.counts = BoundedCache(self._note_and_decide, max_entries=self.MAX_ENTRIES, max_length=MAX_CACHED_ID_LENGTH)
        """Whether a warehouse counts, by its id as it stands in the file."""
        self._choice = choice

    def _note_and_decide(self, text: str) -> bool:
        warehouse = normal_id(text)
        is_chosen, is_excluded = warehouse in self._choice.chosen, warehouse in self._choice.excluded
        if is_chosen or is_excluded:
            self.seen.add(warehouse)
        return (is_chosen or not self._choice.chosen) and not is_excluded


def normal_id(text: str) -> str:
    """Return the id of a warehouse as ids are compared."""
    return text.strip().casefold()
