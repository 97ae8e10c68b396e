"""One import becomes one load: what the loader is to read, with which options, and what 1C is told of it."""

import dataclasses
import zipfile
from collections.abc import Sequence

from django.utils.translation import gettext

from stock_loader.errors import StockLoadError
from stock_loader.exchange.arguments import options_of
from stock_loader.exchange.conf import ExchangeSettings
from stock_loader.exchange.contents import is_rests, stock_paths
from stock_loader.exchange.finding import member_named
from stock_loader.exchange.models import ReceivedFile, StockImport
from stock_loader.exchange.progress import note_path
from stock_loader.exchange.protocol import is_picture
from stock_loader.exchange.spool import Spool
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.load.progress_note import ProgressNote
from stock_loader.load.watchers import LoadWatcher

WAIT_SECONDS = 600
"""For another load (cron's, say) to end."""


def load(wanted: StockImport, files: list[ReceivedFile], settings: ExchangeSettings, spool: Spool) -> int | None:
    """Load the stock files among `files`; return the number of the load's session, None where there are none."""
    if not any(not wanted.source or file.stored_as == wanted.source for file in files):
        raise StockLoadError("%(name)s is no longer there as it was received; send it again.", name=wanted.name)
    stock_files = []
    for file in files:
        member = wanted.member if file.stored_as == wanted.source else ""
        path = _path(member, file, spool)
        found = [] if is_picture(member or file.key) else stock_paths(path, name=file.name, member=member)
        if found:
            stock_files += found
        elif take := settings.take_other_file():
            take(spool.path(file.stored_as), member or file.name, wanted.session.user_name)
    if not stock_files:
        return None
    options = _options(wanted, stock_files, settings)
    if not any(is_rests(wanted.member or file.name) for file in files):  # an offers.xml may hold prices alone
        options = dataclasses.replace(options, may_lack_stock=True)
    size = sum(spool.path(file.stored_as).stat().st_size for file in files)
    note = ProgressNote(note_path(spool, wanted), size=size)
    watcher = LoadWatcher(on_read=note.on_read, on_offers=note.on_offers, on_reading_again=note.on_reading_again)
    try:
        return load_stocks(options, watcher=watcher).session_id
    finally:
        note.remove()


def _path(wanted_member: str, file: ReceivedFile, spool: Spool) -> str:
    """Return what the loader is to read: the file, or `archive!member`.

    Raises:
        StockLoadError: the file is gone or shorter than what was received, or has no such member.
    """
    path = spool.path(file.stored_as)
    if not file.stored_as or not path.is_file() or path.stat().st_size != file.size:
        raise StockLoadError("%(name)s is no longer there as it was received; send it again.", name=file.name)
    if not wanted_member:
        return str(path)
    try:
        with zipfile.ZipFile(path) as archive:
            member = member_named(archive, wanted_member)
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise StockLoadError("%(name)s is no readable zip archive; send it again.", name=file.name) from error
    if member is None:
        raise StockLoadError(
            "there is no %(member)s in %(name)s; send both again.", member=wanted_member, name=file.name
        )
    return f"{path}!{member}"


def _options(wanted: StockImport, paths: Sequence[str], settings: ExchangeSettings) -> LoadOptions:
    """Return the options of the setting for these files; what is missing is set to 0 only after a whole exchange."""
    options = options_of(settings.options, paths)
    if not wanted.may_zero_missing:
        options = dataclasses.replace(options, rules=dataclasses.replace(options.rules, zeroes_missing=False))
    return dataclasses.replace(
        options,
        exports_are_whole=wanted.may_zero_missing,
        skips_loaded=True,
        wait_seconds=max(options.wait_seconds, WAIT_SECONDS),
        dry_run=False,
    )


def told(error: StockLoadError, number: int | None, files: Sequence[ReceivedFile], spool: Spool) -> str:
    """Return what the user of 1C is told: the names that 1C gave, and the number of the load's session."""
    text = error.text(gettext)
    for file in files:
        text = text.replace(str(spool.path(file.stored_as)), file.name)
    if number is None:
        return text
    return gettext("%(error)s (session #%(session)s)") % {"error": text, "session": number}
