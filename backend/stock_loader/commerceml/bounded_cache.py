"""What was found out about a text, kept while there is room: a file repeats a few texts a million times."""

from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class BoundedCache(dict[str, Value], Generic[Value]):
    """`cache[text]` is what `find_out(text)` says, which is asked once while the answer is kept.

    Holds at most `max_entries` texts of `max_length` characters, and begins anew when it is full. What `find_out`
    raises is raised, and not kept. A subclass of dict, since a look-up then costs no call.
    """

    def __init__(self, find_out: Callable[[str], Value], *, max_entries: int, max_length: int) -> None:
        super().__init__()
        self._find_out = find_out
        self._max_entries = max_entries
        self._max_length = max_length

    def __missing__(self, text: str) -> Value:
        """Find out about `text` and keep the answer, unless the text is so long that only a hostile file has it."""
        value = self._find_out(text)
        if len(text) > self._max_length:
            return value
        if len(self) >= self._max_entries:
            self.clear()
        self[text] = value
        return value
