"""What to do about a database that waits, refuses or goes away."""

from django.db import Error as DatabaseError
from django.db import IntegrityError
from django.db.backends.base.base import BaseDatabaseWrapper

from stock_loader.database.choice import dialect_of
from stock_loader.errors import DatabaseFailedError, one_line
from stock_loader.log import logger
from stock_loader.settings import SETTING


def database_failed(error: BaseException, connection: BaseDatabaseWrapper) -> DatabaseFailedError:
    """Return the error that tells what the database said."""
    dialect, said = dialect_of(connection), reason(error, connection)
    if dialect.is_schema_missing(error):
        return DatabaseFailedError(
            "a table or column of the shop is missing. Run manage.py migrate. The database reported: %(reason)s",
            reason=said,
        )
    if dialect.is_generated(error):
        return DatabaseFailedError(
            "the database computes by itself a column that a load writes. Name another one in %(setting)s. The "
            "database reported: %(reason)s",
            setting=SETTING,
            reason=said,
        )
    if isinstance(error, IntegrityError):
        return DatabaseFailedError(
            "a constraint of the shop's table forbids what the load writes. Correct the quantity in 1C, or the "
            "constraint. The database reported: %(reason)s",
            reason=said,
        )
    return DatabaseFailedError("the database reported: %(reason)s", reason=said)


def reason(error: BaseException, connection: BaseDatabaseWrapper) -> str:
    """Return what the database said, the password of the connection blotted out."""
    said = " ".join(str(error).split()) or type(error).__name__
    password = str(connection.settings_dict.get("PASSWORD") or "")
    return one_line(said.replace(password, "***") if password else said)


def first_error(error: BaseException) -> BaseException:
    """Return the first error of the chain.

    If memory ends or a signal comes inside Django's commit, the last error is no more than a complaint of the
    connection.
    """
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, MemoryError) or not isinstance(seen, Exception):
            return seen
        seen = seen.__context__
    return error


def interrupt_statement(connection: BaseDatabaseWrapper) -> None:
    """Have the statement at work return with an error; for use from another thread. Nothing at work: no effect."""
    try:
        dialect_of(connection).interrupt()
    except DatabaseError as error:
        logger.info("the statement could not be cancelled: %s", reason(error, connection))
