"""Which of the collected tests are benchmarks, and which of these a small run takes."""

from collections.abc import Iterable
from typing import Protocol, TypeVar


class Named(Protocol):
    """A collected test."""

    @property
    def nodeid(self) -> str:
        """Its path, function and parameters."""
        ...


Item = TypeVar("Item", bound=Named)


def is_benchmark(item: object) -> bool:
    """Tell whether the test measures something."""
    return "benchmark" in getattr(item, "fixturenames", ())


def one_of_each(items: Iterable[Item]) -> list[Item]:
    """Return the first case of every benchmark, and every peer: these are programs of their own."""
    chosen: dict[str, Item] = {}
    for item in items:
        name = item.nodeid if "test_peers" in item.nodeid else item.nodeid.partition("[")[0]
        chosen.setdefault(name, item)
    return list(chosen.values())
