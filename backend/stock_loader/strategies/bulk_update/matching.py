"""One pass of `bulk_update` over the records: products are looked up a chunk at a time, what differs is kept.

An offer that repeats an id supersedes the earlier one, which may be a million offers back and counted already. So the
first pass only takes note that ids are repeated; a file where some are, which is rare, is read a second time, and then
the offers with these ids are held until the end, when it is known which one is the last. The same goes for the own
offer of a product whose variants are summed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import router

from apps.products.models import Product
from stock_loader.commerceml.offers.numbers import MAX_QUANTITY, Number
from stock_loader.commerceml.records import Adjustment, Problem, StockRecord
from stock_loader.outcome import Findings
from stock_loader.reasons import Reason
from stock_loader.strategies import MatchRules
from stock_loader.strategies.bulk_update.compact_sets import KeyLog, NumberLog
from stock_loader.strategies.bulk_update.rejected import Numbered, RejectedOffers
from stock_loader.strategies.bulk_update.rejected_log import RejectedLog

if TYPE_CHECKING:
    from django.db.models import QuerySet

Change = tuple[int, Number, int]
"""Of a row that differs: primary key, new quantity, and how many offers say so, 0 of a product that none names.

A plain tuple, for there may be millions.
"""

OFFERS = itemgetter(2)
"""Of a change, the number of its offers."""

STOCKED_CHUNK_SIZE = 10_000
"""Products in stock a query, while those are looked for that no offer names."""


class Match(NamedTuple):
    """An offer that led to a product otherwise than by its id; whether it counts is known at the end of the file."""

    number: int
    record: StockRecord
    pk: int
    quantity: int
    onec_id: str | None


class MatchingPass:
    """One pass over the records. `held` are the hashes of the keys whose offers wait for the end."""

    def __init__(
        self, held: frozenset[int], *, chunk_size: int, rules: MatchRules, rejected_log: RejectedLog | None
    ) -> None:
        self.changes: list[Change] = []
        self._held_keys = held
        self._chunk_size = chunk_size
        self._rules = rules
        self._rejected = RejectedOffers(rejected_log)
        self._keys = KeyLog()
        self._held: dict[str, Numbered] = {}
        self._parts: list[Match] = []
        self._sku_matches: list[Match] = []
        self._named = NumberLog()
        self._counts: Counter[str] = Counter()

    def run(self, records: Iterable[StockRecord]) -> None:
        """Read all records, match them and compare."""
        numbered = enumerate(records, 1)
        while chunk := list(islice(numbered, self._chunk_size)):
            self._count_adjustments(chunk)
            fresh = self._hold_back(chunk) if self._held_keys else chunk
            self._keys.add(record.key for _, record in fresh if record.key)
            self._match(fresh)
        self._match_held()
        self._settle_parts()
        self._settle_sku_matches()

    def keys_to_hold(self) -> frozenset[int]:
        """Return the hashes of keys that this pass should have held and was not told of."""
        own_offers = self._keys.added({part.onec_id for part in self._parts if part.onec_id}) if self._parts else ()
        return self._keys.repeated().union(map(hash, own_offers))

    def find_missing(self) -> None:
        """Have the products in stock changed to 0 that have an onec_id and that no offer names."""
        in_stock = NumberLog()
        in_stock.add(_stocked_with_onec_id())
        missing = [(pk, 0, 0) for pk in in_stock.without(self._named)]
        self._counts["missing"] = len(missing)
        self.changes += missing

    def findings(self) -> Findings:
        """Return what was found."""
        counts, rejected = self._counts, self._rejected.count
        return Findings(
            to_update=sum(map(OFFERS, self.changes)),
            unchanged=counts["unchanged"],
            not_found=rejected("not_found"),
            invalid=rejected("invalid"),
            duplicate=rejected("duplicate"),
            no_stock_data=rejected("no_stock_data"),
            matched_by_sku=counts["matched_by_sku"],
            rounded=counts["rounded"],
            negative=counts["negative"],
            deleted=counts["deleted"],
            summed=counts["summed"],
            missing=counts["missing"],
            to_change=len(self.changes),
            to_zero=counts["to_zero"] + counts["missing"],
            not_found_offers=self._rejected.first("not_found"),
            invalid_offers=self._rejected.first("invalid"),
        )

    def _count_adjustments(self, chunk: Sequence[Numbered]) -> None:
        for adjustment in [record.adjustment for _, record in chunk if record.adjustment is not Adjustment.NONE]:
            self._counts["rounded"] += Adjustment.ROUNDED in adjustment
            self._counts["negative"] += Adjustment.NEGATIVE in adjustment
            self._counts["deleted"] += Adjustment.DELETED in adjustment

    def _hold_back(self, chunk: Sequence[Numbered]) -> list[Numbered]:
        """Keep the last offer of every held key for the end; return the others."""
        fresh = []
        for numbered in chunk:
            key = numbered[1].key
            if hash(key) not in self._held_keys:
                fresh.append(numbered)
                continue
            if key in self._held:
                self._supersede(self._held[key])
            self._held[key] = numbered
        return fresh

    def _match_held(self) -> None:
        """Match what waited: first what may be a part of a product, then all but the own offers of such products."""
        is_part = self._rules.sums_variants
        held = sorted(self._held.values())
        self._match_in_chunks([numbered for numbered in held if is_part and numbered[1].product_id])
        summed = {part.onec_id for part in self._parts}
        rest = []
        for numbered in held:
            record = numbered[1]
            if is_part and record.product_id:
                continue
            if record.onec_id in summed and record.problem is not Problem.NO_STOCK_DATA:
                self._supersede(numbered)
            else:
                rest.append(numbered)
        self._match_in_chunks(rest)

    def _match_in_chunks(self, offers: Sequence[Numbered]) -> None:
        for start in range(0, len(offers), self._chunk_size):
            self._match(offers[start : start + self._chunk_size])

    def _match(self, chunk: Sequence[Numbered]) -> None:
        """Look up the products of `chunk`, by onec_id and then by sku, and compare."""
        wanted = [numbered for numbered in chunk if numbered[1].problem is not Problem.NO_STOCK_DATA]
        naming = self._pass_over(chunk) if len(wanted) < len(chunk) else []
        products = self._products_by_id([*wanted, *naming])
        missed = []
        for numbered in wanted:
            product = products.get(numbered[1].onec_id)
            if product is None:
                missed.append(numbered)
            else:
                self._compare(numbered, pk=product[0], quantity=product[1])
        if self._rules.zeroes_missing:
            self._named.add(products[record.onec_id][0] for _, record in chunk if record.onec_id in products)
            missed += [numbered for numbered in naming if numbered[1].onec_id not in products]
        if self._rules.sums_variants:
            missed = self._match_parts(missed, products)
        self._match_by_sku(missed)

    def _pass_over(self, chunk: Sequence[Numbered]) -> list[Numbered]:
        """Count the offers without stock data; return them where they are of use all the same: to name products."""
        without = [numbered for numbered in chunk if numbered[1].problem is Problem.NO_STOCK_DATA]
        for numbered in without:
            self._rejected.note(Reason.NO_STOCK_DATA, numbered)
        return without if self._rules.zeroes_missing else []

    def _products_by_id(self, offers: Sequence[Numbered]) -> dict[str, Any]:
        ids = {record.onec_id for _, record in offers}
        if self._rules.sums_variants:
            ids |= {record.product_id for _, record in offers}
        return _products_by("onec_id", ids)

    def _match_parts(self, missed: Sequence[Numbered], products: dict[str, Any]) -> list[Numbered]:
        """Take note of the parts of products; return the other offers."""
        rest = []
        for numbered in missed:
            product = products.get(numbered[1].product_id)
            if product is None:
                rest.append(numbered)
            else:
                self._lead(numbered, product, self._parts)
        return rest

    def _match_by_sku(self, missed: Sequence[Numbered]) -> None:
        products = _products_by("sku", {_sku_of(record) for _, record in missed})
        for numbered in missed:
            record = numbered[1]
            product = products.get(_sku_of(record))
            if product is not None:
                self._lead(numbered, product, self._sku_matches)
            elif record.problem is None:
                self._rejected.note(Reason.NO_PRODUCT, numbered)
            elif record.problem is not Problem.NO_STOCK_DATA:
                self._rejected.note(Reason(record.problem), numbered)

    def _lead(self, numbered: Numbered, product: Any, matches: list[Match]) -> None:
        """Keep in `matches` that an offer leads to `product`; without stock data it does no more than name it."""
        if self._rules.zeroes_missing:
            self._named.add([product[0]])
        if numbered[1].problem is not Problem.NO_STOCK_DATA:
            matches.append(Match(*numbered, *product))

    def _settle_parts(self) -> None:
        products = defaultdict(list)
        for part in sorted(self._parts):
            products[part.pk].append(part)
        for parts in products.values():
            self._sum(parts)

    def _sum(self, parts: Sequence[Match]) -> None:
        """Compare the sum of a product's parts with what it has, unless one of them is invalid or all are too many."""
        total = sum(part.record.quantity or 0 for part in parts)
        if any(part.record.problem for part in parts):
            for part in parts:
                self._rejected.note(Reason(part.record.problem or Reason.OTHER_VARIANT), (part.number, part.record))
        elif total > MAX_QUANTITY:
            for part in parts:
                self._rejected.note(Reason.QUANTITY_TOO_LARGE, (part.number, part.record), seen=str(total))
        else:
            self._counts["summed"] += len(parts)
            self._compare_sum(parts[-1], total, offers=len(parts))

    def _compare_sum(self, part: Match, total: Number, *, offers: int) -> None:
        if total == part.quantity:
            self._counts["unchanged"] += offers
        else:
            self.changes.append((part.pk, total, offers))
            self._counts["to_zero"] += total == 0

    def _settle_sku_matches(self) -> None:
        """Of the offers that lead to one product the one with its onec_id counts, else its parts, else the last."""
        named = self._named_in_file({match.onec_id for match in self._sku_matches if match.onec_id})
        summed = {part.pk for part in self._parts}
        last: dict[int, Match] = {}
        for match in sorted(self._sku_matches):
            superseded: Match | None = match
            if match.onec_id not in named and match.pk not in summed:
                superseded = last.get(match.pk)
                last[match.pk] = match
            if superseded is not None:
                self._supersede((superseded.number, superseded.record))
        for match in last.values():
            self._counts["matched_by_sku"] += match.record.problem is None
            self._compare((match.number, match.record), pk=match.pk, quantity=match.quantity)

    def _named_in_file(self, onec_ids: set[str]) -> set[str]:
        """Return those of `onec_ids` that an offer of the file carries."""
        return self._keys.added(onec_ids) | (onec_ids & self._held.keys())

    def _compare(self, numbered: Numbered, *, pk: int, quantity: int) -> None:
        record = numbered[1]
        if record.quantity is None:
            self._rejected.note(Reason(str(record.problem)), numbered)
        elif record.quantity == quantity:
            self._counts["unchanged"] += 1
        else:
            self.changes.append((pk, record.quantity, 1))
            self._counts["to_zero"] += record.quantity == 0

    def _supersede(self, numbered: Numbered) -> None:
        self._rejected.note(Reason.SUPERSEDED, numbered)


