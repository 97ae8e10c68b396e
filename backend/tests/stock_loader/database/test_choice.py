from types import SimpleNamespace
from typing import Any

import pytest

from stock_loader.database.choice import dialect_of
from stock_loader.database.dialect import Dialect
from stock_loader.database.postgresql import PostgreSQL
from stock_loader.database.sqlite import SQLite


@pytest.mark.parametrize(("vendor", "kind"), [("postgresql", PostgreSQL), ("sqlite", SQLite), ("oracle", Dialect)])
def test_vendor_names_the_dialect(vendor: str, kind: type[Dialect]) -> None:
    connection: Any = SimpleNamespace(vendor=vendor)
    dialect = dialect_of(connection)
    assert type(dialect) is kind
    assert dialect.connection is connection
