"""The timeouts and the isolation of a session of MariaDB or MySQL while a load is at work.

Those of the server are made for a web shop. A load that reads a slow file leaves its session idle, and must not wait
for others as long as the server would have it: for a lock 50 seconds, for an ALTER TABLE a day.
"""

import math
from typing import Any

from django.db import Error as DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

from stock_loader.settings import setting

LONGEST_SECONDS = 31_536_000
"""A year: what the server takes at most."""

IDLE_SECONDS = 28_800
"""Between two statements or packets of a load that reads slowly: the server's own default. Who set more keeps it."""


class SessionVariables:
    """What is set in one session."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection
        self._session: Any = None

    def apply(self) -> None:
        """Let reading last, bound the waiting for locks, and the idling in a transaction, by the settings."""
        values = self._values()
        kept = ", ".join(f"@stock_load_{name} = @@SESSION.{name}" for name in values)
        self._set(f"SET {kept}, {_assigned(values)}")
        self._session = self._connection.connection

    def limit_writing(self) -> None:
        """Bound each statement and each waiting, until what was before is put back."""
        lock = _seconds("LOCK_TIMEOUT_SECONDS")
        values = {"innodb_lock_wait_timeout": lock, "lock_wait_timeout": lock}
        seconds = _seconds("STATEMENT_TIMEOUT_SECONDS")
        if self._is_mariadb():
            values["max_statement_time"] = seconds
        else:
            values["max_execution_time"] = seconds * 1000
        self._set(f"SET {_assigned(values)}")

    def put_back(self) -> None:
        """Set what was before; a session that does not take it any more, or that has no before, is closed."""
        if self._session is None:
            return
        try:
            if self._connection.connection is self._session:
                before = {name: f"@stock_load_{name}" for name in self._values()}
                self._set(f"SET {_assigned(before)}")
            else:
                self._connection.close()
        except DatabaseError:
            self._connection.close()
        self._session = None

    def _values(self) -> dict[str, Any]:
        """Return what is set, in the words of the server."""
        lock = _seconds("LOCK_TIMEOUT_SECONDS")
        values = {
            "innodb_lock_wait_timeout": lock,
            "lock_wait_timeout": lock,
            **{name: f"GREATEST(@@SESSION.{name}, {IDLE_SECONDS})" for name in _IDLE},
        }
        # In REPEATABLE READ an INSERT … SELECT locks what it reads: matching would wait for sales, and they for it.
        name = "tx_isolation" if self._is_mariadb() else "transaction_isolation"
        values[name] = _READ_COMMITTED.format(name=name)
        if not self._is_mariadb():
            # A list of any length is looked up by the key; 0 is no limit.
            return values | {"max_execution_time": 0, "range_optimizer_max_mem_size": 0}
        idle = _seconds("STATEMENT_TIMEOUT_SECONDS")
        # A list of a thousand would become a table that is joined, in whatever order.
        return values | {"max_statement_time": 0, "idle_transaction_timeout": idle, _LONGEST_LIST: 0}

    def _is_mariadb(self) -> bool:
        connection: Any = self._connection
        return bool(connection.mysql_is_mariadb)

    def _set(self, statement: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement)


_READ_COMMITTED = "IF(@@log_bin AND @@binlog_format = 'STATEMENT', @@SESSION.{name}, 'READ-COMMITTED')"
"""A server that writes statements into its log takes no changes in READ COMMITTED; there the shop's own level stays."""

_IDLE = ("wait_timeout", "net_read_timeout", "net_write_timeout")
_LONGEST_LIST = "in_predicate_conversion_threshold"


def _assigned(values: dict[str, Any]) -> str:
    return ", ".join(f"SESSION {name} = {value}" for name, value in values.items())


def _seconds(name: str) -> int:
    """Return a setting in whole seconds, as the server counts them; 0 is no limit."""
    return min(math.ceil(setting(name)), LONGEST_SECONDS) or LONGEST_SECONDS
