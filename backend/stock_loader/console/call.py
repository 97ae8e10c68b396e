"""What a call of `load_product_stocks` asks for, with the settings where it says nothing."""

from collections.abc import Sequence
from typing import Any

from django.core.management.base import CommandError
from django.db import connections
from django.utils.translation import gettext

from stock_loader.commerceml.offers.warehouses import WarehouseChoice
from stock_loader.console.arguments import GUARDS, RULE_SETTINGS, WAREHOUSE_SETTINGS
from stock_loader.console.exit_codes import EXIT_USAGE
from stock_loader.errors import LoadRefusedError
from stock_loader.load.guards import Guards, Limit, parse_limit
from stock_loader.load.options import LoadOptions
from stock_loader.reports.destinations import refuse_shared_files
from stock_loader.settings import setting, setting_name
from stock_loader.strategies import MatchRules

DESTINATIONS = ("changes", "rejected", "metrics_file")
"""Options that name a file to write."""


def load_options(options: dict[str, Any]) -> LoadOptions:
    """Return the load that the parsed options ask for.

    Raises:
        CommandError: a setting that stands for an option cannot be understood.
    """
    return LoadOptions(
        file=options["file"],
        strategy=options["strategy"],
        batch_size=options["batch_size"],
        chunk_size=options["chunk_size"],
        dry_run=options["dry_run"],
        guards=chosen_guards(options, GUARDS),
        is_forced=options["force"],
        skips_loaded=options["skip_loaded"],
        zeroes_no_stock_data=options["no_stock_data"] == "zero",
        may_lack_stock=options["file_without_stock"] == "warn",
        rules=_rules(options),
        exports_are_whole=options["missing"] == "zero-always" or setting("WHOLE_EXPORTS"),
        warehouses=WarehouseChoice.of(*(_ids(options[option], name) for option, name in WAREHOUSE_SETTINGS.items())),
        wait_seconds=options["wait"],
        changes_file=options["changes"] or "",
        rejected_file=options["rejected"] or "",
        keeps_journal=keeps_journal(options),
        shown_changes=options["show_changes"],
    )


def keeps_journal(options: dict[str, Any]) -> bool:
    """Tell whether the call, or else the setting, has the changes kept."""
    return bool(setting("JOURNAL")) and not options["no_journal"]


def chosen_guards(options: dict[str, Any], names: Sequence[str]) -> Guards:
    """Return the limits of these names that the call gives, or else the settings; of others none.

    Raises:
        CommandError: one cannot be understood.
    """
    return Guards(**{name: _limit(name, options[name]) for name in names})


def refuse_shared_destinations(options: dict[str, Any], sources: list[str]) -> None:
    """Refuse two files to write that are one, and one that the load reads or that holds a database.

    Raises:
        CommandError: it says which options, and the path.
    """
    destinations = {f"--{name.replace('_', '-')}": options.get(name) or "" for name in DESTINATIONS}
    databases = [str(database["NAME"]) for database in connections.settings.values() if "sqlite" in database["ENGINE"]]
    try:
        refuse_shared_files(destinations, [*sources, *filter(None, databases)])
    except LoadRefusedError as error:
        raise CommandError(error.text(gettext), returncode=EXIT_USAGE) from error


def _rules(options: dict[str, Any]) -> MatchRules:
    return MatchRules(
        sums_variants=options["sum_variants"],
        own_is_total=_choice("own_offer", options["own_offer"]) == "total",
        sku_takes_any=_choice("match_sku", options["match_sku"]) == "any",
        zeroes_missing=options["missing"] != "keep",
    )


def _choice(option: str, in_call: str | None) -> str:
    """Return what the call chooses, or else the settings."""
    name, choices = RULE_SETTINGS[option]
    chosen = str(setting(name)) if in_call is None else in_call
    if chosen not in choices:
        message = gettext("setting %(setting)s: expected one of %(expected)s, saw %(seen)r")
        parameters = {"setting": setting_name(name), "expected": ", ".join(choices), "seen": chosen}
        raise CommandError(message % parameters, returncode=EXIT_USAGE)
    return chosen


def _limit(name: str, in_call: Limit | object | None) -> Limit | None:
    """Return the limit that the call gives, or else the settings."""
    if in_call is None or isinstance(in_call, Limit):
        return in_call
    text = str(setting(name.upper()))
    try:
        return parse_limit(text, at_least=setting("GUARD_FLOOR"))
    except ValueError:
        message = gettext("setting %(setting)s: expected a number, a percentage up to 100%% or off, saw %(seen)r")
        raise CommandError(
            message % {"setting": setting_name(name.upper()), "seen": text}, returncode=EXIT_USAGE
        ) from None


def _ids(in_call: list[str] | None, name: str) -> list[str]:
    """Return the warehouses named in the call, or else in the settings."""
    return list(setting(name)) if in_call is None else in_call
