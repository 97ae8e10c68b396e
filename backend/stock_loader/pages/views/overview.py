"""The first page: is the stock fresh, what the last loads did."""

from django.http import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stock_loader.pages.freshness import freshness_of
from stock_loader.pages.loads_picture import loads_picture
from stock_loader.pages.page import PageRequest
from stock_loader.pages.sessions import rows_of, stock_sessions

LOOKED_AT = 200
"""The last sessions: loads every five minutes of most of a day, nightly ones of half a year."""


def overview_page(page: PageRequest) -> HttpResponseBase:
    """Show how the stock stands; one query for the sessions."""
    rows = rows_of(stock_sessions()[:LOOKED_AT])
    picture = loads_picture(rows)
    return page.answer(
        "overview.html",
        title=_("Stock loads: overview"),
        here="stockload_changelist",
        last=next((row for row in rows if row.state != "dry_run"), rows[0] if rows else None),
        freshness=freshness_of(rows, now=timezone.now()),
        picture=picture,
        sessions=[bar.row for bar in reversed(picture.bars)],
    )
