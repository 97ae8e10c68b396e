"""What a load changes and what it does not apply, written down where the operator asked for it."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from itertools import chain, islice
from types import TracebackType
from typing import TYPE_CHECKING, Self

from django.utils.translation import gettext

from stock_loader.reports.tables import CHANGE_COLUMNS, REJECTED_COLUMNS, ReportFile
from stock_loader.strategies import Strategy
from stock_loader.strategies.undo import Undo

if TYPE_CHECKING:
    from stock_loader.outcome import ProductChange


class Listings:
    """The two files of a load, and of a dry run the first changes; a context manager that removes what is unfinished.

    Raises:
        LoadRefusedError: a name that does not say of which kind it is.
        StockLoadError: a file cannot be written. Both are opened on entering: a missing folder is told at once.
    """

    def __init__(self, *, changes: str, rejected: str, shown: int) -> None:
        self.first_changes: tuple[ProductChange, ...] = ()
        self._shown = shown
        self._changes_path = changes
        self._rejected_path = rejected
        self._files = ExitStack()
        self._changes: ReportFile | None = None
        self._rejected: ReportFile | None = None

    def __enter__(self) -> Self:
        """Open the files; return the listings."""
        with ExitStack() as stack:
            self._changes = _opened(self._changes_path, CHANGE_COLUMNS, stack)
            self._rejected = _opened(self._rejected_path, REJECTED_COLUMNS, stack)
            self._files = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Remove what was not published."""
        self._files.close()

    def write_rejected(self, strategy: Strategy | Undo, file_of: Callable[[int], str]) -> None:
        """Write and publish what was not applied; `file_of` names the file of an offer by its number."""
        if self._rejected is None:
            return
        with closing(strategy.rejected()) as offers:
            self._rejected.write((file_of(offer.number), *offer[1:], offer.code.text(gettext)) for offer in offers)
        self._rejected.publish()

    @property
    def has_changes(self) -> bool:
        """Tell whether anybody wants to see what changes."""
        return self._changes is not None or self._shown > 0

    def write_changes(self, strategy: Strategy | Undo) -> None:
        """Write what changes; keep the first changes of a dry run."""
        if not self.has_changes:
            return
        with closing(strategy.changes()) as changes:
            self.first_changes = tuple(islice(changes, self._shown))
            if self._changes is not None:
                self._changes.write(chain(self.first_changes, changes))

    def publish_changes(self) -> None:
        """Give the file of the changes its name."""
        if self._changes is not None:
            self._changes.publish()


def _opened(path: str, columns: tuple[str, ...], stack: ExitStack) -> ReportFile | None:
    return stack.enter_context(ReportFile(path, columns)) if path else None
