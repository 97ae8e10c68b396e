"""Which keys occur more than once in a stream too long to remember."""

from array import array
from collections.abc import Iterable

PARTITIONS = 256


class KeyLog:
    """Remembers 8 bytes of every key: its 64-bit hash. A set of the keys would take a hundred."""

    def __init__(self) -> None:
        self._partitions = [array("q") for _ in range(PARTITIONS)]

    def add(self, keys: Iterable[str]) -> None:
        """Remember `keys`."""
        partitions = self._partitions
        for key_hash in map(hash, keys):
            partitions[key_hash % PARTITIONS].append(key_hash)

    def added(self, keys: Iterable[str]) -> set[str]:
        """Return those of `keys` that were added (wrongly one in 2**64 times the number of keys); reads all hashes."""
        by_hash = {hash(key): key for key in keys}
        hashes = by_hash.keys()
        return {by_hash[found] for partition in self._partitions for found in hashes & set(partition)}

    def repeated(self) -> frozenset[int]:
        """Return the hashes that were added more than once; at most 1/256 of all is held as a set at a time."""
        found: set[int] = set()
        for partition in self._partitions:
            once: set[int] = set(partition)
            if len(once) < len(partition):
                found.update(_repeated(partition))
        return frozenset(found)


def _repeated(hashes: Iterable[int]) -> set[int]:
    seen: set[int] = set()
    return {value for value in hashes if value in seen or seen.add(value)}  # type: ignore[func-returns-value]
