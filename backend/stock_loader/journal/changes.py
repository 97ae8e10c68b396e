"""What stands in the journal: the changes of one session, and the history of one product."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet, Sum

from stock_loader.database.paths import walk
from stock_loader.database.shop import mapping, session_model
from stock_loader.journal.keeping import journal_pages
from stock_loader.journal.pages import PAGE_SIZE, JournalPage, changes_on, listed_key, rank_of
from stock_loader.outcome import StockChange

FIRST_SESSIONS = 30
"""Sessions in which a history is looked for at first: about a millisecond. Then four times as many, again and again."""
MOST_SESSIONS = 10_000
PAGES_AT_ONCE = 20
"""Read of those that may hold a product, 6 to 20 KB each."""


class PastChange(NamedTuple):
    """One step of a product's history."""

    session: int
    """The number of the session that made it."""
    old: int | Decimal | None
    new: int | Decimal | None
    """None after an undo that gave back that nothing was known."""


class History(NamedTuple):
    """A part of the history of one product."""

    changes: list[PastChange]
    """The last first."""
    before: int | None
    """Where it goes on: `history(…, before=…)`; None where all sessions were looked at."""


def count_changes(session: int) -> int:
    """Return how many changes of the session stand in the journal; one query."""
    return int(pages_of(session).aggregate(count=Sum("size"))["count"] or 0)


def changes_of(session: int, *, start: int = 0) -> Iterator[StockChange]:
    """Yield the changes of the session from the `start`th on, in the order of the products' keys.

    One query for each 1,000 that are taken, so that memory does not depend on their number.
    """
    number, skipped = divmod(start, PAGE_SIZE)
    while True:
        number += 1
        page = pages_of(session).filter(number=number).first()
        if page is None:
            return
        yield from islice(changes_on(page, key_reader()), skipped, None)
        skipped = 0


def history(product: Any, *, limit: int = 50, before: int | None = None, sessions: int | None = None) -> History:
    """Return the last `limit` changes of the product with this primary key, those of sessions below `before`.

    At most `sessions` sessions are looked at, all where None, from the last one back. The index holds first and last
    key of every page, so that a session costs some microseconds, and what is read are the pages that list the product.
    Queries: two for up to 10,000 sessions, and one for every 20 pages that are read.
    """
    found: list[PastChange] = []
    size, left = FIRST_SESSIONS, sessions
    while len(found) < limit and left != 0:
        size = size if left is None else min(size, left)
        some = list(_sessions_before(before)[:size])
        found += islice(_steps(product, some), limit - len(found))
        if len(some) < size:
            before = None
            break
        before, left = some[-1], None if left is None else left - size
        size = min(size * 4, MOST_SESSIONS)
    return History(found, found[-1].session if len(found) == limit else before)


def pages_of(session: int) -> "QuerySet[JournalPage]":
    """Return the pages of a session of the shop's table of sessions."""
    return journal_pages().filter(session=session, session_model=session_model()._meta.label)


def key_reader() -> Callable[[Any], Any]:
    """Return what makes a primary key of the shop of one in a page."""
    shop = mapping()
    if shop.has_number_keys:
        return int
    to_python: Callable[[Any], Any] = walk(shop.model, shop.pk_path)[-1].to_python
    return to_python


def _of_target() -> "QuerySet[JournalPage]":
    """Return the pages about the quantities that the shop's setting names, whichever rows counted."""
    return journal_pages().filter(session_model=session_model()._meta.label, target=mapping().column)


def _sessions_before(before: int | None) -> "QuerySet[JournalPage, int]":
    """Return the numbers of the sessions with pages about the target, the last first."""
    first_pages = _of_target().filter(number=1)
    older = first_pages if before is None else first_pages.filter(session__lt=before)
    return older.order_by("-session").values_list("session", flat=True)


def _steps(product: Any, sessions: Sequence[int]) -> Iterator[PastChange]:
    """Yield what the pages of `sessions`, which are in falling order, say of the product; the last first."""
    if not sessions:
        return
    rank, key_of = rank_of(product), key_reader()
    pages = _of_target().filter(session__lte=sessions[0], session__gte=sessions[-1], first__lte=rank, last__gte=rank)
    holding = list(pages.filter(_lists(listed_key(product))).order_by("-session").values_list("pk", flat=True))
    for start in range(0, len(holding), PAGES_AT_ONCE):
        some = holding[start : start + PAGES_AT_ONCE]
        by_pk = journal_pages().in_bulk(some)
        for page in (by_pk[pk] for pk in some if pk in by_pk):
            for change in changes_on(page, key_of):
                if change.product == product:
                    yield PastChange(page.session, change.old, change.new)


def _lists(listed: str) -> Q:
    """Return the condition that a page lists the key, so that others need not be read; a text may be part of another.

    Where a number ends is told by what stands beside it: of small numbers nearly every page has the digits.
    """
    if listed.startswith('"'):
        return Q(products__contains=listed)
    ends = Q(products__startswith=f"[{listed},") | Q(products__endswith=f",{listed}]")
    return Q(products__contains=f",{listed},") | ends | Q(products=f"[{listed}]")
