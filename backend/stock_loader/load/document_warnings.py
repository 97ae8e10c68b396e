"""What an operator is told of the documents that were read together, and of those that were not."""

from collections.abc import Iterator
from datetime import timedelta

from stock_loader.commerceml.dates import DocumentClock
from stock_loader.commerceml.files.snapshot import Snapshot
from stock_loader.commerceml.snapshot_reader import SnapshotReader
from stock_loader.errors import DocumentError
from stock_loader.load_warnings import LoadWarning, WarningCode


def date_warnings(reader: SnapshotReader, clock: DocumentClock, *, tolerance: timedelta) -> Iterator[LoadWarning]:
    """Yield what may be wrong: dates ahead of now, none at all, or of exports of different days."""
    if ahead := [document for document in reader.documents if clock.is_ahead(document.date)]:
        yield LoadWarning(
            "%(file)s is dated %(date)s, more than a day ahead of now. The date is not believed and is compared with "
            "none, in %(count)s of %(total)s documents; check the clocks of 1C and of this machine.",
            code=WarningCode.DATE_AHEAD,
            file=ahead[0].name,
            date=ahead[0].date,
            count=len(ahead),
            total=len(reader.documents),
        )
    undated = [document for document in reader.documents if clock.time_of(document.date) is None]
    if undated and reader.has_several_files:
        yield LoadWarning(
            "%(count)s of %(total)s documents have no date (ДатаФормирования), the first of them is %(file)s. They "
            "were read in the order given; where two documents name one product, the later one counts.",
            code=WarningCode.NO_DATE,
            file=undated[0].name,
            count=len(undated),
            total=len(reader.documents),
        )
    if reader.dates.length > tolerance:
        yield LoadWarning(
            "the documents are of several exports, written from %(earliest)s to %(latest)s. Where two of them name one "
            "product, the younger one counts; what only an older one names is the stock of its day. Give only the "
            "files of the newest export.",
            code=WarningCode.SEVERAL_EXPORTS,
            earliest=reader.dates.earliest,
            latest=reader.dates.latest,
        )


def unread_warnings(snapshot: Snapshot) -> Iterator[LoadWarning]:
    """Yield what was passed over: stock files in folders below one that has some itself."""
    if snapshot.unread:
        yield LoadWarning(
            "%(count)s stock files in folders below were not read, like %(file)s: the folder that was named has some "
            "itself. Name the folder that holds the export.",
            code=WarningCode.UNREAD_FILES,
            file=min(snapshot.unread),
            count=len(snapshot.unread),
        )


def arrival_warnings(snapshot: Snapshot, *, zeroes_missing: bool) -> Iterator[LoadWarning]:
    """Yield what to say of stock files that came into a folder after it was listed.

    Raises:
        DocumentError: there are some, and what is missing would be set to 0: it cannot be known without them.
    """
    arrived = snapshot.arrived()
    if not arrived:
        return
    if zeroes_missing:
        error = DocumentError(
            "it came into the folder while others were read, so that the export was not complete, and --missing zero "
            "would set to 0 what it holds. Nothing was loaded; try again."
        )
        raise error.in_file(arrived[0])
    yield LoadWarning(
        "%(file)s came into the folder while others were read and was not read; the next load takes it.",
        code=WarningCode.ARRIVED_LATE,
        file=arrived[0],
    )
