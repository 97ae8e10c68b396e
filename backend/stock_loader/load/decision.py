"""Between reading and writing: what the operator would not want is refused; nothing is written yet."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from functools import partial

from stock_loader.commerceml.dates import DocumentClock
from stock_loader.commerceml.snapshot_reader import SnapshotReader
from stock_loader.database.shop import mapping
from stock_loader.errors import StockLoadError
from stock_loader.journal import sessions as import_log
from stock_loader.load.guards import (
    check_guards,
    refuse_older,
    refuse_only_changes,
    refuse_several_exports,
    refuse_unmatched,
)
from stock_loader.load.options import LoadOptions
from stock_loader.outcome import Findings
from stock_loader.settings import setting


def tolerance() -> timedelta:
    """Return by how much documents of one export may differ."""
    return timedelta(seconds=setting("OLDER_TOLERANCE_SECONDS"))


def decide(options: LoadOptions, findings: Findings, reader: SnapshotReader, clock: DocumentClock) -> None:
    """Let a load pass, or refuse it.

    Raises:
        RefusedByGuardError: a limit is tripped, or what is missing cannot be known from these documents.
        OlderFileError: something younger was loaded already.
    """
    zeroes_missing = options.rules.zeroes_missing and findings.total
    if zeroes_missing and not options.exports_are_whole:
        refuse_only_changes(reader.documents)
    if not options.is_forced:
        for check in _checks(options, findings, reader, clock):
            check()


def objections(
    options: LoadOptions, findings: Findings, reader: SnapshotReader, clock: DocumentClock
) -> list[StockLoadError]:
    """Return everything that refuses the load unless it is forced, in the order in which it is checked."""
    return refusals(_checks(options, findings, reader, clock))


def refusals(checks: Iterable[Callable[[], None]]) -> list[StockLoadError]:
    """Return what these checks raise."""
    found = []
    for check in checks:
        try:
            check()
        except StockLoadError as error:
            found.append(error)
    return found


def _checks(
    options: LoadOptions, findings: Findings, reader: SnapshotReader, clock: DocumentClock
) -> Iterator[Callable[[], None]]:
    """Yield what lets a load pass or raises; all of it is for a forced load to pass over."""
    if options.rules.zeroes_missing and findings.total:
        yield partial(refuse_several_exports, reader.dates, tolerance=tolerance())
        yield partial(refuse_unmatched, findings)
    yield partial(
        refuse_older,
        reader.document_date,
        last=import_log.last_document_date(zone=clock.zone),
        tolerance=tolerance(),
        clock=clock,
    )
    wholes = {"in_stock": mapping().in_stock().count, "products": mapping().rows().count}
    for guards in options.guards.one_by_one():
        yield partial(check_guards, guards, findings, **wholes)
