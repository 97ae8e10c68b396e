"""The progress bar of a load, on stderr."""

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from django.utils.translation import gettext

from stock_loader.commerceml.files.chunks import StockFile
from stock_loader.console.output import QuietStream
from stock_loader.load.watchers import LoadWatcher

BAR_FORMAT = "{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}{postfix}]"

NOT_AT_ONCE_SECONDS = 1e-9
"""The bar waits for the files to read: shown before, the first line of the command would stand beside it."""


class ProgressBar:
    """Shows how much of the files is read, offers per second and the time left, by bytes; of an undo, by changes."""

    def __init__(self) -> None:
        from tqdm import tqdm  # noqa: PLC0415  # costs 20 ms that cron need not pay

        self._bar = tqdm(
            file=QuietStream(sys.stderr),
            unit="B",
            unit_scale=True,
            leave=False,
            dynamic_ncols=True,
            bar_format=BAR_FORMAT,
            delay=NOT_AT_ONCE_SECONDS,
        )

    def __enter__(self) -> Self:
        """Return the bar."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Remove the bar from the terminal."""
        with suppress(Exception):  # the load has ended, whatever becomes of the bar
            self._bar.close()

    def watcher(self, *, on_session: Callable[[int], object]) -> LoadWatcher:
        """Return who is told of a load: `on_session`, and of everything else this bar."""
        return LoadWatcher(
            on_session=on_session,
            on_files=self.expect,
            on_read=self.advance,
            on_offers=self.show_offers,
            on_reading_again=self.start_again,
            on_changes=self.show_changes,
        )

    def expect(self, files: Sequence[StockFile]) -> None:
        """Take note of the sizes of the files to read."""
        self._bar.reset(total=sum(file.size for file in files) or None)

    def show_offers(self, count: int) -> None:
        """Show the mean number of offers per second after `count` offers."""
        seconds = self._bar.format_dict["elapsed"]
        if seconds:
            rate = f"{count / seconds:,.0f}".replace(",", " ")
            self._bar.set_postfix_str(gettext("%(rate)s offers/s") % {"rate": rate}, refresh=False)

    def advance(self, size: int) -> None:
        """Show `size` more bytes."""
        self._bar.update(size)

    def show_changes(self, total: int, compared: int) -> None:
        """Show how many changes of an undo are compared."""
        self._bar.total = total
        self._bar.update(compared - self._bar.n)

    def start_again(self) -> None:
        """Show that the file is read from its start again."""
        self._bar.reset()
