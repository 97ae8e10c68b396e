"""An undo that was asked for on a page becomes a dry run, and then an undo."""

import dataclasses
from typing import Any

from stock_loader.load.undo import undo_load
from stock_loader.load.watchers import LoadWatcher
from stock_loader.outcome import LoadReport
from stock_loader.pages.conf import options_of
from stock_loader.pages.models import StockUndo
from stock_loader.upload.previewed_work import WAIT_SECONDS, PreviewedWorker


class UndoWorker(PreviewedWorker[StockUndo]):
    """Looks at undos and carries them out."""

    model = StockUndo

    def run(self, work: StockUndo, watcher: LoadWatcher, **options: Any) -> LoadReport:
        """Undo.

        Raises:
            StockLoadError: nothing was undone.
        """
        undo = options_of(self.settings.options, work.session)
        wait_seconds = max(undo.wait_seconds, WAIT_SECONDS)
        undo = dataclasses.replace(undo, is_relative=work.is_relative, wait_seconds=wait_seconds, **options)
        return undo_load(undo, watcher=watcher)
