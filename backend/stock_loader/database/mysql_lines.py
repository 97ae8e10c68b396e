"""Lines of text into a table of MariaDB or MySQL: by LOAD DATA LOCAL where it is allowed, else by INSERTs of many rows.

The client library reads a file by its name. It is given a pipe, so that the server takes lines in while the load makes
the next ones, and nothing is written to a disk.
"""

import errno
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from django.db import DataError, OperationalError
from django.db.backends.utils import CursorWrapper

from stock_loader.database.dialect import Lines

NOT_ALLOWED = frozenset({1148, 4166, 3948, 2068})
"""Codes of a server or a client that takes no LOAD DATA LOCAL; not a byte was read then."""

ESCAPES = {"\\": "\\", "t": "\t", "n": "\n", "r": "\r"}

ESCAPED = re.compile(r"\\(.)")

OPENING_PAUSE_SECONDS = 0.001
"""Between two looks whether the client has begun to read."""

ROW_BYTES = 40
"""Of brackets, quotes and commas around the values of a row."""

MAX_ROWS = 5000
"""An INSERT."""

PACKET_SHARE = 2
"""An INSERT takes at most a half of `max_allowed_packet` before its texts are quoted, which can double them."""


def send_lines(cursor: CursorWrapper, table: str, lines: Lines) -> None:
    """Send `lines`, as COPY of PostgreSQL takes them, to `table`; an error of `lines` comes out as it is.

    After the table's name may stand which columns they fill: `name (first, second)`.

    Raises:
        DataError: the table does not take a line as it is.
        DatabaseError: the server refused.
    """
    cursor.execute("SELECT @@local_infile")
    if not cursor.fetchone()[0] or not _load(cursor, table, lines):
        _insert(cursor, table, lines)


def _load(cursor: CursorWrapper, table: str, lines: Lines) -> bool:
    """Send by LOAD DATA LOCAL; return whether it was allowed, and nothing of `lines` was taken where not."""
    with tempfile.TemporaryDirectory(prefix="stock-load-") as folder:
        pipe = Path(folder) / "lines"
        os.mkfifo(pipe, 0o600)
        load = _Load(cursor, table, pipe)
        try:
            try:
                load.start()
            except RuntimeError:  # the system gives no thread
                return False
            load.feed(lines)
        finally:
            load.end()
        with cursor.db.wrap_database_errors:
            if _code(load.error) in NOT_ALLOWED:
                return False
            if load.error:
                raise load.error
    if load.is_cut:
        raise OperationalError("LOAD DATA: the client stopped to read before the last line")
    if load.warning:
        raise DataError(f"LOAD DATA: {load.warning}")
    return True


def _of_driver(error: BaseException) -> BaseException:
    """Return the first error of the driver: PyMySQL has others after it where the connection goes away."""
    found, seen = error, error.__context__
    while seen is not None:
        found, seen = (seen if _code(seen) else found), seen.__context__
    return found


def _code(error: BaseException | None) -> int:
    """Return the code of an error of the driver; 0 of any other, and of none."""
    if error is None or isinstance(error, OSError) or not error.args:
        return 0
    code = error.args[0]
    return code if isinstance(code, int) else 0


