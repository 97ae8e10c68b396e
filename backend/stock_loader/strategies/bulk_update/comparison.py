"""What offers say against what the shop has: the rows that differ, and the counts of a pass."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any

from stock_loader.commerceml.offers.numbers import Number, QuantityLimits, kept, quantity_text, sum_numbers
from stock_loader.commerceml.records import Adjustment
from stock_loader.outcome import Findings
from stock_loader.reasons import Reason
from stock_loader.strategies import MatchRules
from stock_loader.strategies.bulk_update.leads import Lead, judge, own_offer
from stock_loader.strategies.bulk_update.rejected import Numbered, RejectedOffers

Change = tuple[Any, Number, int, Any]
"""Of a row that differs: primary key, new quantity, how many offers say so, and the quantity that was read.

Of a product that no offer names, 0 offers and None for what was read. A plain tuple, for there may be millions.
"""

OFFERS = itemgetter(2)
"""Of a change, the number of its offers."""


class Comparison:
    """Compares quantities, takes note of what differs and of what is rejected."""

    def __init__(self, limits: QuantityLimits, rules: MatchRules, rejected: RejectedOffers) -> None:
        self.changes: list[Change] = []
        self._rejected = rejected
        self._rules = rules
        self._maximum, (self._zero, _) = limits.maximum, kept(0, limits)
        self._counts: Counter[str] = Counter()
        self._equal_totals: list[Lead] = []

    def settle(self, waiting: Sequence[Lead]) -> None:
        """Decide of the offers that had to wait for the end; they are sorted."""
        for _, leads in groupby(waiting, attrgetter("pk")):
            counting, rejected = judge(list(leads), self._rules)
            for lead, reason in rejected:
                self.reject(reason, (lead.number, lead.record))
            if any(lead.is_variant for lead in counting):
                self._sum(counting)
            else:
                self._compare_leads(counting)

    def add_missing(self, pks: Iterable[Any]) -> None:
        """Have these products changed to 0."""
        changes = [(pk, self._zero, 0, None) for pk in pks]
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

    def count_adjustments(self, chunk: Sequence[Numbered]) -> None:
        """Count what had to be done to quantities."""
        for adjustment in [record.adjustment for _, record in chunk if record.adjustment is not Adjustment.NONE]:
            self._counts["rounded"] += Adjustment.ROUNDED in adjustment
            self._counts["negative"] += Adjustment.NEGATIVE in adjustment
            self._counts["deleted"] += Adjustment.DELETED in adjustment

    def reject(self, reason: Reason, numbered: Numbered, *, seen: str | None = None) -> None:
        """Take note of an offer; one that is invalid by itself is told as such, unless it was superseded."""
        problem = numbered[1].problem if numbered[1].quantity is None else None
        if problem is not None and reason is not Reason.SUPERSEDED:
            reason, seen = Reason(problem.value), None
        self._rejected.note(reason, numbered, seen=seen)

    def _compare_leads(self, counting: Sequence[Lead]) -> None:
        for lead in counting:  # one, or none
            self._counts["matched_by_sku"] += lead.is_by_sku and lead.record.quantity is not None
            self.compare((lead.number, lead.record), pk=lead.pk, stored=lead.stored)

    def _sum(self, parts: Sequence[Lead]) -> None:
        """Compare the sum of a product's parts with what it has, unless one of them is invalid or all are too many."""
        total = sum_numbers(part.record.quantity or 0 for part in parts)
        is_broken = any(part.record.quantity is None for part in parts)
        if is_broken or total > self._maximum:
            too_large = (Reason.QUANTITY_TOO_LARGE, quantity_text(total))
            reason, seen = (Reason.OTHER_VARIANT, None) if is_broken else too_large
            for part in parts:
                self.reject(reason, (part.number, part.record), seen=seen)
            return
        self._counts["summed"] += len(parts)
        self._counts["matched_by_sku"] += len(parts) if parts[0].is_by_sku else 0
        self._note_equal_total(own_offer(parts), total)
        if total == parts[0].stored:
            self._counts["unchanged"] += len(parts)
        else:
            self.changes.append((parts[0].pk, total, len(parts), parts[0].stored))
            self._counts["to_zero"] += total == 0 and (parts[0].stored or 0) > 0

    def _note_equal_total(self, own: Lead | None, total: Number) -> None:
        """Take note of an own offer that says as much as the variants together, as a total would."""
        if own is not None and own.record.quantity and own.record.quantity * 2 == total:
            self._equal_totals.append(own)

    def compare(self, numbered: Numbered, *, pk: Any, stored: Any) -> None:
        """Compare an offer with what its product has."""
        quantity = numbered[1].quantity
        if quantity is None:
            self._rejected.note(Reason(str(numbered[1].problem)), numbered)
        elif quantity == stored:
            self._counts["unchanged"] += 1
        else:
            self.changes.append((pk, quantity, 1, stored))
            self._counts["to_zero"] += quantity == 0 and (stored or 0) > 0
