"""The rules of a load once more, slowly and without a database: what a file must do to a catalogue.

Written from the rules (COMMERCEML 6, 7 and 10, and what `MatchRules` promises), not from the strategies: everything in
memory, one offer at a time.
"""

from collections.abc import Sequence
from typing import NamedTuple

from stock_loader.commerceml.offers.numbers import MAX_QUANTITY
from stock_loader.commerceml.records import Problem
from tests.stock_loader.strategies.stock_documents import Offer, Stock
from tests.stock_loader.strategies.stock_outcomes import USUAL, Outcome, Rejected, Row, Rules
from tests.stock_loader.strategies.stock_ways import AS_PART, BY_SKU, Way, find, is_repetition, product_id_of, way_of

MAX_LISTED = 100


class _Fate(NamedTuple):
    name: str
    seen: str = ""
    code: str = ""
    way: int | None = None
    """Of an offer that was applied."""
    is_summed: bool = False


def expected_outcome(
    rows: Sequence[Row], offers: Sequence[Offer], lines: Sequence[int], rules: Rules = USUAL
) -> Outcome:
    """Return what loading `offers`, which stand on `lines`, makes of `rows`."""
    stocks = [_stock(offer, rules) for offer in offers]
    repeated = {number for number in range(len(offers)) if _is_superseded(number, offers, stocks)}
    ways = {number: way_of(rows, offer, rules) for number, offer in enumerate(offers) if number not in repeated}
    fates = {number: _superseded(stocks[number]) for number in repeated}
    fates |= {number: _fate_of_one(rows, offers[number], stocks[number]) for number in ways}
    after, equal_totals = list(rows), 0
    for place, row in enumerate(rows):
        leading = {number: way[0] for number, way in ways.items() if way and way[1] == place}
        counting, others = _settled(leading, offers, stocks, rules)
        fates |= others
        quantity, verdicts = _verdict(row, [(leading[n], offers[n], stocks[n]) for n in counting], rules)
        fates |= dict(zip(counting, verdicts, strict=True))
        after[place] = _with_quantity(row, quantity)
        equal_totals += _is_equal_total([(leading[n], offers[n], stocks[n]) for n in counting], rules)
    missing = _missing(rows, offers, ways, rules) if offers else []
    for place in missing:
        after[place] = _with_quantity(rows[place], 0)
    changed = [(old, new) for old, new in zip(rows, after, strict=True) if new.is_changed]
    report = _report(offers, stocks, [fates[number] for number in range(len(offers))]) | {
        "changed_count": len(changed),
        "zeroed_count": sum(new.quantity == 0 for _, new in changed),
        "missing_count": sum(after[place].is_changed for place in missing),
    }
    told = [_told(offer, line, fates[number]) for number, (offer, line) in enumerate(zip(offers, lines, strict=True))]
    names = ("not_found", "ambiguous", "invalid")
    lists = {name: [_as_dict(rejected) for fate, rejected in told if fate == name] for name in names}
    report |= {name: listed[:MAX_LISTED] for name, listed in lists.items()}
    return Outcome(after, report, [rejected for _, rejected in told if rejected.code], equal_totals)


def _stock(offer: Offer, rules: Rules) -> Stock:
    """Return what the offer says; one that says nothing is 0 where that is asked for, and is known by its problem."""
    stock = offer.meaning(is_second_excluded=rules.is_second_excluded)
    if rules.zeroes_no_stock_data and _is_silent(stock) and (offer.onec_id or offer.sku):
        return stock._replace(quantity=0)
    return stock


def _is_silent(stock: Stock) -> bool:
    return stock.problem is Problem.NO_STOCK_DATA


def _is_heard(stock: Stock) -> bool:
    return stock.quantity is not None or not _is_silent(stock)


def _is_superseded(number: int, offers: Sequence[Offer], stocks: Sequence[Stock]) -> bool:
    """Tell whether another offer of the same id goes before this one: a later one, but one with stock data always."""
    if not _is_heard(stocks[number]):
        return False
    place = (not _is_silent(stocks[number]), number)
    rivals = [
        (not _is_silent(stock), other)
        for other, stock in enumerate(stocks)
        if other != number and _is_heard(stock) and is_repetition(offers[number], offers[other])
    ]
    return any(rival > place for rival in rivals)


def _value(stock: Stock) -> str:
    return stock.seen if stock.problem else str(stock.quantity)


def _rejected(stock: Stock, name: str, code: str) -> _Fate:
    """Return the fate of an offer that is not applied; one that cannot be by itself is told as such."""
    if stock.quantity is not None:
        return _Fate(name, _value(stock), code)
    return _Fate("no_stock_data" if _is_silent(stock) else "invalid", stock.seen, str(stock.problem))


def _fate_of_one(rows: Sequence[Row], offer: Offer, stock: Stock) -> _Fate:
    """Return the fate of an offer that leads to no product."""
    has_product = find(rows, "sku", offer.sku or offer.onec_id) is not None
    return _rejected(stock, "not_found", "other_1c_id" if has_product else "no_product")


def _superseded(stock: Stock) -> _Fate:
    return _Fate("duplicate", _value(stock), "superseded")


def _with_quantity(row: Row, quantity: int | None) -> Row:
    return row if quantity is None or quantity == row.quantity else row._replace(quantity=quantity, is_changed=True)


