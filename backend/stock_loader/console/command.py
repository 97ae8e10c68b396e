"""`manage.py load_product_stocks --file rests.xml`: arguments, texts and the exit code of a load."""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext

from stock_loader.commerceml.offers.warehouses import WarehouseChoice
from stock_loader.console.progress import ProgressBar
from stock_loader.console.summary import change_lines, summary_lines
from stock_loader.errors import (
    AnotherLoadRunsError,
    LoadStopped,
    OlderFileError,
    RefusedByGuardError,
    StockLoadError,
    one_line,
)
from stock_loader.load.guards import Guards, Limit, parse_limit
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import (
    DEFAULT_BATCH_SIZE,
    DEFAULT_CHUNK_SIZE,
    STRATEGIES,
    LoadOptions,
    LoadWatcher,
)
from stock_loader.outcome import NEEDS_NO_ANSWER, LoadReport
from stock_loader.reports.metrics import write_metrics
from stock_loader.reports.tables import CHANGE_COLUMNS, as_object, is_report_name
from stock_loader.strategies import Matching

GUARDS = ("max_zeroed", "max_changed", "max_not_found", "max_invalid")
IN_SETTINGS = object()
"""Stands for a limit that the call does not give; None is no limit."""

WAREHOUSE_SETTINGS = {
    "warehouse": "STOCK_LOAD_WAREHOUSES",
    "exclude_warehouse": "STOCK_LOAD_EXCLUDED_WAREHOUSES",
}
"""Options and the settings that they stand for; one given in the call replaces its setting."""

DEFAULT_SHOWN_CHANGES = 20

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_REFUSED = 3
EXIT_ANOTHER_LOAD_RUNS = 75
"""EX_TEMPFAIL of sysexits.h: try again later."""

EXIT_CODES: dict[type[StockLoadError], int] = {
    RefusedByGuardError: EXIT_REFUSED,
    OlderFileError: EXIT_REFUSED,
    AnotherLoadRunsError: EXIT_ANOTHER_LOAD_RUNS,
}
"""Of the errors after which an administrator does something else than after all others."""