def stored_products() -> "QuerySet[Product]":
    """Return the products where they are written: a replica may lag behind."""
    return Product.objects.using(router.db_for_write(Product))


def _stocked_with_onec_id() -> Iterator[int]:
    """Yield the primary keys of the products in stock that have an onec_id.

    Page after page: Django's own `iterator` hides an error of its query behind that of closing the cursor.
    """
    stocked = stored_products().filter(stock_quantity__gt=0, onec_id__gt="").order_by("pk").values_list("pk", flat=True)
    page = list(stocked[:STOCKED_CHUNK_SIZE])
    while page:
        yield from page
        page = list(stocked.filter(pk__gt=page[-1])[:STOCKED_CHUNK_SIZE])


def _products_by(field: str, keys: set[str]) -> dict[str, Any]:
    """Return (pk, quantity, onec_id) of the products whose `field` is among `keys`, by key, with one query.

    Plain tuples by an array of keys: half the time of `in_bulk`, which quotes a parameter a key and builds instances.
    """
    keys.discard("")
    if not keys:
        return {}
    products = stored_products().filter(**{f"{field}__among": keys})
    columns = ("pk", "stock_quantity", "onec_id")
    if field == "onec_id":
        return {row[2]: row for row in products.values_list(*columns)}
    return {row[3]: row[:3] for row in products.values_list(*columns, field)}


def _sku_of(record: StockRecord) -> str:
    """Return the sku to match by: the offer's, or its id where it has none."""
    return record.sku or record.onec_id
