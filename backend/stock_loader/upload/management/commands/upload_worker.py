"""`manage.py upload_worker`: looks at what was uploaded in the admin and loads it; as a service, or from a request."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext

from stock_loader.upload.conf import upload_settings
from stock_loader.upload.worker import UploadWorker


class Command(BaseCommand):
    """Look at uploads and load them."""

    requires_system_checks = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.help = gettext("Looks at the stock files that were uploaded in the admin, and loads them when asked to.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Describe the options."""
        parser.add_argument("--until-idle", action="store_true", help=gettext("End when nothing is waiting any more."))

    def handle(self, *_args: Any, until_idle: bool, **_options: Any) -> None:
        """Work until stopped, or until nothing waits."""
        if not UploadWorker(upload_settings()).work(until_idle=until_idle) and not until_idle:
            self.stderr.write(gettext("Another worker is running."))
