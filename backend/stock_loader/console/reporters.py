"""Who says how a load goes: in lines for people, as JSON for programs, or not at all.

`Reporter` is silent; its children say more. What went wrong is told on stderr too, by the command.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from shutil import get_terminal_size
from typing import Any

from django.core.management.color import Style
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext

from stock_loader.console.summary import change_lines, summary_lines, undo_lines
from stock_loader.errors import StockLoadError
from stock_loader.outcome import LoadReport, Status
from stock_loader.reports.tables import CHANGE_COLUMNS, as_object

Write = Callable[[str], object]
"""Writes one line on stdout."""


class Reporter:
    """Says nothing."""

    def started(self, session_id: int) -> None:
        """Say that the session is recorded."""

    def completed(self, report: LoadReport) -> None:
        """Say what came of a load that was completed."""

    def failed(self, error: StockLoadError) -> None:
        """Say how a load ended that was not."""


class TextReporter(Reporter):
    """Says it in lines of the operator's language."""

    def __init__(self, write: Write, style: Style) -> None:
        self._write = write
        self._style = style

    def started(self, session_id: int) -> None:
        """Say the number of the session, while the load goes on."""
        self._write(gettext("Stock update session #%(session)s started...") % {"session": session_id})

    def completed(self, report: LoadReport) -> None:
        """Say what was done: the changes of a dry run, the counts, the status."""
        if report.details.skipped and report.details.total_records:
            self._write(gettext("The file has no stock data; nothing was done."))
        elif report.details.skipped:
            self._write(gettext("The same content was loaded already; nothing was done."))
        else:
            self._say_counts(report)
        self._say_ended(report)

    def failed(self, error: StockLoadError) -> None:
        """Say what a dry run saw before it was refused, and the status."""
        if error.report:
            self._say_lines(change_lines(error.report.changes))
            self._say_ended(error.report)

    def _say_counts(self, report: LoadReport) -> None:
        if report.details.dry_run:
            text = gettext("Dry run: nothing was written. A load would do this:")
            self._write(self._style.WARNING(text))
            self._say_lines(change_lines(report.changes))
        else:
            self._write(self._style.SUCCESS(gettext("Stock update completed successfully.")))
        self._say_lines(summary_lines(report.details, columns=get_terminal_size().columns))

    def _say_ended(self, report: LoadReport) -> None:
        ended = gettext("Session #%(session)s ended with status '%(status)s'.")
        self._write(ended % {"session": report.session_id, "status": report.status})

    def _say_lines(self, lines: list[str]) -> None:
        for line in lines:
            self._write(line)


class UndoReporter(TextReporter):
    """Says the same of an undo."""

    def started(self, session_id: int) -> None:
        """Say the number of the session of the undo."""
        self._write(gettext("Undo session #%(session)s started...") % {"session": session_id})

    def completed(self, report: LoadReport) -> None:
        """Say what was put back, what stays, and the status."""
        undone = {"session": report.details.undoes}
        if report.details.dry_run:
            text = gettext("Dry run: nothing was written. To undo session #%(session)s would do this:") % undone
            self._write(self._style.WARNING(text))
            self._say_lines(change_lines(report.changes))
        else:
            text = gettext("Session #%(session)s is undone.") % undone
            self._write(self._style.SUCCESS(text))
        self._say_lines(undo_lines(report.details, columns=get_terminal_size().columns))
        self._say_ended(report)


class JsonReporter(Reporter):
    """Says it at the end, as one JSON object in one line."""

    def __init__(self, write: Write) -> None:
        self._write = write

    def completed(self, report: LoadReport) -> None:
        """Write the report."""
        self._write_object(_as_object(report))

    def failed(self, error: StockLoadError) -> None:
        """Write the report of the failed session, without number and details where none could be recorded."""
        nothing: dict[str, Any] = {"session_id": None, "status": Status.FAILED, "details": {}}
        ended = _as_object(error.report) if error.report else nothing
        self._write_object(ended | {"status": Status.FAILED, "error_message": error.text(gettext)})

    def _write_object(self, report: dict[str, Any]) -> None:
        self._write(json.dumps(report, cls=DjangoJSONEncoder, ensure_ascii=False))


def _as_object(report: LoadReport) -> dict[str, Any]:
    ended = {"session_id": report.session_id, "status": report.status, "details": asdict(report.details)}
    if report.details.dry_run:
        ended["changes"] = [as_object(CHANGE_COLUMNS, change) for change in report.changes]
    return ended
