"""What the loader asks of a database. One subclass a database, in a file of its own; `choice` finds it.

`Dialect` itself serves every database of Django's: it leaves to Django what Django does, and goes without the rest.
"""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from stock_loader.database.file_lock import FileLock, temporary_lock_path

Column = list[Any]
"""The prepared values of one field, one per object."""

Statement = tuple[str, list[Any]]
"""SQL, or a part of it, and its parameters."""


class RunLock(Protocol):
    """The lock of one load. It ends with the process that holds it, so that a killed load leaves none behind."""

    def try_obtain(self) -> bool:
        """Take the lock unless somebody else holds it; tell whether it was taken.

        Raises:
            LoadRefusedError: there is no place for a lock.
        """
        ...

    def is_lost(self) -> bool:
        """Tell whether the lock was taken and went, or may go, without being given back."""
        ...

    def end_lost_session(self) -> None:
        """After a reconnect: end the database session that took the lock, so that it neither holds nor writes on."""
        ...

    def release(self) -> None:
        """Give the lock back where it was taken and is still held."""
        ...


class SessionLimits(Protocol):
    """How long one database session may wait or be idle while a load is at work."""

    def apply(self) -> None:
        """Set the limits of a load, whatever those of the role or the server are; at most one query."""
        ...

    def put_back(self) -> None:
        """Set what was before, where the session is still the same; raises no error of the database."""
        ...


class NoLimits:
    """Of a database whose sessions know no limits."""

    def apply(self) -> None:
        """Do nothing."""

    def put_back(self) -> None:
        """Do nothing."""


class Lines(Protocol):
    """Text that is read like a file."""

    def read(self, size: int = -1, /) -> str:
        """Return the next lines, at the end nothing."""
        ...


