"""One pass of `bulk_update` over the records: products are looked up a chunk at a time, what differs is kept.

An offer that repeats an id supersedes the earlier one, which may be a million offers back and counted already. So the
first pass only takes note that ids are repeated; a file where some are, which is rare, is read a second time, and then
the offers with these ids are held until the end, when it is known which one is the last. The same goes for the own
offer of a product to which other offers lead, too.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby, islice
from operator import attrgetter, itemgetter
from typing import Any

from stock_loader.commerceml.offers.numbers import Number, kept, quantity_text, sum_numbers
from stock_loader.commerceml.records import Adjustment, StockRecord
from stock_loader.database.mapping import ShopMapping
from stock_loader.outcome import Findings
from stock_loader.reasons import Reason
from stock_loader.strategies import MatchRules
from stock_loader.strategies.bulk_update.compact_sets import KeyLog, NumberLog
from stock_loader.strategies.bulk_update.leads import Lead, judge, lead_of, own_offer
from stock_loader.strategies.bulk_update.rejected import Numbered, RejectedOffers
from stock_loader.strategies.bulk_update.rejected_log import RejectedLog
from stock_loader.strategies.bulk_update.rows import Several, ShopRows

Change = tuple[Any, Number, int]
"""Of a row that differs: primary key, new quantity, and how many offers say so, 0 of a product that none names.

