"""The page of one session."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.http import Http404, HttpResponseBase
from django.utils.translation import gettext as _

from stock_loader.pages.counts import further_counts, parts_of, whole_number
from stock_loader.pages.models import UNDO
from stock_loader.pages.page import PageRequest
from stock_loader.pages.session_changes import (
    MOST_LARGEST,
    MOST_SORTED,
    PAGE_SIZE,
    ChangePage,
    changes_by_key,
    changes_of_named,
    largest_changes,
)
from stock_loader.pages.sessions import serious_warnings, state_of, stock_sessions
from stock_loader.pages.wording import OPTIONS, REJECTED, STATES, STEPS, option_text, reason_text


class RejectedList(NamedTuple):
    """Offers that were not applied for one kind of reasons."""

    title: Any
    amount: int
    offers: list[dict[str, Any]]


def session_page(page: PageRequest, number: int) -> HttpResponseBase:
    """Show what became of one load."""
    session = stock_sessions().filter(pk=number).first()
    if session is None:
        raise Http404
    details = session.details if isinstance(session.details, dict) else {}
    state = state_of(session.status, details)
    return page.answer(
        "session.html",
        title=_("Stock load #%(number)s") % {"number": number},
        here="session",
        session=session,
        details=details,
        state=state,
        state_text=STATES[state],
        parts=parts_of(details),
        total=whole_number(details.get("total_records")),
        further_counts=further_counts(details),
        warnings=serious_warnings(details),
        can_be_undone=state in {"completed", "warned"}
        and bool(details.get("changed_count"))
        and page.request.user.has_perm(UNDO),
        rejected=rejected_lists(details),
        options=[(text, said) for name, text in OPTIONS.items() if (said := option_text(details.get(name)))],
        steps=steps_of(details),
        **_changes(page, number, whole_number(details.get("changed_count"))),
    )


def rejected_lists(details: Mapping[str, Any]) -> list[RejectedList]:
    """Return the lists that are not empty, with the reasons in the language of the page."""
    lists = []
    for name, title in REJECTED.items():
        said = details.get(name)
        offers = [offer for offer in said if isinstance(offer, dict)] if isinstance(said, list) else []
        count = whole_number(details.get("changed_since_count" if name == "kept" else f"{name}_count"))
        if offers:
            shown = [offer | {"reason": reason_text(offer)} for offer in offers]
            lists.append(RejectedList(title, max(count, len(offers)), shown))
    return lists


def steps_of(details: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """Return the names and the seconds of the steps that the session tells."""
    said = details.get("steps")
    return [(text, said[name]) for name, text in STEPS.items() if name in said] if isinstance(said, dict) else []


def _changes(page: PageRequest, number: int, count: int) -> dict[str, Any]:
    """Return what the part about changes shows."""
    product, place = page.asked("product"), max(page.number("page") or 1, 1)
    can_sort = count <= MOST_SORTED
    order = "key" if page.asked("order") == "key" or not can_sort else "size"
    if product:
        changes = changes_of_named(number, product)
    elif order == "key":
        changes = changes_by_key(number, place)
    else:
        place = min(place, MOST_LARGEST // PAGE_SIZE)
        changes = largest_changes(number, place)
    return {
        "changes": changes.rows,
        "asked_product": product,
        "order": order,
        "can_sort": can_sort,
        "first_change": (place - 1) * PAGE_SIZE + 1,
        "last_change": (place - 1) * PAGE_SIZE + len(changes.rows),
        **_neighbours(page, place, changes),
    }


def _neighbours(page: PageRequest, place: int, changes: ChangePage) -> dict[str, str]:
    return {
        "previous_url": page.here_with(page=place - 1) if place > 1 else "",
        "next_url": page.here_with(page=place + 1) if changes.has_next else "",
        "by_size_url": page.here_with(order=None, page=None),
        "by_key_url": page.here_with(order="key", page=None),
        "all_url": page.here_with(product=None, page=None),
    }
