"""The options of `load_product_stocks`, as `--help` shows them."""

from argparse import ArgumentParser
from collections.abc import Sequence

from django.utils.translation import gettext

from stock_loader.console.argument_types import limit, positive_integer, report_path, warehouse_id, whole_number
from stock_loader.settings import setting, setting_name
from stock_loader.strategies.choice import DEFAULT_BATCH_SIZE, DEFAULT_CHUNK_SIZE, STRATEGIES

GUARDS = ("max_zeroed", "max_changed", "max_not_found", "max_invalid")
IN_SETTINGS = object()
"""Stands for a limit that the call does not give; None is no limit."""

WAREHOUSE_SETTINGS = {"warehouse": "WAREHOUSES", "exclude_warehouse": "EXCLUDED_WAREHOUSES"}
"""Options and the settings that they stand for; one given in the call replaces its setting."""

RULE_SETTINGS = {
    "match_sku": ("MATCH_SKU", ("unclaimed", "any")),
    "own_offer": ("OWN_OFFER", ("part", "total")),
}
"""Options, the settings that they stand for, and their values."""

DEFAULT_SHOWN_CHANGES = 20


def add_load_arguments(parser: ArgumentParser) -> None:
    """Describe the options, in the order in which `--help` shows them."""
    _add_source(parser)
    _add_guards(parser)
    _add_rules(parser)
    _add_warehouses(parser)
    add_wait(parser)
    _add_reports(parser)


def _add_source(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--file",
        required=True,
        nargs="+",
        metavar="PATH",
        help=gettext("Path to the rests.xml file.")
        + " "
        + gettext("Also several files, a folder, a zip archive, or - for standard input; all are one snapshot."),
    )
    add_strategy(parser)
    parser.add_argument(
        "--chunk-size",
        type=positive_integer,
        default=DEFAULT_CHUNK_SIZE,
        metavar="N",
        help=gettext("Offers per look-up of products (bulk_update; default %(default)s)."),
    )


def _add_guards(parser: ArgumentParser) -> None:
    add_limits(parser, GUARDS)
    parser.add_argument(
        "--force",
        action="store_true",
        help=gettext("Load in spite of the limits, and a file older than the one loaded last."),
    )


def add_limits(parser: ArgumentParser, names: Sequence[str]) -> None:
    """Describe the limits of these names."""
    texts = {
        "max_zeroed": gettext(
            "Refuse the file if more than N products in stock would go to 0 (percentage: of those in stock)."
        ),
        "max_changed": gettext("Refuse the file if more than N products would change (percentage: of all products)."),
        "max_not_found": gettext(
            "Refuse the file if more than N offers have no product (percentage: of the offers). A percentage also "
            "refuses a file in which no offer has a product."
        ),
        "max_invalid": gettext("Refuse the file if more than N offers are invalid (percentage: of the offers)."),
    }
    shape = gettext("N is a number, a percentage like 50%%, or off; default: setting %(setting)s (%(value)s).")
    for name, text in ((name, texts[name]) for name in names):
        shown = {"setting": setting_name(name.upper()), "value": str(setting(name.upper()))}
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            type=limit,
            default=IN_SETTINGS,
            metavar="N[%]",
            help=f"{text} {shape % shown}".replace("%", "%%"),
        )


