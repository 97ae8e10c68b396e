"""`manage.py load_product_stocks --file rests.xml`: load, say how it went, exit with the code that fits."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext

from stock_loader.console.arguments import add_load_arguments
from stock_loader.console.call import load_options, refuse_shared_destinations
from stock_loader.console.exit_codes import exit_code_of
from stock_loader.console.output import QuietCommand, reason_of
from stock_loader.console.progress import ProgressBar
from stock_loader.console.reporters import JsonReporter, Reporter, TextReporter
from stock_loader.errors import LoadStopped, StockLoadError, one_line
from stock_loader.load.loader import load_stocks
from stock_loader.load.watchers import LoadWatcher
from stock_loader.load_warnings import NEEDS_NO_ANSWER
from stock_loader.outcome import LoadReport
from stock_loader.reports.metrics import write_metrics


class Command(QuietCommand):
    """Load the stock file of 1C into the shop."""

    usage = "--file PATH [PATH ...] [options]"
    text_reporter = TextReporter
    requires_system_checks = ()  # they check the code, which does not change from run to run, and cost 5 % of the CPU

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.help = gettext("Updates product stocks from a rests.xml file.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Describe the options."""
        add_load_arguments(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load."""
        load = load_options(options)
        refuse_shared_destinations(options, load.paths)
        self.carry_out(lambda watcher: load_stocks(load, watcher=watcher), options)

    def carry_out(self, work: Callable[[LoadWatcher], LoadReport], options: dict[str, Any]) -> None:
        """Do it; when the progress bar has gone, write the metrics, say how it went, exit with the code that fits."""
        reporter = self._reporter(options)
        try:
            with self._watched(reporter, options) as watcher:
                report = work(watcher)
        except StockLoadError as error:
            code = exit_code_of(error)
            self._tell_aside(error.report, code, options)
            reporter.failed(error)
            self._exit(error, code, traceback=options["traceback"])
        except LoadStopped as stop:
            self._tell_aside(stop.report, int(stop.code or 0), options)
            raise
        else:
            self._tell_aside(report, 0, options)
            reporter.completed(report)

    def _reporter(self, options: dict[str, Any]) -> Reporter:
        if options["json"]:
            return JsonReporter(self._write_line)
        return self.text_reporter(self._write_line, self.style) if options["verbosity"] else Reporter()

    def _write_line(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    @contextmanager
    def _watched(self, reporter: Reporter, options: dict[str, Any]) -> Iterator[LoadWatcher]:
        """Yield who is told of the load: the reporter, and on a terminal a progress bar, which is gone at the end."""
        with ExitStack() as stack:
            bar = None
            if self.stderr.isatty() and not options["no_progress"] and options["verbosity"]:
                bar = self._opened_bar(stack)
            yield bar.watcher(on_session=reporter.started) if bar else LoadWatcher(on_session=reporter.started)

    def _opened_bar(self, stack: ExitStack) -> ProgressBar | None:
        try:
            return stack.enter_context(ProgressBar())
        except Exception as error:  # noqa: BLE001  # tqdm is missing, or told nonsense by its environment
            text = gettext("No progress bar can be shown: %(reason)s.")
            self.stderr.write(text % {"reason": one_line(f"{type(error).__name__}: {error}")})
            return None

    def _tell_aside(self, report: LoadReport | None, exit_code: int, options: dict[str, Any]) -> None:
        """Write the metrics, and the warnings on stderr; with `--verbosity 0` those that call for an answer."""
        self._write_metrics(options["metrics_file"], report, exit_code)
        for warning in report.details.warnings if report else ():
            if options["verbosity"] or warning["code"] not in NEEDS_NO_ANSWER:
                self.stderr.write(gettext("Warning: %(warning)s") % {"warning": warning["text"]})

    def _write_metrics(self, path: str | None, report: LoadReport | None, exit_code: int) -> None:
        """Write the metrics where asked to; that they cannot be written does not change how the load ended."""
        if path is None:
            return
        try:
            write_metrics(path, report, exit_code=exit_code)
        except Exception as error:  # noqa: BLE001  # also prometheus_client that is missing
            warning = gettext("The metrics file %(path)s cannot be written: %(reason)s.")
            self.stderr.write(warning % {"path": one_line(path), "reason": one_line(reason_of(error))})

    def failure_text(self) -> str:
        """Return the line on stderr that says why it failed."""
        return gettext("Error during the update: %(error)s")

    def _exit(self, error: StockLoadError, code: int, *, traceback: bool) -> None:
        message = self.failure_text() % {"error": error.text(gettext)}
        if not traceback and getattr(self, "_called_from_command_line", False):
            self.stderr.write(message)
            sys.exit(code)
        raise CommandError(message, returncode=code) from error
