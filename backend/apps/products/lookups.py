"""`field__among=[…]`: membership in a list of any length, sent as one parameter.

Django's `__in` sends a parameter for each value: a third of such a lookup goes into quoting them, and SQLite takes only
999 of them in one query. An array (PostgreSQL) or a JSON list (SQLite) has neither cost nor limit.
"""

import json
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Lookup
from django.db.models.lookups import In
from django.db.models.sql.compiler import SQLCompiler


class Among(Lookup):  # type: ignore[type-arg]  # generic in the stubs only
    """Match rows whose value is one of a list; elsewhere than on PostgreSQL and SQLite the same as `__in`."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return Django's own `IN (…)`."""
        return In(self.lhs, self.rhs).as_sql(compiler, connection)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return `column = ANY(array)`, the array cast to the column's type."""
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::{self._base_type(connection)}[])", [*parameters, list(self.rhs)]

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return `column IN (SELECT value FROM json_each(list))`."""
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} IN (SELECT value FROM json_each(%s))", [*parameters, json.dumps(list(self.rhs))]

    def _base_type(self, connection: BaseDatabaseWrapper) -> str:
        return str(self.lhs.output_field.rel_db_type(connection))
