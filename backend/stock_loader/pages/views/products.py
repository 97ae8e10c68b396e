"""What loads did to one product, and the page that looks for it."""

from django.http import Http404, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext as _

from stock_loader.journal.changes import history
from stock_loader.journal.product_history import products_named, with_sessions
from stock_loader.pages.page import PageRequest
from stock_loader.pages.products import admin_url, in_path, name_of, of_path, products_by_key
from stock_loader.pages.steps_picture import steps_picture

PAGE_SIZE = 50
"""Changes a page."""
MOST_SESSIONS = 20_000
"""That are looked at for one page; the next page goes on there."""


def products_page(page: PageRequest) -> HttpResponseBase:
    """Look for a product; the only one found is shown at once."""
    text = page.asked("product")
    found = products_named(text) if text else []
    if len(found) == 1:
        return HttpResponseRedirect(page.url("product", in_path(found[0].key)))
    links = [(product, page.url("product", in_path(product.key))) for product in found]
    return page.answer("products.html", title=_("A product's stock"), here="products", asked=text, products=links)


def product_page(page: PageRequest, key: str) -> HttpResponseBase:
    """Show the history of one product, the last changes first."""
    product = of_path(key)
    if product is None:
        raise Http404
    before = page.number("before")
    past = history(product, limit=PAGE_SIZE, before=before, sessions=MOST_SESSIONS)
    known = products_by_key([product]).get(product)
    if known is None and not past.changes and before is None:
        raise Http404
    steps = list(with_sessions(past.changes))
    return page.answer(
        "product.html",
        title=_("Stock of %(product)s") % {"product": name_of(product, known)},
        here="product",
        product=known,
        product_url=admin_url(product, page.request, page.site) if known else "",
        steps=steps,
        picture=steps_picture(steps),
        is_newest=before is None,
        differs=bool(known and steps and before is None and known.quantity != steps[0].new),
        next_url=page.here_with(before=past.before) if past.before else "",
        first_url=page.here_with(before=None) if before is not None else "",
    )
