"""How much goes into one packet of MariaDB or MySQL: `max_allowed_packet`, 16 MB, of some hosters 1 MB."""

from collections.abc import Collection, Iterator
from typing import Any
from weakref import WeakKeyDictionary

from django.db.backends.base.base import BaseDatabaseWrapper

from stock_loader.database.dialect import Column

BYTES_A_CHARACTER = 4
"""In UTF-8, and more than a quoted one takes."""
BYTES_A_VALUE = 24
"""Around a text, or of a number."""

ANY_SERVER_TAKES_BYTES = 2**17
"""The server is not asked for less."""

_packets: "WeakKeyDictionary[Any, int]" = WeakKeyDictionary()
"""The largest packet that the server takes, by the driver's connection."""


def portions(values: Collection[Any], connection: BaseDatabaseWrapper) -> Iterator[Collection[Any]]:
    """Yield all values, as many at a time as go into one packet for sure."""
    whole = _size(values)
    if whole <= ANY_SERVER_TAKES_BYTES or whole <= (room := _room(connection)):
        yield values
        return
    portion: list[Any] = []
    size = 0
    for value in values:
        more = _size([value])
        if portion and size + more > room:
            yield portion
            portion, size = [], 0
        portion.append(value)
        size += more
    yield portion


def row_portions(columns: list[Column], connection: BaseDatabaseWrapper) -> Iterator[list[Column]]:
    """Yield all rows of `columns`, halved until they go into one packet."""
    rows, size = len(columns[0]), sum(map(_size, columns))
    if rows < 2 or size <= ANY_SERVER_TAKES_BYTES or size <= _room(connection):  # noqa: PLR2004  # one is no half
        yield columns
        return
    yield from row_portions([column[: rows // 2] for column in columns], connection)
    yield from row_portions([column[rows // 2 :] for column in columns], connection)


def _room(connection: BaseDatabaseWrapper) -> int:
    """Return the bytes for values in one packet: half of it, for a statement has other words, too."""
    connection.ensure_connection()
    raw: Any = connection.connection
    if raw not in _packets:
        with connection.cursor() as cursor:
            cursor.execute("SELECT @@SESSION.max_allowed_packet")
            _packets[raw] = int(cursor.fetchone()[0])
    return _packets[raw] // 2


def _size(values: Collection[Any]) -> int:
    """Return how many bytes the values take in a statement at most."""
    texts = sum(map(len, values)) if set(map(type, values)) == {str} else sum(len(str(value)) for value in values)
    return texts * BYTES_A_CHARACTER + len(values) * BYTES_A_VALUE