def _add_rules(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--skip-loaded", action="store_true", help=gettext("Do nothing when the same content was loaded already.")
    )
    parser.add_argument(
        "--no-stock-data",
        choices=("keep", "zero"),
        default="keep",
        help=gettext("Offers without any quantity: keep the stock (default) or take them as 0."),
    )
    parser.add_argument(
        "--file-without-stock",
        choices=("fail", "warn"),
        default=setting("FILE_WITHOUT_STOCK"),
        help=gettext(
            "A file of prices, in which no offer has a quantity: fail, or warn and exit with 0 (default: setting "
            "%(setting)s)."
        )
        % {"setting": setting_name("FILE_WITHOUT_STOCK")},
    )
    parser.add_argument(
        "--missing",
        choices=("keep", "zero", "zero-always"),
        default="keep",
        help=gettext(
            "Products with a 1C id that no offer names: keep the stock (default) or set it to 0; zero-always: also "
            "by an export that says that it holds only changes (see setting %(setting)s)."
        )
        % {"setting": setting_name("WHOLE_EXPORTS")},
    )
    parser.add_argument(
        "--sum-variants",
        action="store_true",
        help=gettext("Sum offers product#variant without a product of their own into the product."),
    )
    texts = {
        "own_offer": gettext("A product's own offer beside its summed variants (default: setting %(setting)s)."),
        "match_sku": gettext("Products that a SKU leads to: without a 1C id, or any (default: setting %(setting)s)."),
    }
    for option, text in texts.items():
        name, choices = RULE_SETTINGS[option]
        shown = text % {"setting": setting_name(name)}
        parser.add_argument(f"--{option.replace('_', '-')}", choices=choices, help=shown)


def _add_warehouses(parser: ArgumentParser) -> None:
    texts = {
        "warehouse": gettext("Count only this warehouse; may be repeated (default: setting %(setting)s)."),
        "exclude_warehouse": gettext("Do not count this warehouse; may be repeated (default: setting %(setting)s)."),
    }
    for name, text in texts.items():
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            type=warehouse_id,
            action="append",
            metavar="ID",
            help=text % {"setting": setting_name(WAREHOUSE_SETTINGS[name])},
        )


def _add_reports(parser: ArgumentParser) -> None:
    add_progress(parser)
    add_report(parser)
    parser.add_argument(
        "--rejected",
        type=report_path,
        metavar="FILE",
        help=gettext("Write every offer that was not applied, and why, there (.csv or .jsonl)."),
    )


def add_progress(parser: ArgumentParser) -> None:
    """Describe who is told how it goes."""
    parser.add_argument(
        "--metrics-file",
        metavar="PATH",
        help=gettext("Write the load's metrics for Prometheus there (textfile format)."),
    )
    parser.add_argument("--no-progress", action="store_true", help=gettext("Show no progress bar."))


def add_strategy(parser: ArgumentParser) -> None:
    """Describe how rows are written."""
    parser.add_argument(
        "--strategy",
        choices=STRATEGIES,
        default=setting("STRATEGY"),
        help=gettext("How rows are written; copy needs PostgreSQL (default: setting %(setting)s).")
        % {"setting": setting_name("STRATEGY")},
    )
    parser.add_argument(
        "--batch-size",
        type=positive_integer,
        default=DEFAULT_BATCH_SIZE,
        metavar="N",
        help=gettext("Rows per UPDATE (bulk_update; default %(default)s)."),
    )


def add_wait(parser: ArgumentParser) -> None:
    """Describe how long another load is waited for."""
    parser.add_argument(
        "--wait",
        type=positive_integer,
        default=0,
        metavar="SECONDS",
        help=gettext("Wait this long for another load to end instead of refusing."),
    )


def add_report(parser: ArgumentParser) -> None:
    """Describe what is told of changes, and what is kept of them."""
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help=gettext("Write nothing: show the counts and the first changes that a load would make."),
    )
    parser.add_argument(
        "--show-changes",
        type=whole_number,
        default=DEFAULT_SHOWN_CHANGES,
        metavar="N",
        help=gettext("How many changes a dry run shows (default %(default)s)."),
    )
    parser.add_argument(
        "--changes",
        type=report_path,
        metavar="FILE",
        help=gettext("Write every change, old and new quantity, there (.csv or .jsonl)."),
    )
    parser.add_argument(
        "--no-journal",
        action="store_true",
        help=gettext("Do not keep what changes in the journal; such a load cannot be undone (setting %(setting)s).")
        % {"setting": setting_name("JOURNAL")},
    )
    parser.add_argument("--json", action="store_true", help=gettext("Print the report as one JSON object."))
