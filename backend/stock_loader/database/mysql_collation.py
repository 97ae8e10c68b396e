"""In which collations texts are compared on MariaDB and MySQL."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper


def exact_collation(connection: BaseDatabaseWrapper) -> str:
    """Return the collation in which only the same text is equal: neither case nor blanks at the end are passed over."""
    is_mariadb = getattr(connection, "mysql_is_mariadb", False)
    return "utf8mb4_nopad_bin" if is_mariadb else "utf8mb4_0900_bin"


def collations(connection: BaseDatabaseWrapper, table: str) -> dict[str, str]:
    """Return the collations of the text columns of `table` by their names; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, collation_name FROM information_schema.columns"
            " WHERE table_schema = DATABASE() AND table_name = %s AND collation_name IS NOT NULL",
            [table],
        )
        rows: Any = cursor.fetchall()
    return dict(rows)
