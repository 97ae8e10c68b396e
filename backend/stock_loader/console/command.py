"""`manage.py load_product_stocks --file rests.xml`: load, say how it went, exit with the code that fits."""

import sys
from argparse import ArgumentParser
from contextlib import ExitStack
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext

from stock_loader.console.arguments import add_load_arguments, load_options
from stock_loader.console.exit_codes import exit_code_of
from stock_loader.console.progress import ProgressBar
from stock_loader.console.reporters import JsonReporter, Reporter, TextReporter
from stock_loader.errors import LoadStopped, StockLoadError, one_line
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions, LoadWatcher
from stock_loader.outcome import NEEDS_NO_ANSWER, LoadReport
from stock_loader.reports.metrics import write_metrics


class Command(BaseCommand):
    """Load the stock file of 1C into the shop."""

    requires_system_checks = ()  # they check the code, which does not change from run to run, and cost 5 % of the CPU

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.help = gettext("Updates product stocks from a rests.xml file.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Describe the options."""
        add_load_arguments(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load, say how it went, exit with the code that fits."""
        reporter = self._reporter(options)
        with ExitStack() as stack:
            watcher = LoadWatcher(on_session=reporter.started)
            if self.stderr.isatty() and not options["no_progress"] and options["verbosity"]:
                bar = stack.enter_context(ProgressBar())
                watcher = LoadWatcher(
                    on_session=reporter.started,
                    on_files=bar.expect,
                    on_read=bar.advance,
                    on_offers=bar.show_offers,
                    on_reading_again=bar.start_again,
                )
            self._load(load_options(options), watcher, reporter, stack, options)

    def _reporter(self, options: dict[str, Any]) -> Reporter:
        if options["json"]:
            return JsonReporter(self._write_line)
        return TextReporter(self._write_line, self.style) if options["verbosity"] else Reporter()

    def _write_line(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _load(
        self,
        load: LoadOptions,
        watcher: LoadWatcher,
        reporter: Reporter,
        stack: ExitStack,
        options: dict[str, Any],
    ) -> None:
        """Load; when the progress bar has gone, write the metrics and say how it went."""
        try:
            report = load_stocks(load, watcher=watcher)
        except StockLoadError as error:
            stack.close()
            code = exit_code_of(error)
            self._write_metrics(options["metrics_file"], error.report, code)
            self._warn(error.report, verbosity=options["verbosity"])
            reporter.failed(error)
            self._exit(error, code, traceback=options["traceback"])
        except LoadStopped as stop:
            stack.close()
            self._write_metrics(options["metrics_file"], stop.report, int(stop.code or 0))
            self._warn(stop.report, verbosity=options["verbosity"])
            raise
        else:
            stack.close()
            self._write_metrics(options["metrics_file"], report, 0)
            self._warn(report, verbosity=options["verbosity"])
            reporter.completed(report)

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

    def _exit(self, error: StockLoadError, code: int, *, traceback: bool) -> None:
        message = gettext("Error during the update: %(error)s") % {"error": error.text(gettext)}
        if not traceback and getattr(self, "_called_from_command_line", False):
            self.stderr.write(message)
            sys.exit(code)
        raise CommandError(message, returncode=code) from error
