"""`bulk_update`: look products up a chunk at a time, keep what differs, update in batches. For every database.

Memory: 8 bytes an offer, about 140 a row that differs, and the offers that were matched by sku, repeat an id or are
summed; 16 bytes more an offer where missing products are looked for.
"""

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

from django.db import connections, router
from django.utils import timezone

from apps.products.models import Product
from stock_loader.database.unwritten import refuse_unwritten
from stock_loader.outcome import Findings, ListedOffer, ProductChange, Written
from stock_loader.strategies import ONE_OFFER_ONE_PRODUCT, MatchRules, OpenRecords
from stock_loader.strategies.bulk_update.matching import OFFERS, Change, MatchingPass
from stock_loader.strategies.bulk_update.products import stored_products
from stock_loader.strategies.bulk_update.rejected_log import RejectedLog

UPDATED_FIELDS = ["stock_quantity", "stock_updated_at"]


class BulkUpdate:
    """The strategy `bulk_update`.

    Queries: two a chunk to read, the second only where the first missed an offer; two a batch to write, and one
    at the end. Where these are
    asked for, one for every 10,000 products in stock to find the missing ones, and one a batch of `changes`.
    """

    def __init__(
        self,
        *,
        batch_size: int,
        chunk_size: int,
        rules: MatchRules = ONE_OFFER_ONE_PRODUCT,
        keeps_rejected: bool = False,
    ) -> None:
        self._batch_size = batch_size
        self._chunk_size = chunk_size
        self._rules = rules
        self._keeps_rejected = keeps_rejected
        self._rejected_log: RejectedLog | None = None
        self._found: list[Change] = []
        self._locked: list[Change] | None = None

    def read(self, open_records: OpenRecords) -> Findings:
        """Match all records and find what differs, reading a second time where ids are repeated."""
        held: frozenset[int] = frozenset()
        while True:
            matching = self._matching_pass(held)
            matching.run(open_records())
            found = matching.keys_to_hold() - held
            if not found:
                break
            held |= found
        matching.settle()
        findings = matching.findings()
        if self._rules.zeroes_missing and findings.total:
            matching.find_missing()
            findings = matching.findings()
        self._found = sorted(matching.changes)
        return findings

    def rejected(self) -> Generator[ListedOffer]:
        """Yield what was rejected; nothing unless that was to be kept."""
        if self._rejected_log is not None:
            yield from self._rejected_log.offers()

    def changes(self) -> Generator[ProductChange]:
        """Yield what differs now, a batch of rows at a time; one query a batch."""
        for batch in self._batches(self._found if self._locked is None else self._locked):
            yield from _still_differing(batch)

    def write(self, findings: Findings, *, on_locked: Callable[[], object] = lambda: None) -> Written:
        """Lock and compare again, then update, a batch of rows at a time in the order of their keys."""
        totals: Counter[str] = Counter()
        self._locked = []
        for batch in self._batches(self._found):
            self._locked += _lock(batch, totals)
        on_locked()
        now = timezone.now()
        carriers = [Product(stock_updated_at=now) for _ in range(min(self._batch_size, len(self._locked)))]
        changed = sum(_update(batch, carriers) for batch in self._batches(self._locked))
        self._refuse_unwritten(changed)
        return Written(
            updated=totals["updated"],
            changed=len(self._locked),
            zeroed=totals["zeroed"],
            missing=sum(not offers for _, _, offers in self._locked) if findings.missing else 0,
            already_equal=sum(map(OFFERS, self._found)) - totals["updated"] - totals["gone"],
            gone=totals["gone"],
        )

    def changed_products(self) -> Generator[int]:
        """Yield the keys of the rows that were written."""
        yield from (pk for pk, _, _ in self._locked or ())

    def close(self) -> None:
        """Forget what was found."""
        self._found, self._locked = [], None
        if self._rejected_log is not None:
            self._rejected_log.close()

    def _refuse_unwritten(self, changed: int) -> None:
        """Refuse where rows that were found, locked or not, hold another quantity than they should by now."""
        if self._found:
            refuse_unwritten(
                connections[router.db_for_write(Product)],
                Product._meta.db_table,
                sent=len(self._locked or ()),
                changed=changed,
                count_differing=lambda: sum(1 for batch in self._batches(self._found) for _ in _still_differing(batch)),
            )

    def _matching_pass(self, held: frozenset[int]) -> MatchingPass:
        if self._rejected_log is not None:
            self._rejected_log.close()
        self._rejected_log = RejectedLog() if self._keeps_rejected else None
        return MatchingPass(held, chunk_size=self._chunk_size, rules=self._rules, rejected_log=self._rejected_log)

    def _batches(self, changes: Sequence[Change]) -> Iterator[Sequence[Change]]:
        return (changes[start : start + self._batch_size] for start in range(0, len(changes), self._batch_size))


def _lock(changes: Sequence[Change], totals: Counter[str]) -> list[Change]:
    """Lock the batch's rows in key order and return those that still differ; one query."""
    locked = dict(_locked_quantities({pk for pk, _, _ in changes}))
    differing = [change for change in changes if locked.get(change[0], change[1]) != change[1]]
    totals["updated"] += sum(map(OFFERS, differing))
    totals["zeroed"] += sum(quantity == 0 for _, quantity, _ in differing)
    if len(locked) < len(changes):
        totals["gone"] += sum(offers for pk, _, offers in changes if pk not in locked)
    return differing


def _locked_quantities(pks: set[int]) -> Iterable[tuple[int, int]]:
    """Lock products in key order and return their quantities; an order's foreign key waits only where it must."""
    no_key = connections[router.db_for_write(Product)].features.has_select_for_no_key_update
    products = Product.objects.filter(pk__among=pks).order_by("pk").select_for_update(no_key=no_key)
    return products.values_list("pk", "stock_quantity")


def _update(changes: Sequence[Change], carriers: Sequence[Product]) -> int:
    """Update the batch's rows and return how many the database says it changed; one query.

    `carriers` are instances that take the values to `bulk_update`, the same ones batch after batch: to build one a row
    costs more (0.5 s for 100,000) than to send and update them (0.4 s).
    """
    products = carriers[: len(changes)]
    for product, (pk, quantity, _) in zip(products, changes, strict=True):
        product.id, product.stock_quantity = pk, quantity  # type: ignore[assignment]  # of Product whole pieces
    return Product.objects.bulk_update(products, UPDATED_FIELDS)


def _still_differing(changes: Sequence[Change]) -> Iterator[ProductChange]:
    """Yield the batch's rows that differ from what is stored now, in key order; one query."""
    wanted = {pk: quantity for pk, quantity, _ in changes}
    products = stored_products().filter(pk__among=set(wanted)).order_by("pk")
    for row in products.values_list("pk", "onec_id", "sku", "name", "stock_quantity"):
        change = ProductChange(*row, wanted[row[0]])
        if change.old != change.new:
            yield change
