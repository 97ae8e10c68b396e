"""What other code of the shop can listen to: `@receiver(stocks_loaded)`."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from django.dispatch import Signal

from stock_loader.database.shop import mapping
from stock_loader.journal import sessions as import_log
from stock_loader.log import logger
from stock_loader.outcome import StockChange

if TYPE_CHECKING:  # a shop may import the signal before its apps are ready
    from stock_loader.strategies import Strategy
    from stock_loader.strategies.undo import Undo

stocks_loaded = Signal()
"""Sent after the commit of a load or undo, also of one that changed nothing; not by a dry run or a skipped file.

Sender: the model that holds the quantities (`STOCK_LOADER["MODEL"]`). Arguments: `session`, the completed session;
`changes`, `WrittenChanges`: what changed, with old and new quantity; `product_ids`, `ChangedProducts`: the keys alone.
The load's process calls the receivers one after the other, still holding the run lock: what takes long belongs into a
queue. What a receiver raises is logged (`stocks.load`) and changes nothing; but for a signal of the system, which stops
the process with its exit code while the session says completed.
"""


class WrittenChanges:
    """What a load changed, in the order of the primary keys, as often as it is iterated.

    May be used while the signal is handled, not later. Memory does not depend on their number (`copy`: a few thousand
    come from the server at a time).
    """

    def __init__(self, begin: Callable[[], Iterator[StockChange]]) -> None:
        self._begin = begin

    def __iter__(self) -> Iterator[StockChange]:
        """Begin with the first: primary key (`product`), `old` and `new` quantity."""
        return self._begin()


class ChangedProducts:
    """The primary keys of the products that a load changed; otherwise like `WrittenChanges`."""

    def __init__(self, begin: Callable[[], Iterator[StockChange]]) -> None:
        self._begin = begin

    def __iter__(self) -> Iterator[Any]:
        """Begin with the first."""
        return (change.product for change in self._begin())


def tell_shop(strategy: "Strategy | Undo", session_id: int) -> None:
    """Send `stocks_loaded`; that a receiver fails is logged and changes nothing."""
    model = mapping().model
    if not stocks_loaded.has_listeners(model):
        return
    responses = stocks_loaded.send_robust(
        sender=model,
        session=import_log.session(session_id),
        changes=WrittenChanges(strategy.written_changes),
        product_ids=ChangedProducts(strategy.written_changes),
    )
    for receiver, response in responses:
        if isinstance(response, Exception):
            logger.error("the receiver %r of stocks_loaded failed", receiver, exc_info=response)
