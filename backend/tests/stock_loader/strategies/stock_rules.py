"""The rules of a load once more, slowly and without a database: what a file must do to a catalogue.

Written from the rules (COMMERCEML 6, 7 and 10, and what `MatchRules` promises), not from the strategies: everything in
memory, one offer at a time.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from stock_loader.commerceml.offers.numbers import MAX_QUANTITY
from stock_loader.commerceml.records import Problem
from tests.stock_loader.strategies.stock_documents import Offer, Stock

MAX_LISTED = 100


class Row(NamedTuple):
    """A product: what a load looks at and what it writes."""

    onec_id: str | None
    sku: str
    quantity: int
    is_changed: bool = False


class Rules(NamedTuple):
    """What an operator may ask for."""

    sums_variants: bool = False
    zeroes_missing: bool = False
    zeroes_no_stock_data: bool = False
    is_second_excluded: bool = False
    """The second warehouse of every offer does not count."""


class Rejected(NamedTuple):
    """An offer that was not applied, as a report tells it."""

    line: int
    onec_id: str
    sku: str
    seen: str
    code: str


class Outcome(NamedTuple):
    """The products after the load, the report's counts and lists, and what was not applied."""

    rows: list[Row]
    report: dict[str, object]
    rejected: list[Rejected]


class _Fate(NamedTuple):
    name: str
    seen: str = ""
    code: str = ""
    way: int | None = None
    """Of an offer that was applied."""


Way = tuple[int, int]
"""How an offer leads to a product, and the place of that."""

USUAL = Rules()
BY_ID, AS_PART, BY_SKU = range(3)


def expected_outcome(
    rows: Sequence[Row], offers: Sequence[Offer], lines: Sequence[int], rules: Rules = USUAL
) -> Outcome:
    """Return what loading `offers`, which stand on `lines`, makes of `rows`."""
    stocks = [_stock(offer, rules) for offer in offers]
    ids = {offer.onec_id for offer in offers if offer.onec_id}
    ways = _ways(rows, offers, rules)
    fates = {number: _fate_of_one(stock, number in ways) for number, stock in enumerate(stocks)}
    after = list(rows)
    for place, row in enumerate(rows):
        leading = {
            number: way[0]
            for number, way in ways.items()
            if way and way[1] == place and stocks[number].problem is not Problem.NO_STOCK_DATA
        }
        counting = _counting(leading, is_named=row.onec_id in ids)
        fates |= {number: _superseded(stocks[number]) for number in leading}
        quantity, verdicts = _verdict(row, [(leading[number], stocks[number]) for number in counting])
        fates |= dict(zip(counting, verdicts, strict=True))
        after[place] = _with_quantity(row, quantity)
    missing = _missing(rows, ways, ids) if rules.zeroes_missing and offers else []
    for place in missing:
        after[place] = _with_quantity(rows[place], 0)
    changed = [(old, new) for old, new in zip(rows, after, strict=True) if new.is_changed]
    report = _report(offers, stocks, [fates[number] for number in range(len(offers))]) | {
        "changed_count": len(changed),
        "zeroed_count": sum(new.quantity == 0 for _, new in changed),
        "missing_count": sum(after[place].is_changed for place in missing),
    }
    told = [_told(offer, line, fates[number]) for number, (offer, line) in enumerate(zip(offers, lines, strict=True))]
    lists = {name: [_as_dict(rejected) for fate, rejected in told if fate == name] for name in ("not_found", "invalid")}
    report |= {name: listed[:MAX_LISTED] for name, listed in lists.items()}
    return Outcome(after, report, [rejected for _, rejected in told if rejected.code])


def _stock(offer: Offer, rules: Rules) -> Stock:
    stock = offer.meaning(is_second_excluded=rules.is_second_excluded)
    if rules.zeroes_no_stock_data and stock.problem is Problem.NO_STOCK_DATA and (offer.onec_id or offer.sku):
        return Stock((), 0)
    return stock


def _value(stock: Stock) -> str:
    return stock.seen if stock.quantity is None else str(stock.quantity)


def _fate_of_one(stock: Stock, is_last: bool) -> _Fate:
    """Return the fate of an offer that leads to no product."""
    if not is_last:
        return _superseded(stock)
    if stock.problem is Problem.NO_STOCK_DATA:
        return _Fate("no_stock_data", "", "no_stock_data")
    if stock.problem is not None:
        return _Fate("invalid", stock.seen, str(stock.problem))
    return _Fate("not_found", _value(stock), "no_product")


