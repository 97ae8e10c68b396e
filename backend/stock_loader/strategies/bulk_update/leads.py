"""Which of the offers that lead to one product count, and why the others do not; no database."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from stock_loader.commerceml.records import StockRecord
from stock_loader.reasons import Reason
from stock_loader.strategies import MatchRules


class Lead(NamedTuple):
    """An offer that leads to a product, kept until all that lead there are known. Leads sort by product and offer."""

    pk: int
    number: int
    record: StockRecord
    stored: Any
    """What the product has."""
    onec_id: str | None
    """That of the product."""
    is_by_sku: bool = False
    is_variant: bool = False
    """Whether it is a part of the product's quantity (`MatchRules.sums_variants`)."""


def lead_of(
    numbered: tuple[int, StockRecord], product: Any, *, is_by_sku: bool = False, is_variant: bool = False
) -> Lead:
    """Return that the offer leads to `product`: its primary key, quantity and onec_id."""
    pk, stored, onec_id = product
    return Lead(pk, *numbered, stored, onec_id, is_by_sku, is_variant)


class Judgement(NamedTuple):
    """What becomes of the offers that lead to one product."""

    counting: list[Lead]
    """One offer, or the parts of a sum."""
    rejected: list[tuple[Lead, Reason]]


def judge(leads: Sequence[Lead], rules: MatchRules) -> Judgement:
    """Decide of all offers that lead to one product, none of which repeats another's id.

    An id or a part goes before a sku, and whatever has stock data before what has none. Where a sku decides, offers
    with different ids are ambiguous, unless they are the parts of one product.
    """
    heard = [lead for lead in leads if not lead.record.is_mute]
    rejected = [(lead, Reason.NO_STOCK_DATA) for lead in leads if lead.record.is_mute]
    best = min(map(_rank, heard), default=None)
    is_by_sku = best is not None and best[1]
    is_ambiguous = is_by_sku and _is_ambiguous([lead.record for lead in leads if lead.is_by_sku], rules)
    counting = []
    for lead in heard:
        if lead.is_by_sku and not is_by_sku:
            rejected.append((lead, Reason.OTHER_1C_ID))
        elif lead.is_by_sku and is_ambiguous:
            rejected.append((lead, Reason.AMBIGUOUS_SKU))
        elif is_ambiguous or _rank(lead) != best:
            rejected.append((lead, Reason.SUPERSEDED))
        else:
            counting.append(lead)
    if rules.own_is_total and len(counting) > 1:
        counting = _total_of(counting, rejected)
    return Judgement(counting, rejected)


def own_offer(counting: Sequence[Lead]) -> Lead | None:
    """Return the offer of the product itself among offers that are summed."""
    return next((lead for lead in counting if not lead.is_variant), None)


def _rank(lead: Lead) -> tuple[bool, bool]:
    """Return what goes first the smaller it is."""
    return lead.record.is_silent, lead.is_by_sku


def _is_ambiguous(records: Sequence[StockRecord], rules: MatchRules) -> bool:
    if len({record.key for record in records}) == 1:
        return False
    products = {record.product_id or record.onec_id for record in records}
    return not rules.sums_variants or len(products) > 1 or "" in products


def _total_of(counting: list[Lead], rejected: list[tuple[Lead, Reason]]) -> list[Lead]:
    """Let the product's own offer stand for its variants, where there is one."""
    own = own_offer(counting)
    if own is None:
        return counting
    rejected += [(lead, Reason.SUPERSEDED) for lead in counting if lead is not own]
    return [own]