A plain tuple, for there may be millions.
"""

OFFERS = itemgetter(2)
"""Of a change, the number of its offers."""


class MatchingPass:
    """One pass over the records. `held` are the hashes of the keys whose offers wait for the end."""

    def __init__(
        self,
        held: frozenset[int],
        mapping: ShopMapping,
        *,
        chunk_size: int,
        rules: MatchRules,
        rejected_log: RejectedLog | None,
    ) -> None:
        self.changes: list[Change] = []
        self._onec_id, self._sku = mapping.onec_id, mapping.sku
        self._rows = ShopRows(mapping)
        self._has_number_keys = mapping.has_number_keys
        limits = mapping.limits()
        self._maximum, (self._zero, _) = limits.maximum, kept(0, limits)
        self._held_keys = held
        self._chunk_size = chunk_size
        self._rules = rules
        self._rejected = RejectedOffers(rejected_log)
        self._keys = KeyLog()
        self._held: dict[str, Numbered] = {}
        self._leads: list[Lead] = []
        self._named = NumberLog()
        self._counts: Counter[str] = Counter()
        self._equal_totals: list[Lead] = []

    def run(self, records: Iterable[StockRecord]) -> None:
        """Read all records, match them and compare."""
        numbered = enumerate(records, 1)
        while chunk := list(islice(numbered, self._chunk_size)):
            self._count_adjustments(chunk)
            fresh = self._hold_back(chunk) if self._held_keys else chunk
            heard = (record for _, record in fresh if record.problem is None or not record.is_mute)
            self._keys.add(record.key for record in heard if record.key)
            self._match(fresh)
        self._match_held()

    def keys_to_hold(self) -> frozenset[int]:
        """Return the hashes of the keys whose offers had to be held in this pass and were not."""
        products = {lead.onec_id for lead in self._leads if lead.onec_id and not lead.record.is_mute}
        own_offers = self._keys.added(products) if products else ()
        return self._keys.repeated().union(map(hash, own_offers))

    def settle(self) -> None:
        """Decide of all that had to wait for the end."""
        self._leads.sort()
        for _, leads in groupby(self._leads, attrgetter("pk")):
            counting, rejected = judge(list(leads), self._rules)
            for lead, reason in rejected:
                self._reject(reason, (lead.number, lead.record))
            if any(lead.is_variant for lead in counting):
                self._sum(counting)
            else:
                self._compare_leads(counting)

    def find_missing(self) -> None:
        """Have the products in stock changed to 0 that have an onec_id and that no offer names."""
        in_stock = NumberLog()
        in_stock.add(self._numbers(self._rows.stocked_with_onec_id()))
        missing: Iterable[Any] = in_stock.without(self._named)
        if not self._has_number_keys:
            numbers = set(missing)
            missing = (pk for pk in self._rows.stocked_with_onec_id() if hash(pk) in numbers) if numbers else ()
        changes = [(pk, self._zero, 0) for pk in missing]
        self._counts["missing"] = len(changes)
        self.changes += changes

    def findings(self) -> Findings:
        """Return what was found."""
        counts, rejected = self._counts, self._rejected
        first_total = min(self._equal_totals, key=attrgetter("number"), default=None)
        return Findings(
            to_update=sum(map(OFFERS, self.changes)),
            unchanged=counts["unchanged"],
            not_found=rejected.count("not_found"),
            ambiguous=rejected.count("ambiguous"),
            invalid=rejected.count("invalid"),
            duplicate=rejected.count("duplicate"),
            no_stock_data=rejected.count("no_stock_data"),
            ambiguous_key=rejected.reasons[Reason.AMBIGUOUS_KEY],
            other_id=rejected.reasons[Reason.OTHER_1C_ID],
            matched_by_sku=counts["matched_by_sku"],
            rounded=counts["rounded"],
            negative=counts["negative"],
            deleted=counts["deleted"],
            summed=counts["summed"],
            missing=counts["missing"],
            to_change=len(self.changes),
            to_zero=counts["to_zero"] + counts["missing"],
            not_found_offers=rejected.first("not_found"),
            ambiguous_offers=rejected.first("ambiguous"),
            invalid_offers=rejected.first("invalid"),
            equal_totals=len(self._equal_totals),
            first_equal_total=first_total.record.onec_id if first_total else "",
        )

    def _count_adjustments(self, chunk: Sequence[Numbered]) -> None:
        for adjustment in [record.adjustment for _, record in chunk if record.adjustment is not Adjustment.NONE]:
            self._counts["rounded"] += Adjustment.ROUNDED in adjustment
            self._counts["negative"] += Adjustment.NEGATIVE in adjustment
            self._counts["deleted"] += Adjustment.DELETED in adjustment

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
                self._reject(Reason.SUPERSEDED, numbered)
                continue
            if held is not None:
                self._reject(Reason.SUPERSEDED, held)
            self._held[record.key] = numbered
        return fresh

    def _match_held(self) -> None:
        held = sorted(self._held.values())
        self._held.clear()
        for start in range(0, len(held), self._chunk_size):
            self._match(held[start : start + self._chunk_size], is_held=True)

    def _match(self, chunk: Sequence[Numbered], *, is_held: bool = False) -> None:
        """Look up the products of `chunk`, by onec_id and then by sku; compare, or keep what must wait for the end."""
        products = self._products_by_id(chunk)
        missed = []
        for numbered in chunk:
            product = products.get(numbered[1].onec_id)
            if product is None:
                missed.append(numbered)
            elif isinstance(product, Several):
                self._reject(Reason.AMBIGUOUS_KEY, numbered)
            elif is_held:
                self._leads.append(lead_of(numbered, product))
            else:
                self._compare(numbered, pk=product[0], stored=product[1])
        if self._rules.zeroes_missing:
            self._name(products[record.onec_id] for _, record in chunk if record.onec_id in products)
        if missed and (self._rules.sums_variants or self._rules.zeroes_missing):
            missed = self._match_variants(missed, products)
        if missed:
            self._match_by_sku(missed)

    def _products_by_id(self, offers: Sequence[Numbered]) -> dict[str, Any]:
        ids = {record.onec_id for _, record in offers}
        if self._rules.sums_variants or self._rules.zeroes_missing:
            ids |= {record.product_id for _, record in offers}
        return self._rows.by(self._onec_id, ids)

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
                self._reject(Reason.AMBIGUOUS_KEY, numbered)
            elif numbered[1].is_mute:
                self._rejected.note(Reason.NO_STOCK_DATA, numbered)
            else:
                self._leads.append(lead_of(numbered, product, is_variant=True))
        return rest

    def _match_by_sku(self, missed: Sequence[Numbered]) -> None:
        products = self._rows.by(self._sku, {_sku_of(record) for _, record in missed}) if self._sku else {}
        for numbered in missed:
            record = numbered[1]
            product = products.get(_sku_of(record))
            if product is None:
                self._reject(Reason.NO_PRODUCT, numbered)
                continue
            if self._rules.zeroes_missing:
                self._name([product])
            if isinstance(product, Several):
                self._reject(Reason.AMBIGUOUS_KEY, numbered)
            elif product[2] and not self._rules.sku_takes_any:
                self._reject(Reason.OTHER_1C_ID, numbered)
            else:
                is_variant = self._rules.sums_variants and bool(record.product_id)
                self._leads.append(lead_of(numbered, product, is_by_sku=True, is_variant=is_variant))

    def _compare_leads(self, counting: Sequence[Lead]) -> None:
        for lead in counting:  # one, or none
            self._counts["matched_by_sku"] += lead.is_by_sku and lead.record.quantity is not None
            self._compare((lead.number, lead.record), pk=lead.pk, stored=lead.stored)

    def _sum(self, parts: Sequence[Lead]) -> None:
        """Compare the sum of a product's parts with what it has, unless one of them is invalid or all are too many."""
        total = sum_numbers(part.record.quantity or 0 for part in parts)
        is_broken = any(part.record.quantity is None for part in parts)
        if is_broken or total > self._maximum:
            too_large = (Reason.QUANTITY_TOO_LARGE, quantity_text(total))
            reason, seen = (Reason.OTHER_VARIANT, None) if is_broken else too_large
            for part in parts:
                self._reject(reason, (part.number, part.record), seen=seen)
            return
        self._counts["summed"] += len(parts)
        self._counts["matched_by_sku"] += len(parts) if parts[0].is_by_sku else 0
        self._note_equal_total(own_offer(parts), total)
        if total == parts[0].stored:
            self._counts["unchanged"] += len(parts)
        else:
            self.changes.append((parts[0].pk, total, len(parts)))
            self._counts["to_zero"] += total == 0 and (parts[0].stored or 0) > 0

    def _note_equal_total(self, own: Lead | None, total: Number) -> None:
        """Take note of an own offer that says as much as the variants together, as a total would."""
        if own is not None and own.record.quantity and own.record.quantity * 2 == total:
            self._equal_totals.append(own)

    def _compare(self, numbered: Numbered, *, pk: int, stored: Any) -> None:
        quantity = numbered[1].quantity
        if quantity is None:
            self._rejected.note(Reason(str(numbered[1].problem)), numbered)
        elif quantity == stored:
            self._counts["unchanged"] += 1
        else:
            self.changes.append((pk, quantity, 1))
            self._counts["to_zero"] += quantity == 0 and (stored or 0) > 0

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

    def _reject(self, reason: Reason, numbered: Numbered, *, seen: str | None = None) -> None:
        """Take note of an offer; one that is invalid by itself is told as such, unless it was superseded."""
        problem = numbered[1].problem if numbered[1].quantity is None else None
        if problem is not None and reason is not Reason.SUPERSEDED:
            reason, seen = Reason(problem.value), None
        self._rejected.note(reason, numbered, seen=seen)


def _sku_of(record: StockRecord) -> str:
    """Return the sku to match by: the offer's, or its id where it has none."""
    return record.sku or record.onec_id
