"""Stock files written from their meaning, for tests: small, in mixed layouts, with every kind of offer."""

from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import NamedTuple

from stock_loader.commerceml.records import Problem


class Stock(NamedTuple):
    """What an offer says of its stock: a text per warehouse, and what these mean together."""

    texts: tuple[str, ...]
    quantity: int | None
    rounded: bool = False
    raised: bool = False
    problem: Problem | None = None
    seen: str = ""
    first: "Stock | None" = None
    """What the first of two texts means alone, where the second is of a warehouse that does not count."""


NO_STOCK_DATA = Stock((), None, problem=Problem.NO_STOCK_DATA)
INVALID = Stock(("много",), None, problem=Problem.NOT_A_NUMBER, seen="много")


class Offer(NamedTuple):
    """One offer as it is written and as it must be read."""

    onec_id: str = ""
    sku: str = ""
    stock: Stock = Stock(("1",), 1)
    layout: str = "L1"
    deleted: bool = False

    def meaning(self, *, is_second_excluded: bool = False) -> Stock:
        """What the stock means once the rest of the offer is known, and whether the second warehouse counts."""
        read = Stock(self.stock.texts, 0) if self.deleted else self.stock
        if is_second_excluded and read.first and self.layout != "L2":
            read = read.first
        if read.problem is None and not (self.onec_id or self.sku):
            return Stock(read.texts, None, problem=Problem.NO_ID, seen=str(read.quantity))
        return read


def pieces(quantity: int) -> Stock:
    """Return the stock that is written as one whole number."""
    return Stock((str(quantity),), quantity)


def write_document(path: Path, offers: Iterable[Offer]) -> list[int]:
    """Write a stock file of `offers`; return the line on which each begins."""
    lines, starts = ["<КоммерческаяИнформация><ПакетПредложений><Предложения>\n"], []
    line = 2
    for offer in offers:
        text = _offer(offer)
        starts.append(line)
        lines.append(text + "\n")
        line += text.count("\n") + 1
    lines.append("</Предложения></ПакетПредложений></КоммерческаяИнформация>\n")
    path.write_text("".join(lines), encoding="utf-8", newline="")
    return starts


def _offer(offer: Offer) -> str:
    leaves = [
        _leaf("Ид", offer.onec_id),
        _leaf("Артикул", offer.sku),
        "<Статус>Удален</Статус>" if offer.deleted else "",
        LAYOUTS[offer.layout](offer.stock.texts) if offer.stock.texts else "",
    ]
    return f"<Предложение>{''.join(leaves)}</Предложение>"


def _leaf(name: str, text: str) -> str:
    return f"<{name}>{escape(text).replace(chr(13), '&#13;')}</{name}>" if text else ""


def _with_warehouses(texts: tuple[str, ...]) -> str:
    rests = (
        f"<Остаток><Склад><Ид>w{number}</Ид><Количество>{text}</Количество></Склад></Остаток>"
        for number, text in enumerate(texts)
    )
    return f"<Остатки>{''.join(rests)}</Остатки>"


def _without_warehouses(texts: tuple[str, ...]) -> str:
    rests = (f"<Остаток><Количество>{text}</Количество></Остаток>" for text in texts)
    return f"<Остатки>{''.join(rests)}</Остатки>"


def _total(texts: tuple[str, ...]) -> str:
    return f"<Количество>{texts[0]}</Количество>" if len(texts) == 1 else _with_warehouses(texts)


def _attributes(texts: tuple[str, ...]) -> str:
    return "".join(f'<Склад ИдСклада="w{number}" КоличествоНаСкладе="{text}"/>' for number, text in enumerate(texts))


LAYOUTS = {"L1": _with_warehouses, "L2": _without_warehouses, "L3": _total, "L4": _attributes}
