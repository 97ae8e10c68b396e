"""One pass of `bulk_update` over the records: products are looked up a chunk at a time, what differs is kept.

An offer that repeats an id supersedes the earlier one, which may be a million offers back and counted already. So the
first pass only takes note that ids are repeated; a file where some are, which is rare, is read a second time, and then
the offers with these ids are held until the end, when it is known which one is the last. The same goes for the own
offer of a product to which other offers lead, too.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import islice
from typing import Any

from stock_loader.commerceml.records import StockRecord
from stock_loader.database.mapping import ShopMapping
from stock_loader.database.query_thread import QueryThread
from stock_loader.reasons import Reason
from stock_loader.strategies import MatchRules
from stock_loader.strategies.bulk_update.compact_sets import KeyLog, NumberLog
from stock_loader.strategies.bulk_update.comparison import Comparison
from stock_loader.strategies.bulk_update.leads import Lead, lead_of
from stock_loader.strategies.bulk_update.rejected import Numbered, RejectedOffers
from stock_loader.strategies.bulk_update.rejected_log import RejectedLog
from stock_loader.strategies.bulk_update.rows import Several, ShopRows


class MatchingPass:
    """One pass over the records. `held` are the hashes of the keys whose offers wait for the end.

    What is found stands in `comparison`.
    """

    def __init__(
        self,
        held: frozenset[int],
        mapping: ShopMapping,
        *,
        chunk_size: int,
        rules: MatchRules,
        rejected_log: RejectedLog | None,
    ) -> None:
        self._onec_id, self._sku = mapping.onec_id, mapping.sku
        self._rows = ShopRows(mapping)
        self._queries = QueryThread(mapping.connection)
        self._has_number_keys = mapping.has_number_keys
        self._held_keys = held
        self._chunk_size = chunk_size
        self._rules = rules
        self._keys = KeyLog()
        self._held: dict[str, Numbered] = {}
        self._leads: list[Lead] = []
        self._named = NumberLog()
        self.comparison = Comparison(mapping.limits(), rules, RejectedOffers(rejected_log))

    def run(self, records: Iterable[StockRecord]) -> None:
        """Read all records, match them and compare: a chunk while the one behind it is looked up."""
        with self._queries:
            waiting = self._looked_up([])
            numbered = enumerate(records, 1)
            while chunk := list(islice(numbered, self._chunk_size)):
                self.comparison.count_adjustments(chunk)
                fresh = self._hold_back(chunk) if self._held_keys else chunk
                heard = (record for _, record in fresh if record.problem is None or not record.is_mute)
                self._keys.add(record.key for record in heard if record.key)
                following = self._looked_up(fresh)
                self._match(*waiting)
                waiting = following
            self._match(*waiting)
            self._match_held()

    def keys_to_hold(self) -> frozenset[int]:
        """Return the hashes of the keys whose offers had to be held in this pass and were not."""
        products = {lead.onec_id for lead in self._leads if lead.onec_id and not lead.record.is_mute}
        own_offers = self._keys.added(products) if products else ()
        return self._keys.repeated().union(map(hash, own_offers))

    def settle(self) -> None:
        """Decide of all that had to wait for the end."""
        self._leads.sort()
        self.comparison.settle(self._leads)

    def find_missing(self) -> None:
        """Have the products in stock changed to 0 that have an onec_id and that no offer names."""
        in_stock = NumberLog()
        in_stock.add(self._numbers(self._rows.stocked_with_onec_id()))
        missing: Iterable[Any] = in_stock.without(self._named)
        if not self._has_number_keys:
            numbers = set(missing)
            missing = (pk for pk in self._rows.stocked_with_onec_id() if hash(pk) in numbers) if numbers else ()
        self.comparison.add_missing(missing)

    def _hold_back(self, chunk: Sequence[Numbered]) -> list[Numbered]:
        """Keep of every held key the offer that counts: the last one, but none without stock data if another has it."""
        fresh = []
        for numbered in chunk:
            record = numbered[1]
            if hash(record.key) not in self._held_keys or record.is_mute:
                fresh.append(numbered)
                continue
            held = self._held.get(record.key)
            if held is not None and record.is_silent and not held[1].is_silent:
                self.comparison.reject(Reason.SUPERSEDED, numbered)
                continue
            if held is not None:
                self.comparison.reject(Reason.SUPERSEDED, held)
            self._held[record.key] = numbered
        return fresh

    def _match_held(self) -> None:
        held = sorted(self._held.values())
        self._held.clear()
        for start in range(0, len(held), self._chunk_size):
            self._match(*self._looked_up(held[start : start + self._chunk_size]), is_held=True)

    def _match(
        self, chunk: Sequence[Numbered], looked_up: Callable[[], dict[str, Any]], *, is_held: bool = False
    ) -> None:
        """Match `chunk` to its products by onec_id, then by sku; compare, or keep what must wait for the end."""
        products = looked_up()
        missed = []
        for numbered in chunk:
            product = products.get(numbered[1].onec_id)
            if product is None:
                missed.append(numbered)
            elif isinstance(product, Several):
                self.comparison.reject(Reason.AMBIGUOUS_KEY, numbered)
            elif is_held:
                self._leads.append(lead_of(numbered, product))
            else:
                self.comparison.compare(numbered, pk=product[0], stored=product[1])
        if self._rules.zeroes_missing:
            self._name(products[record.onec_id] for _, record in chunk if record.onec_id in products)
        if missed and (self._rules.sums_variants or self._rules.zeroes_missing):
            missed = self._match_variants(missed, products)
        if missed:
            self._match_by_sku(missed)

    def _looked_up(self, offers: Sequence[Numbered]) -> tuple[Sequence[Numbered], Callable[[], dict[str, Any]]]:
        """Begin to look up the products of `offers` by onec_id; return both, for `_match`."""
        ids = {record.onec_id for _, record in offers}
        if self._rules.sums_variants or self._rules.zeroes_missing:
            ids |= {record.product_id for _, record in offers}
        return offers, self._queries.start(partial(self._rows.by, self._onec_id, ids))

    def _match_variants(self, missed: Sequence[Numbered], products: dict[str, Any]) -> list[Numbered]:
        """Have variants name the product before the mark, and keep them as its parts; return what is no part."""
        rest = []
        for numbered in missed:
            product = products.get(numbered[1].product_id)
            if product is not None and self._rules.zeroes_missing:
                self._name([product])
            if product is None or not self._rules.sums_variants:
                rest.append(numbered)
            elif isinstance(product, Several):
                self.comparison.reject(Reason.AMBIGUOUS_KEY, numbered)
            elif numbered[1].is_mute:
                self.comparison.reject(Reason.NO_STOCK_DATA, numbered)
            else:
                self._leads.append(lead_of(numbered, product, is_variant=True))
        return rest

    def _match_by_sku(self, missed: Sequence[Numbered]) -> None:
        products: dict[str, Any] = {}
        if self._sku:
            skus = {_sku_of(record) for _, record in missed}
            products = self._queries.start(partial(self._rows.by, self._sku, skus))()
        for numbered in missed:
            record = numbered[1]
            product = products.get(_sku_of(record))
            if product is None:
                self.comparison.reject(Reason.NO_PRODUCT, numbered)
                continue
            if self._rules.zeroes_missing:
                self._name([product])
            if isinstance(product, Several):
                self.comparison.reject(Reason.AMBIGUOUS_KEY, numbered)
            elif product[2] and not self._rules.sku_takes_any:
                self.comparison.reject(Reason.OTHER_1C_ID, numbered)
            else:
                is_variant = self._rules.sums_variants and bool(record.product_id)
                self._leads.append(lead_of(numbered, product, is_by_sku=True, is_variant=is_variant))

    def _name(self, products: Iterable[Any]) -> None:
        """Take note that offers lead to these products, or several at once."""
        pks = []
        for product in products:
            if isinstance(product, Several):
                pks += product.pks
            else:
                pks.append(product[0])
        self._named.add(self._numbers(pks))

    def _numbers(self, pks: Iterable[Any]) -> Iterable[int]:
        """Return what stands for primary keys in a log: themselves, or their hashes."""
        return pks if self._has_number_keys else map(hash, pks)


def _sku_of(record: StockRecord) -> str:
    """Return the sku to match by: the offer's, or its id where it has none."""
    return record.sku or record.onec_id