class _Load(threading.Thread):
    """One LOAD DATA LOCAL on the connection of the cursor, which nobody else uses until it has ended."""

    def __init__(self, cursor: CursorWrapper, table: str, pipe: Path) -> None:
        super().__init__(name="stock-load-lines", daemon=True)
        self.error: BaseException | None = None
        self.warning = ""
        """The first one; what it says was lost."""
        self.is_cut = False
        self._cursor = cursor.cursor
        self._table, _, self._columns = table.partition(" ")
        self._pipe = pipe
        self._writing: int | None = None
        self._is_open_to_both = False
        self._has_ended = threading.Event()

    def run(self) -> None:
        """Have the server take the lines in.

        LOCAL makes warnings of what would be errors: a number too large for its column would be cut to fit.
        """
        try:
            self._cursor.execute(
                f"LOAD DATA LOCAL INFILE %s INTO TABLE {self._table} CHARACTER SET utf8mb4"
                " FIELDS TERMINATED BY 0x09 ESCAPED BY 0x5C LINES TERMINATED BY 0x0A"
                f" {self._columns}",
                [str(self._pipe)],
            )
            self._cursor.execute("SELECT @@warning_count")
            if self._cursor.fetchone()[0]:
                self._cursor.execute("SHOW WARNINGS LIMIT 1")
                self.warning = str((self._cursor.fetchone() or ["a line does not fit the table"])[-1])
        except BaseException as error:  # noqa: BLE001  # it goes to the thread that waits for it
            self.error = _of_driver(error)
        finally:
            self._has_ended.set()

    def feed(self, lines: Lines) -> None:
        """Write all lines, as long as they are read."""
        if not self._open():
            return
        while text := lines.read():
            try:
                self._write(text.encode())
            except BrokenPipeError:  # whoever reads has ended, and says why
                self.is_cut = True
                return

    def end(self) -> None:
        """Let the statement come to its end and wait for it, whatever happens meanwhile.

        Raises:
            BaseException: the first thing that happened meanwhile, such as a signal.
        """
        first: BaseException | None = None
        while self.ident is not None and self.is_alive():
            try:
                self._open()
                self._close()
                self.join()
            except BaseException as error:  # noqa: BLE001  # raised below
                first = first or error
        self._close()
        if first:
            raise first

    def _open(self) -> bool:
        """Open the pipe as soon as it is read, once; return whether it is open.

        To open it for writing waits for a reader, which never comes if the server refuses the statement. To open it
        without waiting fails until there is one. Then nobody needs its name any more: a process that is killed leaves
        none behind.
        """
        while not self._is_open_to_both and not self._has_ended.is_set():
            try:
                self._writing = os.open(self._pipe, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            except OSError as error:
                if error.errno != errno.ENXIO:
                    raise
                self._has_ended.wait(OPENING_PAUSE_SECONDS)
            else:
                self._is_open_to_both = True
                os.set_blocking(self._writing, True)
                shutil.rmtree(self._pipe.parent, ignore_errors=True)
        return self._writing is not None

    def _write(self, text: bytes) -> None:
        left = memoryview(text)
        while left and self._writing is not None:
            left = left[os.write(self._writing, left) :]

    def _close(self) -> None:
        if self._writing is not None:
            os.close(self._writing)
            self._writing = None


def _insert(cursor: CursorWrapper, table: str, lines: Lines) -> None:
    """Send by INSERTs of as many rows as a packet may hold."""
    cursor.execute("SELECT @@max_allowed_packet")
    limit = int(cursor.fetchone()[0]) // PACKET_SHARE
    rows: list[list[str | None]] = []
    size = 0
    for line in _each(lines):
        room = len(line.encode()) + ROW_BYTES
        if len(rows) == MAX_ROWS or (rows and size + room > limit):
            _insert_rows(cursor, table, rows)
            rows, size = [], 0
        rows.append(_cells(line))
        size += room
    if rows:
        _insert_rows(cursor, table, rows)


def _each(lines: Lines) -> Iterator[str]:
    while text := lines.read():
        yield from text.split("\n")[:-1]


def _insert_rows(cursor: CursorWrapper, table: str, rows: Sequence[Sequence[str | None]]) -> None:
    row = f"({', '.join(['%s'] * len(rows[0]))})"
    cursor.execute(f"INSERT INTO {table} VALUES {', '.join([row] * len(rows))}", list(chain.from_iterable(rows)))


def _cells(line: str) -> list[str | None]:
    """Return the texts of a line; None where it has no value."""
    return [None if cell == "\\N" else _plain(cell) if "\\" in cell else cell for cell in line.split("\t")]


def _plain(cell: str) -> str:
    return ESCAPED.sub(lambda found: ESCAPES[found[1]], cell)
