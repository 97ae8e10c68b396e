"""What a load or undo would do, and whether that is still what a preview showed."""

import heapq
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from hashlib import blake2b
from pathlib import Path
from typing import Any

from django.utils.translation import gettext

from stock_loader.errors import Message, StockLoadError
from stock_loader.load.guards import Limit
from stock_loader.load.options import Approve
from stock_loader.outcome import LoadDetails, LoadReport, ProductChange
from stock_loader.reports.tables import as_object

SHOWN = 20
"""Changes and offers that a preview lists."""

COMPARED = ("product", "old", "new")

Row = dict[str, Any]
"""A change as the file of changes has it: a value for each of `CHANGE_COLUMNS`."""


class PreviewOutdatedError(StockLoadError):
    """The load would do something else than its preview showed."""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a load would do."""

    details: dict[str, Any]
    """`LoadDetails` of the dry run."""
    largest: list[Row]
    """The largest changes, the largest first."""
    objections: list[str]
    """What refuses the load unless it is forced."""

    def of_load(self) -> LoadDetails:
        """Return the details of the dry run; of another version of the loader what both know."""
        known = {field.name for field in fields(LoadDetails)}
        return LoadDetails(**{name: value for name, value in self.details.items() if name in known})


def preview_of(report: LoadReport, changes: Path, objections: Sequence[StockLoadError]) -> Preview:
    """Return what a dry run found; `changes` is the file of its changes."""
    return Preview(
        details=asdict(report.details),
        largest=heapq.nlargest(SHOWN, changes_in(changes), key=_size),
        objections=[_reason(objection) for objection in objections],
    )


def changes_in(path: Path) -> Iterator[Row]:
    """Yield the changes of a file of JSON Lines."""
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def refuse_other_changes(shown: Path, *, limit: Limit | None) -> Approve | None:
    """Return what refuses changes that are not those in the file `shown`; None without a limit.

    A product whose change is not shown, or shown with another old or new quantity, differs; so does one whose change is
    shown and not made. The greater number of both is held against the limit.

    Raises:
        PreviewOutdatedError: the file is gone.
    """
    if limit is None:
        return None
    try:
        expected = {_digest(row) for row in changes_in(shown)}  # before any row is locked
    except FileNotFoundError as error:
        raise PreviewOutdatedError("what the preview showed is no longer kept. Nothing was written.") from error

    def approve(changes: Iterable[ProductChange]) -> None:
        """Compare.

        Raises:
            PreviewOutdatedError: too many differ.
        """
        left, others = set(expected), 0
        for change in changes:
            digest = _digest(as_object(COMPARED, (change.product, change.old, change.new)))
            if digest in left:
                left.remove(digest)
            else:
                others += 1
        differing = max(others, len(left))
        if limit.is_tripped(differing, lambda: len(expected)):
            raise PreviewOutdatedError(
                "the stock has changed since the preview: changes that would be others than it shows: %(count)s, the "
                "limit is %(limit)s (MAX_DRIFT). Nothing was written.",
                count=differing,
                limit=limit.text(),
            )

    return approve


def _digest(row: Row) -> bytes:
    return blake2b(f"{row['product']}\t{row['old']}\t{row['new']}".encode(), digest_size=8).digest()


def _size(row: Row) -> Decimal:
    return abs(Decimal(row["new"] or 0) - Decimal(row["old"] or 0))


def _reason(objection: StockLoadError) -> str:
    """Return why a load is refused; of a limit the limit alone, for what to do about it says the page."""
    what = objection.parameters.get("what")
    return what.text(gettext) if isinstance(what, Message) else objection.text(gettext)