class Dialect:
    """One connection to a database of which nothing is known but what Django knows."""

    has_copy = False
    """Whether `copy_in` and the strategy `copy` work."""
    has_set_based_update = False
    """Whether `carries` and `update_rows` work."""

    size_function = "LENGTH"
    """The function that tells how much a text takes in the table, in bytes or, where they are all ASCII, characters."""

    decimal_digits = 1000
    """Digits of a decimal that the database keeps exactly."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection

    def run_lock(self, target: str = "") -> RunLock:
        """Return the run lock of `target` in this database, not taken yet. Here it holds on one host only."""
        return FileLock(lambda: [self._lock_path(target)])

    def lock_holder(self, target: str = "") -> int | None:  # noqa: ARG002  # of no use here
        """Return the number of the database session that has the run lock of `target`, where the database knows it."""
        return None

    def refuse_unfit(
        self,
        compared: Collection[Any] = (),  # of no use here
        written: Collection[Any] = (),
    ) -> None:
        """Let the load begin on a database that can hold what is loaded; at most two queries where nothing is odd.

        Texts of the file are compared with the fields `compared`; the fields `written` are what a load writes.

        Raises:
            LoadRefusedError: it cannot, and why.
        """

    def session_limits(self) -> SessionLimits:
        """Return the limits of this connection's session, not set yet."""
        return NoLimits()

    def is_idle(self) -> bool:
        """Tell whether the connection stands and no transaction, known to Django or not, is open on it.

        In an open one what is written now might be undone later.
        """
        return self.connection.connection is not None and self.connection.autocommit

    def is_conflict(self, error: BaseException) -> bool:  # noqa: ARG002  # of no use here
        """Tell whether the transaction failed only because others were at work, and may pass when it is tried again."""
        return False

    def is_schema_missing(self, error: BaseException) -> bool:  # noqa: ARG002  # of no use here
        """Tell whether the database has no such table or column."""
        return False

    def is_generated(self, error: BaseException) -> bool:  # noqa: ARG002  # of no use here
        """Tell whether a column was to be written that the database computes."""
        return False

    def is_out_of_memory(self, error: BaseException) -> bool:  # noqa: ARG002  # of no use here
        """Tell whether a database within this process found no memory."""
        return False

    def limit_waiting(self) -> None:
        """Bound how long the open transaction waits for a lock and for one statement; at most one query."""

    def wait_for_writers(self, seconds: float | None) -> None:
        """Bound how long the next statements wait where one writer keeps all others out; None: as the settings say."""

    def interrupt(self) -> None:
        """Have the statement at work return with an error; for use from another thread. Nothing at work: no effect.

        Raises:
            DatabaseError: the database could not be asked.
        """

    def among(
        self,
        column: Statement,  # noqa: ARG002  # of no use here
        field: Any,  # noqa: ARG002
        values: Collection[Any],  # noqa: ARG002
    ) -> Statement | None:
        """Return the condition that `column` is one of any number of `values`; None where Django's `IN` must do."""
        return None

    def portions(self, values: Collection[Any]) -> Iterable[Collection[Any]]:
        """Return all values, as many at a time as one statement may carry; at most one query a connection."""
        return [values]

    def row_portions(self, columns: list[Column]) -> Iterable[list[Column]]:
        """Return the rows of `columns` as many at a time as one `update_rows` may carry, likewise."""
        return [columns]

    def carries(self, column: Column) -> bool:
        """Tell whether all values reach the database by `update_rows` without loss."""
        raise NotImplementedError

    def update_rows(self, fields: Sequence[Any], columns: Sequence[Column], *, held: Column | None = None) -> Statement:
        """Return one UPDATE that sets `fields`, the first of which is the primary key, to `columns`.

        With `held` only where the second field still holds these values; they are the keys' order in which rows are
        locked then (`can_update_in_order`).
        """
        raise NotImplementedError

    def can_update_in_order(self, pks: Sequence[Any]) -> bool:  # noqa: ARG002  # of no use here
        """Have `update_rows` with `held` lock rows in the order of `pks`, which ascend, in the open transaction.

        Tell whether it does, at no great cost; at most one query.
        """
        return False

    def update_hooks(self, table: str) -> tuple[str, ...] | None:  # noqa: ARG002  # of no use here
        """Return what could change, or keep out, what an UPDATE of `table` writes; None where that is not known.

        For an operator to find: the kind in the words of SQL and the name. At most one query.
        """
        return None

    def hides_rows(self, table: str) -> bool:  # noqa: ARG002  # of no use here
        """Tell whether the database keeps rows of `table` from this user without a word; at most one query."""
        return False

    def inexact_columns(self, table: str) -> frozenset[str]:  # noqa: ARG002
        """Return the columns of `table` in which different texts may be equal; asked of PostgreSQL."""
        return frozenset()

    def foreign_table(self, tables: Collection[str]) -> str:  # noqa: ARG002  # of no use here
        """Return the name of a table on another server that is one of `tables`, or a part of one; empty: there is none.

        At most one query.
        """
        return ""

    def indexes_of_spread_tables(self, tables: Collection[str]) -> dict[str, list[frozenset[str]]]:  # noqa: ARG002
        """Return the unique indexes of those of `tables` that consist of several, as the columns of each.

        There one value may come twice more easily than a model says; at most one query.
        """
        return {}

    def is_distributed(self, table: str) -> bool:  # noqa: ARG002  # of no use here
        """Tell whether the rows of `table` lie on several servers that this one speaks for; at most two queries."""
        return False

    def copy_in(self, cursor: CursorWrapper, table: str, lines: Lines) -> None:
        """Send `lines` to the table, as a `COPY` takes them; an error of `lines` may come out as one of the database.

        Raises:
            DatabaseError: the table does not take them as they are.
        """
        raise NotImplementedError

    def _lock_path(self, target: str) -> Path:
        settings = self.connection.settings_dict
        named = [target] if target else []
        return temporary_lock_path(*(str(settings[key]) for key in ("ENGINE", "HOST", "PORT", "NAME")), *named)
