"""How far a load is, from the process that loads to the requests that ask.

A small file in the spool, replaced whole: the load's own connection is busy while it reads, and its transaction hides
what it writes.
"""

import json
import time
from contextlib import suppress
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext

from stock_loader.exchange.models import StockImport
from stock_loader.exchange.spool import Spool

STEP_SECONDS = 0.5
"""Between two notes."""


class ProgressNote:
    """Where the load of one import is; a note that cannot be written changes nothing."""

    def __init__(self, path: Path, *, size: int) -> None:
        self._path = path
        self._size = size
        self._bytes = 0
        self._offers = 0
        self._written_at = 0.0

    def on_read(self, size: int) -> None:
        """Note that so many bytes more were read."""
        self._bytes += size
        self._write()

    def on_offers(self, offers: int) -> None:
        """Note how many offers were read."""
        self._offers = offers
        self._write()

    def on_reading_again(self) -> None:
        """Note that reading begins anew."""
        self._bytes = 0

    def remove(self) -> None:
        """Remove the note."""
        with suppress(OSError):
            self._path.unlink()

    def _write(self) -> None:
        now = time.monotonic()
        if now - self._written_at < STEP_SECONDS:
            return
        self._written_at = now
        percent = min(99, self._bytes * 100 // self._size) if self._size else 0
        temporary = self._path.with_suffix(".tmp")
        with suppress(OSError):
            temporary.write_text(json.dumps({"offers": self._offers, "percent": percent}), encoding="utf-8")
            temporary.replace(self._path)


def note_path(spool: Spool, wanted: StockImport) -> Path:
    """Return where the note of an import lies."""
    return spool.path(f"import-{wanted.pk}.progress")


def progress_text(spool: Spool, wanted: StockImport) -> str:
    """Return a line for the user of 1C; it changes while the load goes on."""
    seconds = int((timezone.now() - wanted.created_at).total_seconds())
    if wanted.state == StockImport.State.QUEUED:
        return gettext("Waiting for its turn, %(seconds)s s.") % {"seconds": seconds}
    try:
        note = json.loads(note_path(spool, wanted).read_text(encoding="utf-8"))
        offers, percent = int(note["offers"]), int(note["percent"])
    except (OSError, ValueError, KeyError, TypeError):
        return gettext("Loading, %(seconds)s s.") % {"seconds": seconds}
    text = gettext("Offers read: %(offers)s (%(percent)s %%), %(seconds)s s.")
    return text % {"offers": offers, "percent": percent, "seconds": seconds}
