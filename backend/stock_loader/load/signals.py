"""What other code of the shop can listen to: `@receiver(stocks_loaded)`."""

from collections.abc import Callable, Iterator

from django.dispatch import Signal

stocks_loaded = Signal()
"""Sent after the commit of a load, also of one that changed nothing; not by a dry run, nor where the file was skipped.

Sender: the model `Product`. Arguments: `session`, the completed `ImportSession`, and `product_ids`, `ChangedProducts`.
The load's process calls the receivers one after the other, still holding the run lock: what takes long belongs into a
queue. What a receiver raises is logged (`stocks.load`) and changes nothing; but for a signal of the system, which stops
the process with its exit code while the session says completed.
"""


class ChangedProducts:
    """The primary keys of the products that a load changed, in their order, as often as it is iterated.

    May be used while the signal is handled, not later. Memory does not depend on their number (`copy`: a few thousand
    come from the server at a time).
    """

    def __init__(self, begin: Callable[[], Iterator[int]]) -> None:
        self._begin = begin

    def __iter__(self) -> Iterator[int]:
        """Begin with the first."""
        return self._begin()