def _superseded(stock: Stock) -> _Fate:
    return _Fate("duplicate", _value(stock), "superseded")


def _with_quantity(row: Row, quantity: int | None) -> Row:
    return row if quantity is None or quantity == row.quantity else row._replace(quantity=quantity, is_changed=True)


def _ways(rows: Sequence[Row], offers: Sequence[Offer], rules: Rules) -> dict[int, Way | None]:
    """Return the numbers of the offers that no repetition supersedes, each with its way to a product."""
    return {
        number: _way(rows, offer, rules)
        for number, offer in enumerate(offers)
        if not any(_is_repetition(offer, later) for later in offers[number + 1 :])
    }


def _way(rows: Sequence[Row], offer: Offer, rules: Rules) -> Way | None:
    product_id, mark, _ = offer.onec_id.partition("#")
    ways = [
        (BY_ID, _find(rows, "onec_id", offer.onec_id)),
        (AS_PART, _find(rows, "onec_id", product_id if mark and rules.sums_variants else "")),
        (BY_SKU, _find(rows, "sku", offer.sku or offer.onec_id)),
    ]
    return next(((way, place) for way, place in ways if place is not None), None)


def _counting(leading: dict[int, int], *, is_named: bool) -> list[int]:
    """Return which of the offers that lead to a product count: its parts, or its own, or the last by sku."""
    by_way: dict[int, list[int]] = defaultdict(list)
    for number, way in leading.items():
        by_way[way].append(number)
    if by_way[AS_PART]:
        return by_way[AS_PART]
    return by_way[BY_ID] if by_way[BY_ID] or is_named else by_way[BY_SKU][-1:]


def _verdict(row: Row, counting: Sequence[tuple[int, Stock]]) -> tuple[int | None, list[_Fate]]:
    """Return the quantity that the counting offers give a product, None where they give none, and their fates."""
    stocks = [stock for _, stock in counting]
    total = sum(stock.quantity or 0 for stock in stocks)
    if any(stock.problem for stock in stocks):
        other = "other_variant_invalid"
        return None, [_Fate("invalid", _value(stock), str(stock.problem or other)) for stock in stocks]
    if total > MAX_QUANTITY:
        return None, [_Fate("invalid", str(total), "quantity_too_large")] * len(stocks)
    name = "unchanged" if total == row.quantity else "updated"
    return total if stocks else None, [_Fate(name, way=way) for way, _ in counting]


def _missing(rows: Sequence[Row], ways: dict[int, Way | None], ids: set[str]) -> list[int]:
    """Return the places of the products with an onec_id that no offer names."""
    led = {way[1] for way in ways.values() if way}
    return [place for place, row in enumerate(rows) if row.onec_id and row.onec_id not in ids and place not in led]


def _report(offers: Sequence[Offer], stocks: Sequence[Stock], fates: Sequence[_Fate]) -> dict[str, object]:
    names = ("updated", "unchanged", "not_found", "invalid", "duplicate", "no_stock_data")
    counts: dict[str, object] = {f"{name}_count": sum(fate.name == name for fate in fates) for name in names}
    return counts | {
        "total_records": len(offers),
        "matched_by_sku_count": sum(fate.way == BY_SKU for fate in fates),
        "summed_count": sum(fate.way == AS_PART for fate in fates),
        "rounded_count": sum(stock.rounded for stock in stocks),
        "negative_count": sum(stock.raised for stock in stocks),
        "deleted_count": sum(offer.deleted and bool(offer.onec_id or offer.sku) for offer in offers),
    }


def _told(offer: Offer, line: int, fate: _Fate) -> tuple[str, Rejected]:
    return fate.name, Rejected(line, _visible(offer.onec_id), _visible(offer.sku), fate.seen, fate.code)


def _as_dict(rejected: Rejected) -> dict[str, object]:
    return rejected._asdict()


def _is_repetition(offer: Offer, later: Offer) -> bool:
    if offer.onec_id or later.onec_id:
        return offer.onec_id == later.onec_id
    return bool(offer.sku) and offer.sku == later.sku


def _find(rows: Sequence[Row], field: str, value: str) -> int | None:
    if not value:
        return None
    return next((place for place, row in enumerate(rows) if getattr(row, field) == value), None)


def _visible(text: str) -> str:
    cut = text if len(text) <= 300 else text[:299] + "…"
    return "".join(" " if char in "\t\n\r" else char for char in cut)
