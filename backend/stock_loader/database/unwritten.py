"""Whether the rows that an UPDATE was sent for hold what it wrote.

A trigger may return NULL, OLD or another quantity, a rule may do something instead, row-level security may leave rows
out: the database reports success each time.
"""

from collections.abc import Callable

from django.db.backends.base.base import BaseDatabaseWrapper

from stock_loader.database.choice import dialect_of
from stock_loader.errors import DatabaseFailedError


def refuse_unwritten(
    connection: BaseDatabaseWrapper, table: str, *, sent: int, changed: int, count_differing: Callable[[], int]
) -> None:
    """Let an UPDATE pass that did what it was sent for; inside its transaction.

    `sent` rows were to be changed, the database says `changed`. `count_differing` counts the rows that hold another
    value than was sent. It costs about a third of the UPDATE, so it is asked only where the two numbers differ, or
    where something in the database could have a hand in it; that is looked up with one query.

    Raises:
        DatabaseFailedError: some rows hold another value.
    """
    causes = dialect_of(connection).update_hooks(table)
    if sent == changed and causes == ():
        return
    differing = count_differing()
    if not differing:
        return
    if causes:
        raise DatabaseFailedError(
            "%(count)s products did not take their new quantity; the table %(table)s has: %(causes)s. Nothing was "
            "loaded. Let updates of a load pass there.",
            count=differing,
            table=table,
            causes=", ".join(causes),
        )
    raise DatabaseFailedError(
        "%(count)s products did not take their new quantity; something in the database kept it from the table "
        "%(table)s. Nothing was loaded. Let updates of a load pass there.",
        count=differing,
        table=table,
    )
