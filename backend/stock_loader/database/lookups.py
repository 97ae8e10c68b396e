"""`field__among={…}`: membership in a collection of any size, sent as one parameter.

Django's `__in` sends a parameter for each value: a third of such a lookup goes into quoting them, and SQLite takes only
some thousands of them in one query. An array (PostgreSQL) or a JSON list (SQLite) has neither cost nor limit.
"""

import json
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Lookup
from django.db.models.lookups import In
from django.db.models.sql.compiler import SQLCompiler

from stock_loader.database.postgresql import array_parameter, array_type


class Among(Lookup):  # type: ignore[type-arg]  # generic in the stubs only
    """Match rows whose value is one of a collection of texts or whole numbers.

    A set is the quickest: Django walks through a list value by value. Elsewhere than on PostgreSQL and SQLite the same
    as `__in`.
    """

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return Django's own `IN (…)`."""
        return In(self.lhs, self.rhs).as_sql(compiler, connection)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return `column = ANY(array)`."""
        column, parameters = self.process_lhs(compiler, connection)
        array = f"%s::{array_type(self.lhs.output_field, connection)}"
        return f"{column} = ANY({array})", [*parameters, array_parameter(self.rhs)]

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return `column IN (SELECT value FROM json_each(list))`."""
        column, parameters = self.process_lhs(compiler, connection)
        values = json.dumps(list(self.rhs), ensure_ascii=False)
        return f"{column} IN (SELECT value FROM json_each(%s))", [*parameters, values]
