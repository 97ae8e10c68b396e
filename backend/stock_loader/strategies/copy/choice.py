"""Which SQL `copy` speaks."""

from stock_loader.database.mapping import ShopMapping
from stock_loader.strategies import MatchRules
from stock_loader.strategies.copy.mysql_runner import MySQLRunner
from stock_loader.strategies.copy.runner import Runner

RUNNERS: dict[str, type[Runner]] = {"postgresql": Runner, "mysql": MySQLRunner}
"""By Django's word for the maker of the database."""


def runner_of(mapping: ShopMapping, rules: MatchRules) -> Runner:
    """Return what runs the statements on the database of the shop."""
    return RUNNERS[mapping.connection.vendor](mapping, rules)
