"""`field__among={…}`: membership in a collection of any size, sent as one parameter.

Django's `__in` sends a parameter for each value: a third of such a lookup goes into quoting them, and SQLite takes only
some thousands of them in one query. An array (PostgreSQL) or a JSON list (SQLite) has neither cost nor limit.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Lookup, UUIDField
from django.db.models.lookups import In
from django.db.models.sql.compiler import SQLCompiler

from stock_loader.database.choice import dialect_of


class Among(Lookup):  # type: ignore[type-arg]  # generic in the stubs only
    """Match rows whose value is one of a collection of texts, whole numbers or UUIDs.

    A set is the quickest: Django walks through a list value by value. Where the dialect has no way of its own, the same
    as `__in`.
    """

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return the condition of the dialect, or Django's own `IN (…)`."""
        sql, parameters = self.process_lhs(compiler, connection)
        field, values = self.lhs.output_field, self.rhs
        if isinstance(field, UUIDField):
            values = [field.get_db_prep_value(value, connection) for value in values]
        condition = dialect_of(connection).among((sql, list(parameters)), field, values)
        return condition or In(self.lhs, self.rhs).as_sql(compiler, connection)
