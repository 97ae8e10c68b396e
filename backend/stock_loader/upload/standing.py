"""How work that is asked for on a page stands: how far it is, and what keeps it from going on."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext

from stock_loader.exchange.protocol import RefusedRequestError
from stock_loader.exchange.spool import Spool
from stock_loader.exchange.worker_process import start_worker, worker_lock
from stock_loader.load.progress_note import read_note
from stock_loader.upload.abstract import MAX_USER_LENGTH, PreviewedWork, State
from stock_loader.upload.conf import WorkSettings
from stock_loader.upload.previewed_work import PROGRESS

REFRESH_SECONDS = 2
PATIENCE = timedelta(seconds=30)
"""Within which the process at work has to be there."""


def progress(work: PreviewedWork, settings: WorkSettings, text: str) -> dict[str, Any] | None:
    """Return how far it is, None where it is at rest; `text` says it with `offers` and `percent`. One file is read."""
    if work.state not in work.UNFINISHED:
        return None
    note = read_note(Path(settings.folder) / work.folder / PROGRESS)
    if note is None:
        return {"text": state_text(work), "percent": None}
    return {"text": text % {"offers": localize(note.offers), "percent": note.percent}, "percent": note.percent}


def state_text(work: PreviewedWork) -> str:
    """Return the state in words."""
    choices: Any = work._meta.get_field("state").choices
    return str(dict(choices).get(work.state, work.state))


def problem(work: PreviewedWork, settings: WorkSettings, *, command: str) -> str:
    """Return why it does not go on, or what it ended with; empty where all is well."""
    if work.state not in work.WAITING or timezone.now() - work.changed_at < PATIENCE:
        return work.result
    try:
        with worker_lock(Spool(settings.folder)) as is_dead:
            pass
    except RefusedRequestError as error:
        return str(error)
    text = gettext("The process that loads is not running (%(command)s).")
    return text % {"command": command} if is_dead else work.result


def ensure_worker(request: HttpRequest, settings: WorkSettings, command: str) -> None:
    """Start the process unless one is alive or a service is to run it; say if that fails."""
    try:
        if settings.start_worker:
            start_worker(Spool(settings.folder), command, python=settings.python)
    except RefusedRequestError as error:
        messages.error(request, str(error))


def name_of(request: HttpRequest) -> str:
    """Return the name of the user, as it is kept."""
    return str(request.user.get_username())[:MAX_USER_LENGTH]


def confirm(request: HttpRequest, work: PreviewedWork, *, may_force: bool) -> None:
    """Have it done as the preview shows that the user saw, or say why not.

    Raises:
        PermissionDenied: it is to be done in spite of the limits, by a user who may not.
    """
    is_forced = bool(request.POST.get("force"))
    if is_forced and not may_force:
        raise PermissionDenied
    is_what_was_seen = request.POST.get("preview") == str(work.preview_session)
    if is_what_was_seen and work.preview.get("objections") and not is_forced:
        messages.error(request, gettext("The limits refuse this."))
        return
    confirmed = {"is_forced": is_forced, "loaded_by": name_of(request), "result": ""}
    if not is_what_was_seen or not work.move(State.PREVIEWED, state=State.TO_LOAD, **confirmed):
        messages.error(request, gettext("This is no longer what you saw; look again."))
