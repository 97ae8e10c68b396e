"""`bulk_update`: look products up a chunk at a time, keep what differs, update in batches. For every database.

Memory: 8 bytes an offer, about 130 a row that differs, and the offers that were matched by sku or repeat an id.

An offer that repeats an id supersedes the earlier one, which may be a million offers back and counted already. So the
first pass only takes note that ids are repeated; a file where some are, which is rare, is read a second time, and then
the offers with these ids are kept until the end, when it is known which one is the last.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, NamedTuple

from django.db import connections, router
from django.utils import timezone

from apps.products.models import Product
from apps.products.services.errors import one_line
from apps.products.services.records import Adjustment, Problem, StockRecord
from apps.products.services.results import MAX_LISTED, NOT_FOUND, Findings, ListedOffer, Written
from apps.products.services.strategies import OpenRecords
from apps.products.services.strategies.repetitions import KeyLog

UPDATED_FIELDS = ["stock_quantity", "stock_updated_at"]


Numbered = tuple[int, StockRecord]
"""A record after its place in the file."""

Change = tuple[int, int]
"""Primary key and new quantity of a row that differs; a plain tuple, for there may be millions."""


class SkuMatch(NamedTuple):
    """An offer whose product was found by sku; whether it counts is known at the end of the file."""

    number: int
    record: StockRecord
    pk: int
    quantity: int
    onec_id: str | None


class BulkUpdate:
    """The strategy `bulk_update`.

    Queries: two a chunk to read, the second only where the first missed an offer; two a batch to write.
    """

    def __init__(self, *, batch_size: int, chunk_size: int) -> None:
        self._batch_size = batch_size
        self._chunk_size = chunk_size
        self._changes: list[Change] = []

    def read(self, open_records: OpenRecords) -> Findings:
        """Match all records and find what differs, reading a second time where ids are repeated."""
        repeated: frozenset[int] = frozenset()
        while True:
            reading = _Reading(repeated, chunk_size=self._chunk_size)
            findings = reading.run(open_records())
            found = reading.newly_repeated()
            if not found:
                self._changes = sorted(reading.changes)
                return findings
            repeated |= found

    def write(self, findings: Findings) -> Written:  # noqa: ARG002  # the changes say it
        """Lock, compare again and update, a batch of rows at a time in the order of their keys."""
        now = timezone.now()
        carriers = [Product(stock_updated_at=now) for _ in range(min(self._batch_size, len(self._changes)))]
        totals: Counter[str] = Counter()
        for start in range(0, len(self._changes), self._batch_size):
            totals += _write_batch(self._changes[start : start + self._batch_size], carriers)
        return Written(
            updated=totals["updated"],
            zeroed=totals["zeroed"],
            already_equal=totals["already_equal"],
            gone=totals["gone"],
        )

    def close(self) -> None:
        """Forget the changes."""
        self._changes = []


class _Reading:
    """One pass over the records."""

    def __init__(self, repeated: frozenset[int], *, chunk_size: int) -> None:
        self.changes: list[Change] = []
        self._repeated = repeated
        self._chunk_size = chunk_size
        self._keys = KeyLog()
        self._last_of_repeated: dict[str, Numbered] = {}
        self._sku_matches: list[SkuMatch] = []
        self._counts: Counter[str] = Counter()
        self._not_found: list[ListedOffer] = []
        self._invalid: list[ListedOffer] = []

    def run(self, records: Iterable[StockRecord]) -> Findings:
        """Read all records; return what was found."""
        numbered = enumerate(records, 1)
        while chunk := list(islice(numbered, self._chunk_size)):
            self._count_adjustments(chunk)
            fresh = self._hold_repeated_back(chunk) if self._repeated else chunk
            self._keys.add(record.key for _, record in fresh if record.key)
            self._match(fresh)
        held = iter(sorted(self._last_of_repeated.values()))
        while chunk := list(islice(held, self._chunk_size)):
            self._match(chunk)
        self._settle_sku_matches()
        return self._findings()

    def newly_repeated(self) -> frozenset[int]:
        """Return the hashes of repeated keys that this pass was not told of."""
        return self._keys.repeated()

    def _count_adjustments(self, chunk: Sequence[Numbered]) -> None:
        for adjustment in [record.adjustment for _, record in chunk if record.adjustment]:
            self._counts["rounded"] += Adjustment.ROUNDED in adjustment
            self._counts["negative"] += Adjustment.RAISED in adjustment
            self._counts["deleted"] += Adjustment.DELETED in adjustment

    def _hold_repeated_back(self, chunk: Sequence[Numbered]) -> list[Numbered]:
        """Keep the last offer of every repeated key for the end; return the others."""
        fresh = []
        for number, record in chunk:
            if hash(record.key) not in self._repeated:
                fresh.append((number, record))
                continue
            self._counts["duplicate"] += record.key in self._last_of_repeated
            self._last_of_repeated[record.key] = (number, record)
        return fresh

    def _match(self, chunk: Sequence[Numbered]) -> None:
        """Look up the products of `chunk`, by onec_id and then by sku, and compare."""
        wanted = [numbered for numbered in chunk if numbered[1].problem is not Problem.NO_STOCK_DATA]
        self._counts["no_stock_data"] += len(chunk) - len(wanted)
        products = _products_by("onec_id", {record.onec_id for _, record in wanted})
        missed = []
        for numbered in wanted:
            product = products.get(numbered[1].onec_id)
            if product is None:
                missed.append(numbered)
            else:
                self._compare(numbered, pk=product[0], quantity=product[1])
        self._match_by_sku(missed)

    def _match_by_sku(self, missed: Sequence[Numbered]) -> None:
        products = _products_by("sku", {_sku_of(record) for _, record in missed})
        for number, record in missed:
            product = products.get(_sku_of(record))
            if product is not None:
                self._sku_matches.append(SkuMatch(number, record, *product))
            elif record.problem is not None:
                self._note_invalid(number, record)
            else:
                self._note_not_found(number, record)

    def _settle_sku_matches(self) -> None:
        """Of the offers that lead to one product the one with its onec_id counts, else the last."""
        named = self._named_in_file({match.onec_id for match in self._sku_matches if match.onec_id})
        last: dict[int, SkuMatch] = {}
        for match in sorted(self._sku_matches):
            self._counts["duplicate"] += match.onec_id in named or match.pk in last
            if match.onec_id not in named:
                last[match.pk] = match
        for match in last.values():
            self._counts["matched_by_sku"] += match.record.problem is None
            self._compare((match.number, match.record), pk=match.pk, quantity=match.quantity)

    def _named_in_file(self, onec_ids: set[str]) -> set[str]:
        """Return those of `onec_ids` that an offer of the file carries."""
        return self._keys.added(onec_ids) | (onec_ids & self._last_of_repeated.keys())

    def _compare(self, numbered: Numbered, *, pk: int, quantity: int) -> None:
        record = numbered[1]
        if record.quantity is None:
            self._note_invalid(*numbered)
        elif record.quantity == quantity:
            self._counts["unchanged"] += 1
        else:
            self.changes.append((pk, record.quantity))
            self._counts["to_zero"] += record.quantity == 0

    def _note_invalid(self, number: int, record: StockRecord) -> None:
        self._counts["invalid"] += 1
        _keep_first(self._invalid, number, record, seen=record.seen, reason=str(record.problem))

    def _note_not_found(self, number: int, record: StockRecord) -> None:
        self._counts["not_found"] += 1
        _keep_first(self._not_found, number, record, seen=str(record.quantity), reason=NOT_FOUND)

    def _findings(self) -> Findings:
        return Findings(
            to_update=len(self.changes),
            unchanged=self._counts["unchanged"],
            not_found=self._counts["not_found"],
            invalid=self._counts["invalid"],
            duplicate=self._counts["duplicate"],
            no_stock_data=self._counts["no_stock_data"],
            matched_by_sku=self._counts["matched_by_sku"],
            rounded=self._counts["rounded"],
            negative=self._counts["negative"],
            deleted=self._counts["deleted"],
            to_zero=self._counts["to_zero"],
            not_found_offers=tuple(sorted(self._not_found)[:MAX_LISTED]),
            invalid_offers=tuple(sorted(self._invalid)[:MAX_LISTED]),
        )


def _products_by(field: str, keys: set[str]) -> dict[str, Any]:
    """Return (pk, quantity, onec_id) of the products whose `field` is among `keys`, by key, with one query.

    Plain tuples by an array of keys: half the time of `in_bulk`, which quotes a parameter a key and builds instances.
    """
    keys.discard("")
    if not keys:
        return {}
    products = Product.objects.using(router.db_for_write(Product)).filter(**{f"{field}__among": keys})
    columns = ("pk", "stock_quantity", "onec_id")
    if field == "onec_id":
        return {row[2]: row for row in products.values_list(*columns)}
    return {row[3]: row[:3] for row in products.values_list(*columns, field)}


def _sku_of(record: StockRecord) -> str:
    """Return the sku to match by: the offer's, or its id where it has none."""
    return record.sku or record.onec_id


