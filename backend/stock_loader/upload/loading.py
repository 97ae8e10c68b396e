"""An upload becomes a dry run, and then a load: the same files, the same options."""

import dataclasses
from functools import partial
from pathlib import Path
from typing import Any

from django.utils.translation import gettext

from stock_loader.errors import StockLoadError
from stock_loader.exchange.arguments import options_of
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.load.progress_note import ProgressNote
from stock_loader.load.watchers import LoadWatcher
from stock_loader.outcome import LoadReport
from stock_loader.upload.conf import UploadSettings
from stock_loader.upload.models import Upload
from stock_loader.upload.previews import Preview, preview_of, refuse_other_changes
from stock_loader.upload.receiving import is_as_received

WAIT_SECONDS = 600
"""For another load (cron's, say) to end."""
CHANGES = ".changes.jsonl"
PROGRESS = ".progress"
"""No uploaded file gets a name that begins with a dot."""


def folder_of(upload: Upload, settings: UploadSettings) -> Path:
    """Return the folder of the upload."""
    return Path(settings.folder) / upload.folder


def preview(upload: Upload, settings: UploadSettings) -> tuple[int, Preview]:
    """Find out what the files would do; return the number of the dry run's session, too.

    Raises:
        StockLoadError: they cannot be loaded at all.
    """
    folder = folder_of(upload, settings)
    objections: list[StockLoadError] = []
    options = dataclasses.replace(
        _options(upload, settings),
        dry_run=True,
        is_forced=True,
        changes_file=str(folder / CHANGES),
        asked_by=upload.user_name,
    )
    (folder / CHANGES).unlink(missing_ok=True)
    report = _loaded(options, upload, settings, on_objections=objections.extend)
    if not (folder / CHANGES).exists():  # skipped: nothing in it is stock
        (folder / CHANGES).touch(mode=0o600)
    return report.session_id, preview_of(report, folder / CHANGES, objections)


def load(upload: Upload, settings: UploadSettings) -> LoadReport:
    """Load the files, if that still does what the preview showed.

    Raises:
        PreviewOutdatedError: it would do something else; nothing was loaded.
        StockLoadError: nothing was loaded.
    """
    options = dataclasses.replace(
        _options(upload, settings),
        dry_run=False,
        is_forced=upload.is_forced,
        approve=refuse_other_changes(folder_of(upload, settings) / CHANGES, limit=settings.drift),
        asked_by=upload.loaded_by,
    )
    on_session = partial(_note_session, upload)
    return _loaded(options, upload, settings, on_session=on_session)


def told(error: StockLoadError, upload: Upload, settings: UploadSettings) -> str:
    """Return what the error says, with the names that the files had where they came from."""
    text = error.text(gettext)
    for path, file in zip(upload.paths(Path(settings.folder)), upload.files, strict=True):
        text = text.replace(str(path), str(file["shown"]))
    return text


def _options(upload: Upload, settings: UploadSettings) -> LoadOptions:
    options = options_of(upload.options, upload.paths(Path(settings.folder)))
    return dataclasses.replace(options, wait_seconds=max(options.wait_seconds, WAIT_SECONDS), skips_loaded=False)


def _loaded(options: LoadOptions, upload: Upload, settings: UploadSettings, **watched: Any) -> LoadReport:
    """Load, with a note of how far it is.

    Raises:
        StockLoadError: also where the files are not what was received.
    """
    for path, file in zip(upload.paths(Path(settings.folder)), upload.files, strict=True):
        if not is_as_received(path, file):
            raise StockLoadError("%(name)s is no longer there as it was received; send it again.", name=file["shown"])
    note = ProgressNote(folder_of(upload, settings) / PROGRESS, size=upload.size)
    watcher = LoadWatcher(
        on_read=note.on_read, on_offers=note.on_offers, on_reading_again=note.on_reading_again, **watched
    )
    try:
        return load_stocks(options, watcher=watcher)
    finally:
        note.remove()


def _note_session(upload: Upload, number: int) -> None:
    upload.move(Upload.State.LOADING, load_session=number)
