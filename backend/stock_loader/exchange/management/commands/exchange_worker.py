"""`manage.py exchange_worker`: loads what 1C sent; as a service, or started by a request."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.translation import gettext

from stock_loader.exchange.conf import exchange_settings
from stock_loader.exchange.patience import is_not_migrated
from stock_loader.exchange.worker import work


class Command(BaseCommand):
    """Load what the exchange received."""

    requires_system_checks = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.help = gettext("Loads the stock files that 1C sent over HTTP, one after the other.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Describe the options."""
        parser.add_argument("--until-idle", action="store_true", help=gettext("End when nothing is waiting any more."))

    def handle(self, *_args: Any, until_idle: bool, **_options: Any) -> None:
        """Work until stopped, or until nothing waits."""
        try:
            is_alone = work(exchange_settings(), until_idle=until_idle)
        except DatabaseError as error:
            if not is_not_migrated(error):
                raise
            raise CommandError(gettext("a table or column of the shop is missing. Run manage.py migrate.")) from error
        if not is_alone and not until_idle:
            self.stderr.write(gettext("Another worker is running."))