def _settled(
    leading: dict[int, int], offers: Sequence[Offer], stocks: Sequence[Stock], rules: Rules
) -> tuple[list[int], dict[int, _Fate]]:
    """Return which of the offers that lead to a product count, and the fates of the others."""
    heard = [number for number in leading if _is_heard(stocks[number])]
    counting = [number for number in heard if not _is_silent(stocks[number])] or heard
    by_id = [number for number in counting if leading[number] != BY_SKU]
    is_ambiguous = False
    if by_id:
        counting = by_id
    elif counting:
        is_ambiguous = _is_ambiguous([offers[number] for number in leading if leading[number] == BY_SKU], rules)
    if is_ambiguous:
        counting = []
    own = [number for number in counting if not _is_part(offers[number], leading[number], rules)]
    if rules.own_is_total and own:
        counting = own
    fates = {}
    for number in heard:
        if leading[number] == BY_SKU and by_id:
            fates[number] = _rejected(stocks[number], "not_found", "other_1c_id")
        elif leading[number] == BY_SKU and is_ambiguous:
            fates[number] = _rejected(stocks[number], "ambiguous", "ambiguous_sku")
        elif number not in counting:
            fates[number] = _superseded(stocks[number])
    return counting, fates


def _is_ambiguous(offers: Sequence[Offer], rules: Rules) -> bool:
    if all(is_repetition(offers[0], offer) for offer in offers):
        return False
    products = {product_id_of(offer) or offer.onec_id for offer in offers}
    return not (rules.sums_variants and len(products) == 1 and products != {""})


def _is_part(offer: Offer, way: int, rules: Rules) -> bool:
    return way == AS_PART or (way == BY_SKU and rules.sums_variants and bool(product_id_of(offer)))


def _verdict(row: Row, counting: Sequence[tuple[int, Offer, Stock]], rules: Rules) -> tuple[int | None, list[_Fate]]:
    """Return the quantity that the counting offers give a product, None where they give none, and their fates."""
    stocks = [stock for _, _, stock in counting]
    total = sum(stock.quantity or 0 for stock in stocks)
    if any(stock.quantity is None for stock in stocks):
        return None, [_rejected(stock, "invalid", "other_variant_invalid") for stock in stocks]
    if total > MAX_QUANTITY:
        return None, [_Fate("invalid", str(total), "quantity_too_large")] * len(stocks)
    name = "unchanged" if total == row.quantity else "updated"
    is_sum = any(_is_part(offer, way, rules) for way, offer, _ in counting)
    return total if stocks else None, [_Fate(name, way=way, is_summed=is_sum) for way, _, _ in counting]


def _is_equal_total(counting: Sequence[tuple[int, Offer, Stock]], rules: Rules) -> bool:
    """Tell whether the own offer of a product says what its variants say together."""
    quantities: dict[bool, list[int]] = {True: [], False: []}
    for way, offer, stock in counting:
        if stock.quantity is None:
            return False
        quantities[_is_part(offer, way, rules)].append(stock.quantity)
    own, others = sum(quantities[False]), sum(quantities[True])
    return own + others <= MAX_QUANTITY and own == others != 0


def _missing(rows: Sequence[Row], offers: Sequence[Offer], ways: dict[int, Way | None], rules: Rules) -> list[int]:
    """Return the places of the products with an onec_id that no offer names."""
    if not rules.zeroes_missing:
        return []
    named = {offer.onec_id for offer in offers}
    places = {way[1] for way in ways.values() if way}
    for number, way in ways.items():
        if way is None or way[0] == BY_SKU:
            named.add(product_id_of(offers[number]))
            by_sku = find(rows, "sku", offers[number].sku or offers[number].onec_id)
            places |= set() if by_sku is None else {by_sku}
    return [place for place, row in enumerate(rows) if row.onec_id and row.onec_id not in named and place not in places]


def _report(offers: Sequence[Offer], stocks: Sequence[Stock], fates: Sequence[_Fate]) -> dict[str, object]:
    names = ("updated", "unchanged", "not_found", "ambiguous", "invalid", "duplicate", "no_stock_data")
    counts: dict[str, object] = {f"{name}_count": sum(fate.name == name for fate in fates) for name in names}
    return counts | {
        "total_records": len(offers),
        "matched_by_sku_count": sum(fate.way == BY_SKU for fate in fates),
        "summed_count": sum(fate.is_summed for fate in fates),
        "other_id_count": sum(fate.code == "other_1c_id" for fate in fates),
        "rounded_count": sum(stock.rounded for stock in stocks),
        "negative_count": sum(stock.raised for stock in stocks),
        "deleted_count": sum(offer.deleted and bool(offer.onec_id or offer.sku) for offer in offers),
    }


def _told(offer: Offer, line: int, fate: _Fate) -> tuple[str, Rejected]:
    return fate.name, Rejected(line, _visible(offer.onec_id), _visible(offer.sku), fate.seen, fate.code)


def _as_dict(rejected: Rejected) -> dict[str, object]:
    return rejected._asdict()


def _visible(text: str) -> str:
    cut = text if len(text) <= 300 else text[:299] + "…"
    return "".join(" " if char in "\t\n\r" else char for char in cut)
