"""The last load as a file for Prometheus, in the text format that node_exporter's textfile collector reads.

prometheus_client is imported when a file is written: a load without one does not pay for it (0.1 s).
"""

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from django.utils import timezone

from stock_loader.commerceml.dates import DocumentClock
from stock_loader.outcome import LoadDetails, LoadReport, Status
from stock_loader.reports.replaced_file import ReplacedFile

PREFIX = "stock_load_"
LAST_SUCCESS = f"{PREFIX}last_success_timestamp_seconds"
DOCUMENT = f"{PREFIX}document_timestamp_seconds"
OUTLIVING = frozenset({LAST_SUCCESS, DOCUMENT})
"""What a failed load repeats."""

STATUSES = (Status.COMPLETED, Status.FAILED)
"""How a load ends; a refused one has failed."""

FILE_MODE = 0o644
"""node_exporter runs as another user."""

MAX_PREVIOUS_BYTES = 1 << 20
"""As much of the previous file is read; what is written has 4 KB."""


@dataclass(frozen=True, kw_only=True)
class _Gauge:
    name: str
    help: str
    value: float


def write_metrics(path: str | Path, report: LoadReport | None, *, exit_code: int | None = None) -> None:
    """Replace the file at `path` by the metrics of the load that has just ended; readers never see half a file.

    `report` is that of the completed, failed or refused load, None where no session could be recorded: an attempt that
    failed, with counts of 0. A real load that completed is a success; a dry run is not, nor is an undo. Any other load
    repeats the last success and its document's date out of the file that it replaces, 0 where there is none.
    `exit_code` is what the command is about to exit with; it tells a refused load (3, 75) from a failed one.

    Raises:
        OSError: the folder is missing, full or not writable. The load has ended all the same: warn, and keep its exit
            code.
    """
    from prometheus_client import CollectorRegistry, Gauge, generate_latest  # noqa: PLC0415  # see above

    target = Path(path)
    registry = CollectorRegistry()
    for gauge in _gauges(report, exit_code=exit_code, previous=_previous_moments(target)):
        Gauge(gauge.name, gauge.help, registry=registry).set(gauge.value)
    ended = report.status if report else Status.FAILED
    by_status = Gauge(f"{PREFIX}status", "How the last load ended: 1 for its status.", ["status"], registry=registry)
    for status in STATUSES:
        by_status.labels(status).set(status == ended)
    steps = Gauge(f"{PREFIX}step_seconds", "How long each step of the last load took.", ["step"], registry=registry)
    for step, seconds in (report.details.steps if report else {}).items():
        steps.labels(step).set(seconds)
    with ReplacedFile(target, mode=FILE_MODE) as file:  # node_exporter reads `*.prom`, not the temporary name
        file.stream.write(generate_latest(registry))
        file.publish()


def _gauges(report: LoadReport | None, *, exit_code: int | None, previous: Mapping[str, float]) -> Iterator[_Gauge]:
    details = report.details if report else LoadDetails(file="", strategy="", dry_run=False)
    now = time.time()
    last_success, document = min(previous.get(LAST_SUCCESS, 0.0), now), previous.get(DOCUMENT, 0.0)
    was_without_stock = details.skipped and details.total_records > 0
    is_real = not details.dry_run and not was_without_stock and not details.undoes
    if report and report.status is Status.COMPLETED and is_real:
        last_success, document = now, _moment(details.document_date, now=now) or document
    attempt = f"{PREFIX}last_attempt_timestamp_seconds"
    yield _Gauge(name=attempt, help="When the last load ended, whatever came of it.", value=now)
    success_help = "When stocks were last loaded (not by a dry run); 0 where that is unknown."
    yield _Gauge(name=LAST_SUCCESS, help=success_help, value=last_success)
    document_help = "When 1C wrote what was last loaded; 0 where that is unknown."
    yield _Gauge(name=DOCUMENT, help=document_help, value=document)
    duration_help = "How long the last load took."
    yield _Gauge(name=f"{PREFIX}duration_seconds", help=duration_help, value=details.duration_seconds)
    yield _Gauge(name=f"{PREFIX}dry_run", help="1 when the last load was a dry run.", value=details.dry_run)
    yield _Gauge(name=f"{PREFIX}undo", help="1 when the last load was an undo.", value=details.undoes > 0)
    skipped_help = "1 when the last load found its files loaded already."
    yield _Gauge(name=f"{PREFIX}skipped", help=skipped_help, value=details.skipped)
    if exit_code is not None:
        yield _Gauge(name=f"{PREFIX}exit_code", help="What the last load exited with.", value=exit_code)
    warnings_help = "Warnings of the last load; its session says them."
    yield _Gauge(name=f"{PREFIX}warnings", help=warnings_help, value=len(details.warnings))
    for name in _count_names():
        count_help = f"{name} of the last load; its session keeps the same."
        yield _Gauge(name=PREFIX + name.removesuffix("_count"), help=count_help, value=getattr(details, name))


def _count_names() -> list[str]:
    return [field.name for field in fields(LoadDetails) if field.type is int and field.name != "undoes"]


def _moment(document_date: str, *, now: float) -> float:
    """Return the document's date as a Unix time, 0 where there is none that is believed."""
    believed = DocumentClock(datetime.fromtimestamp(now, UTC), timezone.get_default_timezone()).believed(document_date)
    return believed.timestamp() if believed else 0.0


def _previous_moments(path: Path) -> dict[str, float]:
    """Return the two moments that outlive a failure; without those that the file does not tell or tells broken."""
    if not path.is_file():
        return {}
    try:
        with path.open("rb") as file:
            text = file.read(MAX_PREVIOUS_BYTES).decode(errors="replace")
    except OSError:
        return {}
    pairs = (line.partition(" ") for line in text.splitlines())
    return {name: moment for name, _, value in pairs if name in OUTLIVING and (moment := _positive(value))}


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return 0.0
    return number if 0 < number < math.inf else 0.0
