"""The tables that `copy` leaves in the database session while it is at work."""

from django.db import ProgrammingError, connection

from stock_loader.strategies.copy import mysql_tables, statements


def temporary_tables() -> set[str]:
    """The names of those there are."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r'")
            return {name for (name,) in cursor.fetchall()} & set(statements.TABLES)
        found = set()
        for name in mysql_tables.TABLES:  # no catalogue lists the temporary tables of a session
            try:
                cursor.execute(f"SELECT 1 FROM {name} LIMIT 0")
            except ProgrammingError:
                continue
            found.add(name)
        return found
