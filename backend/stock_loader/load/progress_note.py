"""How far a load is, from the process that loads to whoever asks.

A small file, replaced whole: the load's own connection is busy while it reads, and its transaction hides what it
writes.
"""

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

STEP_SECONDS = 0.5
"""Between two notes."""


class Progress(NamedTuple):
    """How far a load has read."""

    offers: int
    """Of an undo, changes."""
    percent: int


class ProgressNote:
    """Where one load is; a note that cannot be written changes nothing."""

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

    def on_changes(self, total: int, compared: int) -> None:
        """Note how many changes of an undo are compared."""
        self._size, self._bytes, self._offers = total, compared, compared
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


def read_note(path: Path) -> Progress | None:
    """Return what the note at `path` says; None where there is none yet."""
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
        return Progress(offers=int(note["offers"]), percent=int(note["percent"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
