"""Which received file a name means, and which member of an archive."""

import zipfile
from collections.abc import Sequence
from contextlib import suppress

from django.utils.translation import gettext

from stock_loader.exchange.conf import ExchangeSettings
from stock_loader.exchange.models import ExchangeSession, ReceivedFile, StockImport
from stock_loader.exchange.protocol import RefusedRequestError, base_name, key_of
from stock_loader.exchange.spool import Spool


def find(session: ExchangeSession, key: str, settings: ExchangeSettings) -> tuple[ReceivedFile, str]:
    """Return the file of this session that the name means, and the member of it where it is an archive.

    Raises:
        RefusedRequestError: there is no name, or nothing was received that it could mean.
    """
    if not key:
        raise RefusedRequestError(gettext("the request names no file (filename)."))
    files = list(ReceivedFile.objects.filter(session=session).order_by("-pk"))
    for file in files:
        if file.key == key:
            return file, ""
    named = [file for file in files if base_name(file.key) == base_name(key)]
    if len(named) == 1:
        return named[0], ""
    archives = [file for file in files if file.key.endswith(".zip")]
    if archives:
        return _archive_of(archives, key, Spool(settings.spool)), key
    raise RefusedRequestError(
        gettext("the file %(name)s was not received in this session; send it again.") % {"name": key}
    )


def _archive_of(archives: Sequence[ReceivedFile], key: str, spool: Spool) -> ReceivedFile:
    """Return the newest archive that has the member; else the one it was asked of before, or the newest of all."""
    for file in archives:
        unreadable = suppress(OSError, zipfile.BadZipFile, NotImplementedError, ValueError)
        with unreadable, zipfile.ZipFile(spool.path(file.own_name)) as archive:
            if member_named(archive, key) is not None:
                return file
    asked = StockImport.objects.filter(session=archives[0].session, key=key).values_list("source", flat=True)
    return next((file for file in archives if file.own_name in set(asked)), archives[0])


def member_named(archive: zipfile.ZipFile, key: str) -> str | None:
    """Return the name in the archive that the key means: the whole name, else the only one that ends like it."""
    names = {key_of(info.filename): info.filename for info in archive.infolist() if not info.is_dir()}
    if key in names:
        return names[key]
    alike = [name for found, name in names.items() if base_name(found) == base_name(key)]
    return alike[0] if len(alike) == 1 else None
