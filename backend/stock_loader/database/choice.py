"""Which dialect a connection speaks."""

from django.db.backends.base.base import BaseDatabaseWrapper

from stock_loader.database.dialect import Dialect
from stock_loader.database.mysql import MySQL
from stock_loader.database.postgresql import PostgreSQL
from stock_loader.database.sqlite import SQLite

DIALECTS: dict[str, type[Dialect]] = {"mysql": MySQL, "postgresql": PostgreSQL, "sqlite": SQLite}
"""By Django's word for the maker of the database; `mysql` is MariaDB, too."""


def dialect_of(connection: BaseDatabaseWrapper) -> Dialect:
    """Return the dialect of the connection; of one to another database what Django alone can do."""
    return DIALECTS.get(connection.vendor, Dialect)(connection)
