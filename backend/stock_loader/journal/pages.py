"""The table of what loads changed: pages of up to 1,000 changes, in the order of the products' keys.

A row a change would cost a load of 100,000 changes 0.5 s and 11 MB with the indexes that find a product again; pages
cost 0.1 s and 1.1 MB. Lists are JSON on every database: as arrays of PostgreSQL they take as much room, and twice the
processor time to compress.

A page names its session by model and number, not by a foreign key: the table of sessions may be any shop's.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from stock_loader.outcome import StockChange

PAGE_SIZE = 1000
"""Changes a page."""

MAX_RANKED_BYTES = 32
"""Of a text key that its rank keeps. Keys that begin alike for longer are told apart inside their page."""

FIRST_NUMBER = 2**63
"""Below 0, of the whole numbers of a database the smallest."""


class JournalPage(models.Model):
    """Changes of one session."""

    session_model = models.CharField(_("sessions"), max_length=255)
    """The label of the model of sessions."""
    session = models.BigIntegerField(_("session"))
    target = models.CharField(_("quantities"), max_length=255)
    """The model that holds the quantities, and its field (`ShopMapping.column`)."""
    number = models.PositiveIntegerField(_("page"))
    """The first page of a session is 1."""
    size = models.PositiveIntegerField(_("changes"))
    first = models.CharField(max_length=2 * MAX_RANKED_BYTES)
    """The rank (`rank_of`) of the smallest key of the page."""
    last = models.CharField(max_length=2 * MAX_RANKED_BYTES)
    products = models.TextField()
    """The primary keys, as a list of JSON: whole numbers as numbers, all others as texts."""
    old = models.TextField()
    """The quantities before, in the same order; `null` where there was none."""
    new = models.TextField()

    class Meta:
        """The indexes: what a session changed, where a product may stand, and the sessions that have pages."""

        app_label = "stock_loader_commands"
        db_table = "stock_loader_journalpage"
        verbose_name = _("page of the stock journal")
        verbose_name_plural = _("pages of the stock journal")
        indexes = (models.Index(fields=("session", "first", "last"), name="stock_loader_journal_range"),)
        constraints = (
            models.UniqueConstraint(fields=("number", "session", "session_model"), name="stock_loader_journal_page"),
        )

    def __str__(self) -> str:
        """Return the number of the page and that of its session."""
        return f"#{self.session}, {self.number}"


def page_of(changes: Sequence[StockChange], *, number: int, **identity: Any) -> JournalPage:
    """Return the page with these changes, which are in the order of their keys; not stored yet.

    The order is the database's: texts and UUIDs it may order otherwise than their ranks are.
    """
    products, old, new = zip(*changes, strict=True)
    are_numbers = set(map(type, products)) == {int}
    ranks = list(map(rank_of, (products[0], products[-1]) if are_numbers else products))
    return JournalPage(
        number=number,
        size=len(changes),
        first=min(ranks),
        last=max(ranks),
        products=_list_of_keys(products),
        old=_list_of_quantities(old),
        new=_list_of_quantities(new),
        **identity,
    )


def changes_on(page: JournalPage, key_of: Callable[[Any], Any]) -> Iterator[StockChange]:
    """Yield the changes of the page, in order; `key_of` makes a primary key of what stands in the list."""
    quantities = (json.loads(text, parse_float=Decimal, parse_constant=Decimal) for text in (page.old, page.new))
    return map(StockChange, map(key_of, json.loads(page.products)), *quantities)


def rank_of(key: Any) -> str:
    """Return a text of hexadecimal digits that orders as keys do, in any collation.

    Whole numbers by their value, all others by the bytes of their text; two keys may have one rank.
    """
    if isinstance(key, int):
        return f"{key + FIRST_NUMBER:016x}"
    return str(key).encode("utf-8", "surrogatepass")[:MAX_RANKED_BYTES].hex()


def listed_key(key: Any) -> str:
    """Return the key as it stands in the list of a page, where it can be looked for."""
    return str(key) if isinstance(key, int) else encode_basestring(str(key))


def _list_of_keys(keys: Sequence[Any]) -> str:
    are_numbers = set(map(type, keys)) == {int}
    return f"[{','.join(map(str if are_numbers else listed_key, keys))}]"


def _list_of_quantities(quantities: Sequence[Any]) -> str:
    are_whole = set(map(type, quantities)) == {int}
    return f"[{','.join(map(str if are_whole else _listed_quantity, quantities))}]"


def _listed_quantity(quantity: Any) -> str:
    if quantity is None:
        return "null"
    return f"{quantity:f}" if isinstance(quantity, Decimal) else str(quantity)
