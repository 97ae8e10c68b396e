"""A cache of what was found out about texts: a file repeats a few texts a million times."""

from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class BoundedCache(dict[str, Value], Generic[Value]):
    """`cache[text]` is the answer of `find_out(text)`. It is asked once, as long as the cache keeps the answer.

    Holds at most `max_entries` texts of `max_length` characters, and begins anew when it is full. An error of
    `find_out` is raised and not kept. The class is a dict, because a look-up in a dict costs no call.
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
