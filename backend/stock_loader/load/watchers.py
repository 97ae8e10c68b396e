"""Who is told while a load runs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from stock_loader.commerceml.files.chunks import StockFile
from stock_loader.errors import StockLoadError
from stock_loader.log import logger


def _ignore(*_: object) -> None:
    """Do nothing."""


@dataclass(frozen=True, kw_only=True)
class LoadWatcher:
    """Functions that are called while a load runs. One that raises is logged and not called again; the load goes on."""

    on_session: Callable[[int], object] = _ignore
    """Called with the session's number when it is recorded."""
    on_read: Callable[[int], object] = _ignore
    """Called with the number of bytes of each read."""
    on_files: Callable[[Sequence[StockFile]], object] = _ignore
    """Called with the documents before they are read."""
    on_offers: Callable[[int], object] = _ignore
    """Called with the number of offers read so far."""
    on_reading_again: Callable[[], object] = _ignore
    """Called when the file is read once more from the start."""
    on_changes: Callable[[int, int], object] = _ignore
    """Called by an undo with the number of changes to compare, and of those that are compared."""
    on_objections: Callable[[Sequence[StockLoadError]], object] = _ignore
    """Called by a forced dry run with everything that would refuse the load if it were not forced."""


NOBODY = LoadWatcher()


def undisturbing(watcher: LoadWatcher) -> LoadWatcher:
    """Return a watcher that is told the same and never raises."""
    return LoadWatcher(**{field.name: _Undisturbing(getattr(watcher, field.name)) for field in fields(watcher)})


class _Undisturbing:
    """A function that is called until it raises."""

    def __init__(self, function: Callable[..., object]) -> None:
        self._function = function

    def __call__(self, *arguments: Any) -> None:
        try:
            self._function(*arguments)
        except Exception:  # noqa: BLE001  # whatever a watcher raises
            logger.warning("the watcher %r failed and is told no more", self._function, exc_info=True)
            self._function = _ignore
