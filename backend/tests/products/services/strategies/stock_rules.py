"""The rules of a load once more, slowly and without a database: what a file must do to a catalogue.

Written from the rules (COMMERCEML 6, 7 and 10), not from the strategies: everything in memory, one offer at a time.
"""

from collections.abc import Sequence
from typing import NamedTuple

from apps.products.services.records import Problem
from tests.products.services.strategies.stock_documents import Offer

MAX_LISTED = 100


class Row(NamedTuple):
    """A product: what a load looks at and what it writes."""

    onec_id: str | None
    sku: str
    quantity: int
    is_changed: bool = False


class Outcome(NamedTuple):
    """The products after the load and the report's counts and lists."""

    rows: list[Row]
    report: dict[str, object]


def expected_outcome(rows: Sequence[Row], offers: Sequence[Offer], lines: Sequence[int]) -> Outcome:
    """Return what loading `offers`, which stand on `lines`, makes of `rows`."""
    after = list(rows)
    fates = [""] * len(offers)
    by_sku = zeroed = 0
    for number, place in _targets(rows, offers).items():
        offer, meaning = offers[number], offers[number].meaning
        if place is None:
            fates[number] = _fate_without_product(meaning.problem)
        elif meaning.quantity is None:
            fates[number] = "invalid"
        else:
            by_sku += rows[place].onec_id != offer.onec_id or not offer.onec_id
            is_changed = rows[place].quantity != meaning.quantity
            fates[number] = "updated" if is_changed else "unchanged"
            if is_changed:
                zeroed += meaning.quantity == 0
                after[place] = rows[place]._replace(quantity=meaning.quantity, is_changed=True)
    fates = [fate or "duplicate" for fate in fates]
    names = ("updated", "unchanged", "not_found", "invalid", "duplicate", "no_stock_data")
    meanings = [offer.meaning for offer in offers]
    report: dict[str, object] = {f"{name}_count": fates.count(name) for name in names}
    report |= {
        "total_records": len(offers),
        "matched_by_sku_count": by_sku,
        "rounded_count": sum(meaning.rounded for meaning in meanings),
        "negative_count": sum(meaning.raised for meaning in meanings),
        "deleted_count": sum(offer.deleted and bool(offer.onec_id or offer.sku) for offer in offers),
        "zeroed_count": zeroed,
        "not_found": _listed("not_found", offers, lines, fates),
        "invalid": _listed("invalid", offers, lines, fates),
    }
    return Outcome(after, report)


def _targets(rows: Sequence[Row], offers: Sequence[Offer]) -> dict[int, int | None]:
    """Return the numbers of the offers that count, each with the place of its product (None: it has none)."""
    named = {offer.onec_id for offer in offers if offer.onec_id}
    targets: dict[int, int | None] = {}
    last_by_sku: dict[int, int] = {}
    for number, offer in enumerate(offers):
        if any(_is_repetition(offer, later) for later in offers[number + 1 :]):
            continue
        if offer.meaning.problem is Problem.NO_STOCK_DATA:
            targets[number] = None
            continue
        place = _find(rows, "onec_id", offer.onec_id)
        if place is None:
            place = _find(rows, "sku", offer.sku or offer.onec_id)
            if place is not None and rows[place].onec_id in named:
                continue
            if place is not None:
                targets.pop(last_by_sku.get(place, -1), None)
                last_by_sku[place] = number
        targets[number] = place
    return targets


def _is_repetition(offer: Offer, later: Offer) -> bool:
    if offer.onec_id or later.onec_id:
        return offer.onec_id == later.onec_id
    return bool(offer.sku) and offer.sku == later.sku


def _find(rows: Sequence[Row], field: str, value: str) -> int | None:
    if not value:
        return None
    return next((place for place, row in enumerate(rows) if getattr(row, field) == value), None)


def _fate_without_product(problem: Problem | None) -> str:
    if problem is None:
        return "not_found"
    return "no_stock_data" if problem is Problem.NO_STOCK_DATA else "invalid"


def _listed(fate: str, offers: Sequence[Offer], lines: Sequence[int], fates: Sequence[str]) -> list[dict[str, object]]:
    numbers = [number for number, other in enumerate(fates) if other == fate]
    return [_report_of(offers[number], lines[number]) for number in numbers[:MAX_LISTED]]


def _report_of(offer: Offer, line: int) -> dict[str, object]:
    meaning = offer.meaning
    return {
        "line": line,
        "onec_id": _visible(offer.onec_id),
        "sku": _visible(offer.sku),
        "seen": meaning.seen if meaning.problem else str(meaning.quantity),
        "reason": str(meaning.problem or "no product with this onec_id or sku"),
    }


def _visible(text: str) -> str:
    cut = text if len(text) <= 300 else text[:299] + "…"
    return "".join(" " if char in "\t\n\r" else char for char in cut)
