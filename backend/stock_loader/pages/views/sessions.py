"""The list of sessions."""

from django.http import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from stock_loader.journal.changes import history
from stock_loader.journal.product_history import products_named
from stock_loader.pages.page import PageRequest
from stock_loader.pages.sessions import SessionPage, sessions_before
from stock_loader.pages.wording import SHOWN_TEXTS

SESSIONS_OF_PRODUCT = 500
"""The last ones that changed a product, among which the list looks."""


def sessions_page(page: PageRequest) -> HttpResponseBase:
    """Show a part of the list: the newest, those before a number, those of a file or a product."""
    shown, file, product = page.asked("shown"), page.asked("file"), page.asked("product")
    found = _found(page.number("before"), shown=shown, file=file, product=product)
    return page.answer(
        "sessions.html",
        title=_("Stock loads"),
        here="sessions",
        sessions=found.rows,
        next_url=page.here_with(before=found.before) if found.before else "",
        first_url=page.here_with(before=None) if page.number("before") is not None else "",
        choices=[(name, text, name == shown) for name, text in SHOWN_TEXTS.items()],
        asked_file=file,
        asked_product=product,
        is_narrowed=bool(shown or file or product),
    )


def _found(before: int | None, *, shown: str, file: str, product: str) -> SessionPage:
    if not product:
        return sessions_before(before, shown=shown, file=file)
    keys = [one.key for one in products_named(product)]
    numbers = {step.session for key in keys for step in history(key, limit=SESSIONS_OF_PRODUCT).changes}
    return sessions_before(before, shown=shown, file=file, numbers=sorted(numbers))
