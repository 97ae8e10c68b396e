"""`manage.py seed_products --file rests.xml`: products to try the loader with."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError
from django.utils.translation import gettext

from stock_loader.commerceml.documents.parser import XMLDataParser
from stock_loader.console.exit_codes import exit_code_of
from stock_loader.console.output import QuietCommand
from stock_loader.database.shop import refuse_wrong_settings
from stock_loader.errors import StockLoadError
from stock_loader.load.seeding import seed_products


class Command(QuietCommand):
    """Create products for the offers of a stock file."""

    usage = "--file PATH [options]"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.help = gettext("Creates a product with stock 0 for every offer of a file that has none.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Describe the options."""
        parser.add_argument("--file", required=True, metavar="PATH", help=gettext("Path to the rests.xml file."))

    def handle(self, *_args: Any, file: str, **options: Any) -> None:
        """Create them and say how many."""
        try:
            refuse_wrong_settings()
            seeded = seed_products(XMLDataParser().parse(file))
        except StockLoadError as error:
            raise CommandError(error.text(gettext), returncode=exit_code_of(error)) from error
        except DatabaseError as error:
            raise CommandError(gettext("the database reported: %(reason)s") % {"reason": error}) from error
        if options["verbosity"]:
            counts = {"created": seeded.created, "present": seeded.present, "unusable": seeded.unusable}
            self.stdout.write(
                gettext("Products created: %(created)s; already there: %(present)s; unusable offers: %(unusable)s.")
                % counts
            )
