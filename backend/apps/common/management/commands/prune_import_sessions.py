"""`manage.py prune_import_sessions --older-than 90d`: keep the table of import sessions short."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError
from django.utils.translation import gettext

from apps.common.models import ImportSession
from apps.common.services.session_pruning import prunable_sessions, prune_sessions
from stock_loader.console.argument_types import age
from stock_loader.console.output import QuietCommand


class Command(QuietCommand):
    """Delete old import sessions."""

    usage = "--older-than AGE [options]"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.help = gettext(
            "Deletes import sessions that ended long ago. The last completed one of each import type stays, "
            "and so does every session that has not ended."
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Describe the options."""
        parser.add_argument(
            "--older-than",
            required=True,
            type=age,
            metavar="AGE",
            help=gettext("Delete sessions that ended longer ago than this: 36h, 90d or 12w."),
        )
        parser.add_argument(
            "--import-type",
            choices=ImportSession.ImportType.values,
            help=gettext("Delete sessions of this import type only (default: all)."),
        )
        parser.add_argument("--dry-run", action="store_true", help=gettext("Only say how many would be deleted."))

    def handle(
        self, *_args: Any, older_than: timedelta, import_type: str | None, dry_run: bool, **options: Any
    ) -> None:
        """Delete them, or count them in a dry run, and say how many."""
        try:
            sessions = prunable_sessions(older_than=older_than, import_type=import_type)
            count = sessions.count() if dry_run else prune_sessions(sessions)
        except DatabaseError as error:
            raise CommandError(gettext("the database reported: %(reason)s") % {"reason": error}) from error
        if not options["verbosity"]:
            return
        if dry_run:
            said = gettext("Dry run: nothing was deleted. Import sessions that would be: %(count)s.")
        else:
            said = gettext("Import sessions deleted: %(count)s.")
        self.stdout.write(said % {"count": count})
