"""MariaDB and MySQL."""

from django.db.backends.utils import CursorWrapper

from stock_loader.database.dialect import Dialect, Lines
from stock_loader.database.mysql_lines import send_lines


class MySQL(Dialect):
    """A connection to MariaDB or MySQL."""

    has_copy = True

    def copy_in(self, cursor: CursorWrapper, table: str, lines: Lines) -> None:
        """Send by LOAD DATA LOCAL, or by INSERT."""
        send_lines(cursor, table, lines)