class Command(BaseCommand):
    """Load the stock file of 1C into the shop."""

    requires_system_checks = ()  # they check the code, which does not change from run to run, and cost 5 % of the CPU

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.help = gettext("Updates product stocks from a rests.xml file.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Describe the options."""
        parser.add_argument(
            "--file",
            required=True,
            nargs="+",
            metavar="PATH",
            help=gettext("Path to the rests.xml file.")
            + " "
            + gettext("Also several files, a folder, a zip archive, or - for standard input; all are one snapshot."),
        )
        parser.add_argument(
            "--batch-size",
            type=positive_integer,
            default=DEFAULT_BATCH_SIZE,
            metavar="N",
            help=gettext("Rows per UPDATE (bulk_update; default %(default)s)."),
        )
        parser.add_argument(
            "--chunk-size",
            type=positive_integer,
            default=DEFAULT_CHUNK_SIZE,
            metavar="N",
            help=gettext("Offers per look-up of products (bulk_update; default %(default)s)."),
        )
        parser.add_argument(
            "--strategy",
            choices=STRATEGIES,
            default=settings.STOCK_LOAD_STRATEGY,
            help=gettext("How rows are written; copy needs PostgreSQL (default: setting STOCK_LOAD_STRATEGY)."),
        )
        self._add_guards(parser)
        parser.add_argument(
            "--skip-loaded", action="store_true", help=gettext("Do nothing when the same content was loaded already.")
        )
        parser.add_argument(
            "--no-stock-data",
            choices=("keep", "zero"),
            default="keep",
            help=gettext("Offers without any quantity: keep the stock (default) or take them as 0."),
        )
        parser.add_argument(
            "--missing",
            choices=("keep", "zero"),
            default="keep",
            help=gettext("Products with a 1C id that no offer names: keep the stock (default) or set it to 0."),
        )
        parser.add_argument(
            "--sum-variants",
            action="store_true",
            help=gettext("Sum offers product#variant without a product of their own into the product."),
        )
        self._add_warehouses(parser)
        parser.add_argument(
            "--wait",
            type=positive_integer,
            default=0,
            metavar="SECONDS",
            help=gettext("Wait this long for another load to end instead of refusing."),
        )
        parser.add_argument(
            "--metrics-file",
            metavar="PATH",
            help=gettext("Write the load's metrics for Prometheus there (textfile format)."),
        )
        self._add_reports(parser)
        parser.add_argument("--json", action="store_true", help=gettext("Print the report as one JSON object."))
        parser.add_argument("--no-progress", action="store_true", help=gettext("Show no progress bar."))

    def _add_reports(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help=gettext("Do everything but write stocks, and show the first changes."),
        )
        parser.add_argument(
            "--show-changes",
            type=whole_number,
            default=DEFAULT_SHOWN_CHANGES,
            metavar="N",
            help=gettext("How many changes a dry run shows (default %(default)s)."),
        )
        parser.add_argument(
            "--changes",
            type=report_path,
            metavar="FILE",
            help=gettext("Write every change, old and new quantity, there (.csv or .jsonl)."),
        )
        parser.add_argument(
            "--rejected",
            type=report_path,
            metavar="FILE",
            help=gettext("Write every offer that was not applied, and why, there (.csv or .jsonl)."),
        )

    def _add_guards(self, parser: ArgumentParser) -> None:
        texts = {
            "max_zeroed": gettext("Refuse to take more products from above 0 to 0 (of those in stock)."),
            "max_changed": gettext("Refuse to change more products (of all)."),
            "max_not_found": gettext("Refuse a file with more offers without a product."),
            "max_invalid": gettext("Refuse a file with more invalid offers."),
        }
        shape = gettext("A number, a percentage like 50%%, or off; default: setting %(setting)s (%(value)s).")
        for name, text in texts.items():
            setting = f"STOCK_LOAD_{name.upper()}"
            value = str(getattr(settings, setting))
            parser.add_argument(
                f"--{name.replace('_', '-')}",
                type=limit,
                default=IN_SETTINGS,
                metavar="N[%]",
                help=f"{text} {shape % {'setting': setting, 'value': value}}".replace("%", "%%"),
            )
        parser.add_argument("--force", action="store_true", help=gettext("Pass the limits; load an older file too."))

    def _add_warehouses(self, parser: ArgumentParser) -> None:
        texts = {
            "warehouse": gettext("Count only this warehouse; may be repeated (default: setting %(setting)s)."),
            "exclude_warehouse": gettext(
                "Do not count this warehouse; may be repeated (default: setting %(setting)s)."
            ),
        }
        for name, text in texts.items():
            parser.add_argument(
                f"--{name.replace('_', '-')}",
                type=warehouse_id,
                action="append",
                metavar="ID",
                help=text % {"setting": WAREHOUSE_SETTINGS[name]},
            )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load, say how it went, exit with the code that fits."""
        self._says_json = options["json"]
        self._is_silent = options["json"] or options["verbosity"] == 0
        with ExitStack() as stack:
            watcher = LoadWatcher(on_session=self._say_started)
            if self.stderr.isatty() and not options["no_progress"] and options["verbosity"]:
                bar = stack.enter_context(ProgressBar())
                watcher = LoadWatcher(
                    on_session=self._say_started,
                    on_files=bar.expect,
                    on_read=bar.advance,
                    on_offers=bar.show_offers,
                    on_reading_again=bar.start_again,
                )
            self._load(_load_options(options), watcher, stack, options)

    def _load(self, load: LoadOptions, watcher: LoadWatcher, stack: ExitStack, options: dict[str, Any]) -> None:
        """Load; when the progress bar has gone, write the metrics and say how it went."""
        try:
            report = load_stocks(load, watcher=watcher)
        except StockLoadError as error:
            stack.close()
            code = next((code for kind, code in EXIT_CODES.items() if isinstance(error, kind)), EXIT_FAILED)
            self._write_metrics(options["metrics_file"], error.report, code)
            self._warn(error.report, verbosity=options["verbosity"])
            self._fail(error, code, traceback=options["traceback"])
        except LoadStopped as stop:
            stack.close()
            self._write_metrics(options["metrics_file"], stop.report, int(stop.code or 0))
            self._warn(stop.report, verbosity=options["verbosity"])
            raise
        else:
            stack.close()
            self._write_metrics(options["metrics_file"], report, 0)
            self._warn(report, verbosity=options["verbosity"])
            self._say_completed(report)

    def _write_metrics(self, path: str | None, report: LoadReport | None, exit_code: int) -> None:
        """Write the metrics where asked to; that they cannot be written does not change how the load ended."""
        if path is None:
            return
        try:
            write_metrics(path, report, exit_code=exit_code)
        except OSError as error:
            warning = gettext("The metrics file %(path)s cannot be written: %(reason)s.")
            self.stderr.write(warning % {"path": one_line(path), "reason": error.strerror or error})

    def _warn(self, report: LoadReport | None, *, verbosity: int) -> None:
        """Write a line per warning on stderr; with `--verbosity 0` those that call for an answer."""
        for warning in report.details.warnings if report else ():
            if verbosity or warning["code"] not in NEEDS_NO_ANSWER:
                self.stderr.write(gettext("Warning: %(warning)s") % {"warning": warning["text"]})

    def _say_started(self, session_id: int) -> None:
        if not self._is_silent:
            self.stdout.write(gettext("Stock update session #%(session)s started...") % {"session": session_id})
            self.stdout.flush()

    def _say_completed(self, report: LoadReport) -> None:
        if self._says_json:
            self._write_json(report.session_id, report.status, asdict(report.details), **_json_changes(report))
        if self._is_silent:
            return
        if report.details.skipped:
            self.stdout.write(gettext("The same content was loaded already; nothing was done."))
            self._say_ended(report)
            return
        if report.details.dry_run:
            self.stdout.write(self.style.WARNING(gettext("Dry run: nothing was written.")))
            self._show_changes(report)
        self.stdout.write(self.style.SUCCESS(gettext("Stock update completed successfully.")))
        for line in summary_lines(report.details):
            self.stdout.write(line)
        self._say_ended(report)

    def _show_changes(self, report: LoadReport) -> None:
        for line in change_lines(report.changes):
            self.stdout.write(line)

    def _say_ended(self, report: LoadReport) -> None:
        ended = gettext("Session #%(session)s ended with status '%(status)s'.")
        self.stdout.write(ended % {"session": report.session_id, "status": report.status})

    def _fail(self, error: StockLoadError, code: int, *, traceback: bool) -> None:
        message = gettext("Error during the update: %(error)s") % {"error": error.text(gettext)}
        report = error.report
        if self._says_json:
            details = asdict(report.details) if report else {}
            session_id = report.session_id if report else None
            changes = _json_changes(report) if report else {}
            self._write_json(session_id, "failed", details, error_message=error.text(gettext), **changes)
        elif report and not self._is_silent:
            self._show_changes(report)
            self._say_ended(report)
        if not traceback and getattr(self, "_called_from_command_line", False):
            self.stderr.write(message)
            sys.exit(code)
        raise CommandError(message, returncode=code) from error

    def _write_json(self, session_id: int | None, status: str, details: dict[str, Any], **more: object) -> None:
        report = {"session_id": session_id, "status": status, **more, "details": details}
        self.stdout.write(json.dumps(report, cls=DjangoJSONEncoder, ensure_ascii=False))


def _load_options(options: dict[str, Any]) -> LoadOptions:
    return LoadOptions(
        file=options["file"],
        strategy=options["strategy"],
        batch_size=options["batch_size"],
        chunk_size=options["chunk_size"],
        dry_run=options["dry_run"],
        guards=Guards(**{name: _limit(name, options[name]) for name in GUARDS}),
        is_forced=options["force"],
        skips_loaded=options["skip_loaded"],
        is_missing_quantity_zero=options["no_stock_data"] == "zero",
        matching=Matching(sums_variants=options["sum_variants"], zeroes_missing=options["missing"] == "zero"),
        warehouses=WarehouseChoice.of(*(_ids(options[name], setting) for name, setting in WAREHOUSE_SETTINGS.items())),
        wait_seconds=options["wait"],
        changes_file=options["changes"] or "",
        rejected_file=options["rejected"] or "",
        shown_changes=options["show_changes"],
    )


def _limit(name: str, in_call: Limit | object | None) -> Limit | None:
    """Return the limit that the call gives, or else the settings."""
    if in_call is None or isinstance(in_call, Limit):
        return in_call
    setting = f"STOCK_LOAD_{name.upper()}"
    text = str(getattr(settings, setting))
    try:
        return parse_limit(text, at_least=settings.STOCK_LOAD_GUARD_FLOOR)
    except ValueError:
        message = gettext("setting %(setting)s: expected a number, a percentage up to 100%% or off, saw %(seen)r")
        raise CommandError(message % {"setting": setting, "seen": text}, returncode=EXIT_USAGE) from None


def _json_changes(report: LoadReport) -> dict[str, object]:
    """Return what the JSON of a dry run has more than that of a load."""
    if not report.details.dry_run:
        return {}
    return {"changes": [as_object(CHANGE_COLUMNS, change) for change in report.changes]}


def _ids(in_call: list[str] | None, setting: str) -> list[str]:
    """Return the warehouses named in the call, or else in the settings."""
    return list(getattr(settings, setting)) if in_call is None else in_call


def limit(text: str) -> Limit | None:
    """Return the limit that `text` stands for.

    Raises:
        ArgumentTypeError: it stands for none.
    """
    try:
        return parse_limit(text)
    except ValueError:
        message = gettext("expected a number, a percentage up to 100%% or off, saw %(seen)r") % {"seen": text}
        raise ArgumentTypeError(message) from None


def warehouse_id(text: str) -> str:
    """Return the id of a warehouse.

    Raises:
        ArgumentTypeError: it is blank.
    """
    if not text.strip():
        raise ArgumentTypeError(gettext("expected the id of a warehouse, saw %(seen)r") % {"seen": text})
    return text


def report_path(text: str) -> str:
    """Return the path of a report.

    Raises:
        ArgumentTypeError: its name does not say which kind of table to write.
    """
    if not is_report_name(text):
        message = gettext("expected a name that ends with .csv or .jsonl, saw %(seen)r") % {"seen": text}
        raise ArgumentTypeError(message)
    return text


def whole_number(text: str) -> int:
    """Return the number that `text` stands for.

    Raises:
        ArgumentTypeError: not a whole number from 0 on.
    """
    return 0 if text == "0" else positive_integer(text)


def positive_integer(text: str) -> int:
    """Return the number that `text` stands for.

    Raises:
        ArgumentTypeError: not a whole number above 0.
    """
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise ArgumentTypeError(gettext("expected a whole number above 0, saw %(seen)r") % {"seen": text})
    return int(text)
