"""What `upload_worker` and `undo_worker` have in common: a service, or a process that a request starts."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext

from stock_loader.upload.previewed_work import PreviewedWorker


class WorkerCommand(BaseCommand):
    """Do what waits. A child says which worker does it."""

    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Describe the options."""
        parser.add_argument("--until-idle", action="store_true", help=gettext("End when nothing is waiting any more."))

    def worker(self) -> PreviewedWorker[Any]:
        """Return what does the work."""
        raise NotImplementedError

    def handle(self, *_args: Any, until_idle: bool, **_options: Any) -> None:
        """Work until stopped, or until nothing waits."""
        if not self.worker().work(until_idle=until_idle) and not until_idle:
            self.stderr.write(gettext("Another worker is running."))