def _keep_first(kept: list[ListedOffer], number: int, record: StockRecord, *, seen: str, reason: str) -> None:
    """Keep an offer for the report; of many, those that stand first in the file."""
    kept.append(ListedOffer(number, record.line, one_line(record.onec_id), one_line(record.sku), seen, reason))
    if len(kept) >= 2 * MAX_LISTED:
        kept.sort()
        del kept[MAX_LISTED:]


def _write_batch(changes: Sequence[Change], carriers: Sequence[Product]) -> Counter[str]:
    """Lock the batch's rows in key order, compare again, update what still differs; two queries.

    `carriers` are instances that take the values to `bulk_update`, the same ones batch after batch: to build one a row
    costs more (0.5 s for 100,000) than to send and update them (0.4 s).
    """
    locked = dict(_locked({pk for pk, _ in changes}))
    differing = [(pk, quantity) for pk, quantity in changes if locked.get(pk, quantity) != quantity]
    if differing:
        products = carriers[: len(differing)]
        for product, (pk, quantity) in zip(products, differing, strict=True):
            product.id, product.stock_quantity = pk, quantity
        Product.objects.bulk_update(products, UPDATED_FIELDS)
    return Counter(
        updated=len(differing),
        zeroed=sum(quantity == 0 for _, quantity in differing),
        already_equal=len(locked) - len(differing),
        gone=len(changes) - len(locked),
    )


def _locked(pks: set[int]) -> Iterable[Change]:
    """Lock products in key order and return their quantities; an order's foreign key waits only where it must."""
    no_key = connections[router.db_for_write(Product)].features.has_select_for_no_key_update
    products = Product.objects.filter(pk__among=pks).order_by("pk").select_for_update(no_key=no_key)
    return products.values_list("pk", "stock_quantity")
