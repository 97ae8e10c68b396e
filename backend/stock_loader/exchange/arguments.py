"""The options of a load, as a cron line has them."""

from collections.abc import Sequence
from pathlib import Path

from stock_loader.console.call import load_options
from stock_loader.console.command import Command
from stock_loader.load.options import LoadOptions


def options_of(arguments: Sequence[str], paths: Sequence[Path | str]) -> LoadOptions:
    """Return what the command line of a load makes of these arguments and files.

    Raises:
        CommandError: of the arguments one is wrong.
    """
    parser = Command().create_parser("manage.py", "load_product_stocks")
    parsed = vars(parser.parse_args(["--file", *map(str, paths), *arguments]))
    return load_options(parsed)
