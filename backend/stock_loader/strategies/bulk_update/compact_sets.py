"""What occurs in a stream too long to remember: eight bytes are kept of each of its elements."""

from array import array
from collections.abc import Iterable, Iterator

PARTITIONS = 256


class NumberLog:
    """Remembers 64-bit whole numbers, 8 bytes each; a set of them would take sixty and more.

    What is asked of it is found a partition at a time: at most 1/256 of all is held as a set.
    """

    def __init__(self) -> None:
        self.partitions = [array("q") for _ in range(PARTITIONS)]
        """The numbers by their remainder."""

    def add(self, numbers: Iterable[int]) -> None:
        """Remember `numbers`."""
        partitions = self.partitions
        for number in numbers:
            partitions[number % PARTITIONS].append(number)

    def added(self, numbers: Iterable[int]) -> set[int]:
        """Return those of `numbers` that were added; reads all that was."""
        wanted = set(numbers)
        if not wanted:
            return set()
        return {found for partition in self.partitions for found in wanted & set(partition)}

    def repeated(self) -> frozenset[int]:
        """Return the numbers that were added more than once."""
        found: set[int] = set()
        for partition in self.partitions:
            once: set[int] = set(partition)
            if len(once) < len(partition):
                found.update(_repeated(partition))
        return frozenset(found)

    def without(self, other: "NumberLog") -> Iterator[int]:
        """Yield the numbers that were added here and not to `other`, once each."""
        for own, others in zip(self.partitions, other.partitions, strict=True):
            yield from set(own).difference(others)


class KeyLog:
    """Remembers texts by their 64-bit hashes; a set of the texts would take a hundred bytes each."""

    def __init__(self) -> None:
        self._hashes = NumberLog()

    def add(self, keys: Iterable[str]) -> None:
        """Remember `keys`."""
        self._hashes.add(map(hash, keys))

    def added(self, keys: Iterable[str]) -> set[str]:
        """Return those of `keys` that were added (wrongly one in 2**64 times the number of keys); reads all hashes."""
        by_hash = {hash(key): key for key in keys}
        return {by_hash[found] for found in self._hashes.added(by_hash)}

    def repeated(self) -> frozenset[int]:
        """Return the hashes of the keys that were added more than once."""
        return self._hashes.repeated()


def _repeated(numbers: Iterable[int]) -> set[int]:
    seen: set[int] = set()
    found: set[int] = set()
    for number in numbers:
        if number in seen:
            found.add(number)
        seen.add(number)
    return found
