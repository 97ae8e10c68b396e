"""How far a load is, from the process that loads to the requests that ask."""

from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext

from stock_loader.exchange.models import StockImport
from stock_loader.exchange.spool import Spool
from stock_loader.load.progress_note import read_note


def note_path(spool: Spool, wanted: StockImport) -> Path:
    """Return where the note of an import lies."""
    return spool.path(f"import-{wanted.pk}.progress")


def progress_text(spool: Spool, wanted: StockImport) -> str:
    """Return a line for the user of 1C; it changes while the load goes on."""
    seconds = int((timezone.now() - wanted.created_at).total_seconds())
    if wanted.state == StockImport.State.QUEUED:
        return gettext("Waiting for its turn, %(seconds)s s.") % {"seconds": seconds}
    note = read_note(note_path(spool, wanted))
    if note is None:
        return gettext("Loading, %(seconds)s s.") % {"seconds": seconds}
    text = gettext("Offers read: %(offers)s (%(percent)s %%), %(seconds)s s.")
    return text % {"offers": note.offers, "percent": note.percent, "seconds": seconds}
