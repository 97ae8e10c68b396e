"""An upload becomes a dry run, and then a load: the same files, the same options."""

import dataclasses
from pathlib import Path
from typing import Any

from stock_loader.errors import StockLoadError
from stock_loader.exchange.arguments import options_of
from stock_loader.load.loader import load_stocks
from stock_loader.load.watchers import LoadWatcher
from stock_loader.outcome import LoadReport
from stock_loader.upload.models import Upload
from stock_loader.upload.previewed_work import WAIT_SECONDS, PreviewedWorker
from stock_loader.upload.receiving import is_as_received


class UploadWorker(PreviewedWorker[Upload]):
    """Looks at uploads and loads them."""

    model = Upload

    def run(self, work: Upload, watcher: LoadWatcher, **options: Any) -> LoadReport:
        """Load the files.

        Raises:
            StockLoadError: also where they are not what was received.
        """
        paths = self._paths(work)
        for path, file in zip(paths, work.files, strict=True):
            if not is_as_received(path, file):
                raise StockLoadError(
                    "%(name)s is no longer there as it was received; send it again.", name=file["shown"]
                )
        load = options_of(work.options, paths)
        wait_seconds = max(load.wait_seconds, WAIT_SECONDS)
        load = dataclasses.replace(load, wait_seconds=wait_seconds, skips_loaded=False, **options)
        return load_stocks(load, watcher=watcher)

    def size(self, work: Upload) -> int:
        """Return how many bytes the files have."""
        return work.size

    def told(self, error: StockLoadError, work: Upload) -> str:
        """Return what the error says, with the names that the files had where they came from."""
        text = super().told(error, work)
        for path, file in zip(self._paths(work), work.files, strict=True):
            text = text.replace(str(path), str(file["shown"]))
        return text

    def _paths(self, work: Upload) -> list[Path]:
        return work.paths(Path(self.settings.folder))
