"""What happened while loads, orders and readers ran at once, and whether it could have happened one after the other.

Every load sets every product to its own number times `EPOCH`, every order takes 1 off: so a quantity tells after which
load it was written and how many orders came since.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

EPOCH = 10_000
"""More than the orders of one product between two loads. Numbers of loads up to 214,748 fit into a quantity."""


@dataclass(frozen=True, kw_only=True)
class History:
    """What the workers did and saw."""

    loads: Sequence[int]
    """The numbers of the completed loads, in the order of their commits."""
    orders: Sequence[tuple[int, int]]
    """Product and the quantity that was left, of every order line."""
    stock: dict[int, int]
    """The quantity of each product at the end."""
    reads: Sequence[tuple[int, ...]] = ()
    """The loads that each read of the whole stock saw, of each reader in order; repetitions left out."""
    errors: Sequence[str] = field(default_factory=list)
    """What the database refused, as SQLSTATE or text."""


def anomalies(history: History) -> list[str]:
    """Return what cannot be when loads and orders are atomic, ordered and last."""
    return [
        *(f"refused: {error} × {count}" for error, count in sorted(Counter(history.errors).items())),
        *_mixed_snapshots(history),
        *_lost_loads(history),
        *_lost_orders(history),
    ]


def load_of(quantity: int) -> int:
    """Return the number of the load after which `quantity` was left."""
    return -(-quantity // EPOCH)


def _mixed_snapshots(history: History) -> Iterator[str]:
    for read in history.reads:
        if len(read) > 1:
            yield f"mixed snapshot: a read saw loads {sorted(read)}"


def _lost_loads(history: History) -> Iterator[str]:
    at_the_end = {load_of(quantity) for quantity in history.stock.values()}
    if at_the_end != {history.loads[-1]}:
        yield f"lost load: the last was {history.loads[-1]}, the stock is of {sorted(at_the_end)}"
    place = {number: at for at, number in enumerate(history.loads)}
    seen = [place.get(read[0], -1) for read in history.reads if len(read) == 1]
    for earlier, later in pairwise(seen):
        if later < earlier:
            yield f"lost load: {history.loads[later]} was seen after {history.loads[earlier]}"


def _lost_orders(history: History) -> Iterator[str]:
    lefts: dict[tuple[int, int], list[int]] = defaultdict(list)
    for product, left in history.orders:
        lefts[product, load_of(left)].append(left)
    for (product, load), seen in lefts.items():
        if sorted(seen, reverse=True) != [load * EPOCH - nth for nth in range(1, len(seen) + 1)]:
            yield f"lost order: after load {load} product {product} was left with {sorted(seen, reverse=True)}"
    for product, quantity in history.stock.items():
        ordered = len(lefts[product, load_of(quantity)])
        if quantity != load_of(quantity) * EPOCH - ordered:
            yield f"lost order: product {product} has {quantity} after {ordered} orders"
