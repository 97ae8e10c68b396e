"""An undo with a preview: what it would do, how far it is, and what became of it."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext

from stock_loader.outcome import StockChange
from stock_loader.pages.conf import undo_settings
from stock_loader.pages.counts import parts_of, whole_number
from stock_loader.pages.models import FORCE, UNDO, StockUndo
from stock_loader.pages.page import PageRequest
from stock_loader.pages.products import of_path
from stock_loader.pages.session_changes import named
from stock_loader.pages.sessions import stock_sessions
from stock_loader.pages.undo_worker import UndoWorker
from stock_loader.pages.views.session import rejected_lists
from stock_loader.upload.abstract import State
from stock_loader.upload.previewed_work import preview_in
from stock_loader.upload.previews import Preview
from stock_loader.upload.standing import (
    REFRESH_SECONDS,
    confirm,
    ensure_worker,
    name_of,
    problem,
    progress,
    state_text,
)

COMMAND = "undo_worker"
LOOKS: dict[str, str] = {
    State.PREVIEWED: "dry_run",
    State.DONE: "completed",
    State.FAILED: "failed",
    State.REMOVED: "skipped",
}
"""The class of the style sheet of each state; all others are `running`."""


def ask(page: PageRequest, number: int) -> HttpResponseBase:
    """Have somebody look what an undo of the session would do; an undo that is at work already is shown instead."""
    if not stock_sessions().filter(pk=number).exists():
        raise Http404
    is_relative = page.request.POST.get("relative") == "1"
    same = StockUndo.objects.filter(session=number, is_relative=is_relative, state__in=StockUndo.UNFINISHED)
    undo = same.first() or StockUndo.objects.create(
        session=number,
        is_relative=is_relative,
        user_name=name_of(page.request),
        language=translation.get_language() or "",
        folder=secrets.token_hex(16),
    )
    return _carry_on(page, undo)


def undo_page(page: PageRequest, number: int) -> HttpResponseBase:
    """Show how an undo stands; while it is not at rest, the page asks anew by itself."""
    undo, settings = get_object_or_404(StockUndo, pk=number), undo_settings()
    is_unfinished = undo.state in StockUndo.UNFINISHED
    if is_unfinished:
        ensure_worker(page.request, settings, COMMAND)
    found = preview_in(undo)
    return page.answer(
        "undo.html",
        title=gettext("Undo of stock load #%(number)s") % {"number": undo.session},
        here="undo",
        undo=undo,
        number=str(undo.session),
        look=LOOKS.get(undo.state, "running"),
        state_text=state_text(undo),
        refresh=REFRESH_SECONDS if is_unfinished else 0,
        progress=progress(undo, settings, gettext("Changes compared: %(offers)s (%(percent)s %%)")),
        problem=problem(undo, settings, command=COMMAND),
        facts=_facts(undo),
        is_previewed=undo.state == State.PREVIEWED,
        is_resting=undo.state in StockUndo.RESTING,
        **_rights(page.request),
        **(_preview(found) if found else {}),
    )


def carry_out(page: PageRequest, number: int) -> HttpResponseBase:
    """Have it undone as the preview shows that the user saw."""
    undo = get_object_or_404(StockUndo, pk=number)
    confirm(page.request, undo, may_force=page.request.user.has_perm(FORCE))
    return _carry_on(page, undo)


def look_again(page: PageRequest, number: int) -> HttpResponseBase:
    """Have somebody look once more."""
    undo = get_object_or_404(StockUndo, pk=number)
    undo.move(*StockUndo.RESTING, state=State.TO_PREVIEW, result="", load_session=None)
    return _carry_on(page, undo)


def give_up(page: PageRequest, number: int) -> HttpResponseBase:
    """Give the undo up; what it would have done stays to be seen."""
    undo = get_object_or_404(StockUndo, pk=number)
    UndoWorker(undo_settings()).remove(undo)
    return HttpResponseRedirect(page.url("session", undo.session))


def _carry_on(page: PageRequest, undo: StockUndo) -> HttpResponseBase:
    ensure_worker(page.request, undo_settings(), COMMAND)
    return HttpResponseRedirect(page.url("undo", undo.pk))


def _rights(request: HttpRequest) -> dict[str, bool]:
    return {"may_undo": request.user.has_perm(UNDO), "may_force": request.user.has_perm(FORCE)}


def _facts(undo: StockUndo) -> list[tuple[str, str, int | None]]:
    """Return a label, a text, and the number of the session that it leads to, of what is to be said."""
    mode = gettext("take the differences back") if undo.is_relative else gettext("put the quantities back")
    at = timezone.localtime(undo.created_at) if timezone.is_aware(undo.created_at) else undo.created_at
    asked = f"{undo.user_name}, {date_format(at, 'SHORT_DATE_FORMAT')} {at:%H:%M}"
    confirmed = undo.loaded_by if undo.state in {State.LOADING, State.DONE} else ""
    rows = [
        (gettext("What to do"), mode, None),
        (gettext("Undoes"), f"#{undo.session}", undo.session),
        (gettext("Asked by"), asked, None),
        (gettext("Confirmed by"), confirmed, None),
        (gettext("Session of the preview"), f"#{undo.preview_session}", undo.preview_session),
        (gettext("Session of the undo"), f"#{undo.load_session}", undo.load_session),
    ]
    return [(label, text, number) for label, text, number in rows if text and text != "#None"]


def _preview(found: Preview) -> dict[str, Any]:
    details = found.details
    return {
        "has_preview": True,
        "objections": found.objections,
        "parts": parts_of(details),
        "total": whole_number(details.get("total_records")),
        "changed": whole_number(details.get("changed_count")),
        "zeroed": whole_number(details.get("zeroed_count")),
        "details": details,
        "changes": named(_change(row) for row in found.largest),
        "rejected": rejected_lists(details),
    }


def _change(row: Mapping[str, Any]) -> StockChange:
    return StockChange(of_path(str(row["product"])), row["old"], row["new"])
