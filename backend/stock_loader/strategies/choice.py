"""Which strategy a load takes."""

from django.db import Error as DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

from stock_loader.database.choice import dialect_of
from stock_loader.errors import LoadRefusedError
from stock_loader.log import logger
from stock_loader.settings import setting_name
from stock_loader.strategies import ONE_OFFER_ONE_PRODUCT, MatchRules, Strategy
from stock_loader.strategies.bulk_update.strategy import BulkUpdate
from stock_loader.strategies.copy.strategy import Copy
from stock_loader.strategies.undo import Undo
from stock_loader.strategies.undo.in_batches import UndoInBatches
from stock_loader.strategies.undo.in_server import UndoInServer

DEFAULT_BATCH_SIZE = 1000
"""Rows an UPDATE."""

DEFAULT_CHUNK_SIZE = 2000
"""Offers a look-up."""

STRATEGIES = ("bulk_update", "copy")


def chosen_strategy(  # noqa: PLR0913  # what an operator can say of it
    name: str,
    connection: BaseDatabaseWrapper,
    *,
    batch_size: int = DEFAULT_BATCH_SIZE,
    chunk_size: int = DEFAULT_CHUNK_SIZE,
    rules: MatchRules = ONE_OFFER_ONE_PRODUCT,
    keeps_rejected: bool = False,
) -> Strategy:
    """Return a new strategy of this name for the database of `connection`.

    Raises:
        LoadRefusedError: there is none of this name, or it does not work on this database.
    """
    if name == "bulk_update":
        return BulkUpdate(batch_size=batch_size, chunk_size=chunk_size, rules=rules, keeps_rejected=keeps_rejected)
    if name != "copy":
        raise LoadRefusedError(
            "the strategy %(strategy)s does not exist. Set %(setting)s to one of: %(expected)s.",
            setting=setting_name("STRATEGY"),
            strategy=name,
            expected=", ".join(STRATEGIES),
        )
    if not dialect_of(connection).has_copy:
        raise LoadRefusedError(
            "the strategy copy needs PostgreSQL or MariaDB, the database is %(vendor)s. Use --strategy bulk_update.",
            vendor=connection.display_name,
        )
    return Copy(rules=rules)


def chosen_undo(
    name: str, connection: BaseDatabaseWrapper, *, session: int, batch_size: int, is_relative: bool
) -> Undo:
    """Return a new undo of the session, by the way of the strategy of this name.

    Raises:
        LoadRefusedError: as `chosen_strategy`.
    """
    chosen_strategy(name, connection)
    if name == "copy":
        return UndoInServer(session, is_relative=is_relative)
    return UndoInBatches(session, batch_size=batch_size, is_relative=is_relative)


def close_quietly(strategy: Strategy | Undo) -> None:
    """Let the strategy clean up; a dead connection has nothing left to clean."""
    try:
        strategy.close()
    except DatabaseError as error:
        logger.debug("cleaning up after the load: %s", error)
