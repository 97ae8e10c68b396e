"""Whether the tables that a load writes are such that it can be all or nothing."""

from stock_loader.database.choice import dialect_of
from stock_loader.database.doubts import doubt_keys
from stock_loader.database.shop import mapping, session_model
from stock_loader.errors import LoadRefusedError
from stock_loader.journal.pages import JournalPage


def check_tables(*, keeps_journal: bool) -> None:
    """Let the load begin on tables of one server, and learn which keys may lead to several rows; two queries at most.

    Raises:
        LoadRefusedError: a table is, or has a part, on another server.
    """
    shop = mapping()
    models = [shop.model, session_model(), *([JournalPage] if keeps_journal else [])]
    foreign = dialect_of(shop.connection).foreign_table({model._meta.db_table for model in models})
    if foreign:
        raise LoadRefusedError(
            "the table %(table)s is on another server (a foreign table), and two servers do not commit as one: stock "
            "could be written there of a load that failed here. Load into that server itself.",
            table=foreign,
        )
    doubt_keys(shop)
