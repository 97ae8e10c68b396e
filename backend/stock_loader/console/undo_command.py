"""`manage.py undo_stock_load SESSION`: put back what a load changed."""

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext

from stock_loader.console.argument_types import positive_integer, report_path
from stock_loader.console.arguments import add_limits, add_progress, add_report, add_strategy, add_wait
from stock_loader.console.call import chosen_guards, keeps_journal, refuse_shared_destinations
from stock_loader.console.command import Command as LoadCommand
from stock_loader.console.reporters import UndoReporter
from stock_loader.load.undo import UndoOptions, undo_load

LIMITS = ("max_zeroed", "max_changed")
"""Those of a load that are about products."""


class Command(LoadCommand):
    """Undo a load."""

    usage = "SESSION [options]"
    text_reporter = UndoReporter

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.help = gettext(
            "Puts back the quantities that a load changed, or an undo. A product whose quantity was changed since is "
            "left as it is."
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Describe the options."""
        parser.add_argument(
            "session", type=positive_integer, metavar="SESSION", help=gettext("Number of the session to undo.")
        )
        parser.add_argument(
            "--relative",
            action="store_true",
            help=gettext(
                "Take the difference off what is stored now (new - old, never below 0): products sold since are put "
                "back too."
            ),
        )
        add_limits(parser, LIMITS)
        parser.add_argument(
            "--force", action="store_true", help=gettext("Undo in spite of the limits, and what was undone already.")
        )
        add_strategy(parser)
        add_wait(parser)
        add_progress(parser)
        add_report(parser)
        parser.add_argument(
            "--rejected",
            type=report_path,
            metavar="FILE",
            help=gettext("Write every product that was left as it is, and why, there (.csv or .jsonl)."),
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Undo."""
        refuse_shared_destinations(options, [])
        undo = undo_options(options)
        self.carry_out(lambda watcher: undo_load(undo, watcher=watcher), options)

    def failure_text(self) -> str:
        """Return the line on stderr that says why it failed."""
        return gettext("Error during the undo: %(error)s")


def undo_options(options: dict[str, Any]) -> UndoOptions:
    """Return the undo that the parsed options ask for.

    Raises:
        CommandError: a setting that stands for an option cannot be understood.
    """
    return UndoOptions(
        session=options["session"],
        strategy=options["strategy"],
        batch_size=options["batch_size"],
        dry_run=options["dry_run"],
        guards=chosen_guards(options, LIMITS),
        is_forced=options["force"],
        is_relative=options["relative"],
        wait_seconds=options["wait"],
        changes_file=options["changes"] or "",
        rejected_file=options["rejected"] or "",
        shown_changes=options["show_changes"],
        keeps_journal=keeps_journal(options),
    )
