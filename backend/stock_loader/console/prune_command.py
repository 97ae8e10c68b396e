"""`manage.py prune_import_sessions --older-than 90d --keep-mib 500`: keep sessions and journal short."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError
from django.utils.translation import gettext

from stock_loader.console.argument_types import age, positive_integer
from stock_loader.console.exit_codes import EXIT_USAGE, exit_code_of
from stock_loader.console.output import QuietCommand
from stock_loader.database.shop import session_model
from stock_loader.errors import WrongSettingError
from stock_loader.journal.pruning import (
    forget,
    forgotten_sessions,
    prunable_sessions,
    prune_sessions,
    sessions_beyond,
)


class Command(QuietCommand):
    """Delete old import sessions and old changes of the journal."""

    usage = "--older-than AGE [options]"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.help = gettext(
            "Deletes import sessions that ended long ago, and what they keep in the journal. The last completed one of "
            "each import type stays, and so does every session that has not ended."
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Describe the options."""
        parser.add_argument(
            "--older-than",
            type=age,
            metavar="AGE",
            help=gettext("Delete sessions that ended longer ago than this: 36h, 90d or 12w."),
        )
        parser.add_argument(
            "--keep-mib",
            type=positive_integer,
            metavar="N",
            help=gettext(
                "Keep N MiB of the journal: delete the oldest changes beyond, not their sessions. Those of the last "
                "load stay."
            ),
        )
        parser.add_argument("--import-type", help=gettext("Delete sessions of this import type only (default: all)."))
        parser.add_argument("--dry-run", action="store_true", help=gettext("Only say how many would be deleted."))

    def handle(  # the options
        self,
        *_args: Any,
        older_than: timedelta | None,
        keep_mib: int | None,
        import_type: str | None,
        dry_run: bool,
        **options: Any,
    ) -> None:
        """Delete them, or count them in a dry run, and say how many."""
        if older_than is None and keep_mib is None:
            raise CommandError(gettext("expected --older-than, --keep-mib or both."), returncode=EXIT_USAGE)
        try:
            _refuse_unknown(import_type)
            if older_than is not None:
                self._prune_sessions(older_than, import_type, dry_run=dry_run, verbosity=options["verbosity"])
            if keep_mib is not None:
                self._prune_journal(keep_mib, dry_run=dry_run, verbosity=options["verbosity"])
        except WrongSettingError as error:
            raise CommandError(error.text(gettext), returncode=exit_code_of(error)) from error
        except DatabaseError as error:
            raise CommandError(gettext("the database reported: %(reason)s") % {"reason": error}) from error

    def _prune_sessions(self, older_than: timedelta, import_type: str | None, *, dry_run: bool, verbosity: int) -> None:
        sessions = prunable_sessions(older_than=older_than, import_type=import_type)
        count = sessions.count() if dry_run else prune_sessions(sessions)
        if dry_run:
            said = gettext("Dry run: nothing was deleted. Import sessions that would be: %(count)s.")
        else:
            said = gettext("Import sessions deleted: %(count)s.")
            forget(forgotten_sessions())
        if verbosity:
            self.stdout.write(said % {"count": count})

    def _prune_journal(self, keep_mib: int, *, dry_run: bool, verbosity: int) -> None:
        beyond = sessions_beyond(keep_mib)
        if dry_run:
            said = gettext("Dry run: nothing was deleted. Sessions whose changes would be: %(count)s.")
        else:
            said = gettext("Sessions whose changes were deleted: %(count)s.")
            forget(beyond)
        if verbosity:
            self.stdout.write(said % {"count": len(beyond)})


def _refuse_unknown(import_type: str | None) -> None:
    """Refuse an import type that the shop's sessions cannot have."""
    choices = [value for value, _ in session_model()._meta.get_field("import_type").choices or ()]
    if import_type is not None and choices and import_type not in choices:
        text = gettext("--import-type: expected one of %(expected)s, saw %(seen)r")
        raise CommandError(text % {"expected": ", ".join(choices), "seen": import_type}, returncode=EXIT_USAGE)
