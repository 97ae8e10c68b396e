"""The order of a snapshot's documents: by the time when 1C wrote them, so that the younger one counts."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import PurePosixPath

from stock_loader.commerceml.dates import DocumentClock
from stock_loader.commerceml.documents.parser import read_document_date
from stock_loader.commerceml.files.chunks import StockFile
from stock_loader.commerceml.files.names import natural_order


def in_order_of_dates(files: Sequence[StockFile], clock: DocumentClock) -> list[StockFile]:
    """Return the documents as their dates have it, then their names in natural order, then as they were given.

    Of each the head is read and no more. A document without a date, or with one that is not believed, keeps its place.

    Raises:
        DocumentError: one of them cannot be read, or is no stock file.
    """
    times = [clock.believed(_date_of(file)) for file in files]
    dated = [
        (time, natural_order(_last_name(file)), n)
        for n, (file, time) in enumerate(zip(files, times, strict=True))
        if time
    ]
    following = iter([number for _, _, number in sorted(dated)])
    return [files[next(following)] if time else file for file, time in zip(files, times, strict=True)]


def _date_of(file: StockFile) -> str:
    with closing(file.chunks()) as chunks:
        return read_document_date(chunks, name=file.name)


def _last_name(file: StockFile) -> str:
    return PurePosixPath(file.name.rpartition("!")[2]).name
