"""The history of one product for people: which product is meant, and each change with the load that made it."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError

from stock_loader.database.paths import walk
from stock_loader.database.shop import mapping
from stock_loader.journal.changes import PastChange
from stock_loader.journal.sessions import sessions_by_number

WAYS = ("onec_id", "sku", "key")
"""By what a product can be named."""

MOST_PRODUCTS = 20
"""That are looked for; more than one is an answer already."""


class NamedProduct(NamedTuple):
    """A product that a text may mean."""

    key: Any
    onec_id: str
    sku: str
    name: str


class HistoryStep(NamedTuple):
    """One change of a product, and the session that made it."""

    session: int
    at: datetime | None
    """When the session ended; None where it is no more."""
    document_date: str
    file: str
    undoes: int | None
    """The number of the session that this one undid; None of a load."""
    old: int | Decimal | None
    new: int | Decimal | None


def products_named(text: str, *, by: str = "") -> list[NamedProduct]:
    """Return the products that have `text` as their onec_id, sku or primary key, at most `MOST_PRODUCTS`.

    `by` is one of `WAYS`, else all are tried; one query for each. Looked for are all rows of the table, also those that
    a load leaves alone.
    """
    found: dict[Any, NamedProduct] = {}
    for way in (by,) if by else WAYS:
        for product in _found_by(way, text):
            found.setdefault(product.key, product)
    return list(found.values())[:MOST_PRODUCTS]


def key_of(text: str) -> Any:
    """Return the primary key that `text` stands for; None where it can be none."""
    shop = mapping()
    try:
        key = walk(shop.model, shop.pk_path)[-1].to_python(text)
    except ValidationError:
        return None
    return key if str(key) == text else None


def with_sessions(changes: Iterable[PastChange]) -> Iterator[HistoryStep]:
    """Yield the changes with what their sessions say; one query."""
    steps = list(changes)
    sessions = sessions_by_number({step.session for step in steps})
    for step in steps:
        session = sessions.get(step.session)
        details = session.details if session and isinstance(session.details, dict) else {}
        yield HistoryStep(
            session=step.session,
            at=session.finished_at if session else None,
            document_date=str(details.get("document_date") or ""),
            file=str(details.get("file") or ""),
            undoes=details.get("undoes") or None,
            old=step.old,
            new=step.new,
        )


def _found_by(way: str, text: str) -> Iterator[NamedProduct]:
    shop = mapping()
    key = {"onec_id": shop.onec_id, "sku": shop.sku}.get(way)
    if way == "key":
        value, path = key_of(text), shop.pk_path
    elif key is None:
        return
    else:
        value, path = next(iter(key.values_of([text])), None), key.path
    if value is None or value == "":
        return
    rows = shop.table().filter(**{path: value}).order_by("pk")
    told = (shop.onec_id.path, shop.sku.path if shop.sku else "pk", shop.name or "pk")
    for row in rows.values_list("pk", *told)[:MOST_PRODUCTS]:
        onec_id, sku, name = ("" if said is None else str(said) for said in row[1:])
        yield NamedProduct(row[0], onec_id, sku if shop.sku else "", name if shop.name else "")
