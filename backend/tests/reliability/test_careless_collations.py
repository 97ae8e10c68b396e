"""Columns in which the database calls different ids equal: to a load they stay different, with both strategies."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import pytest
from django.db import NotSupportedError, connection

from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.outcome import LoadDetails
from stock_loader.strategies import MatchRules
from tests.documents import offer
from tests.documents import rests as document
from tests.reliability.shop import OLD, executed, stock
from tests.strategies import STRATEGIES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]

TABLE = "ALTER TABLE products_product"
COLUMNS = ("onec_id", "sku")
MADE_BY = {
    "collation": "CREATE COLLATION careless (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
    "citext": "CREATE EXTENSION citext",
}
DROPPED_BY = {"collation": "DROP COLLATION careless", "citext": "DROP EXTENSION citext"}
TYPES = {"collation": "varchar(100) COLLATE careless", "citext": "citext"}


@contextmanager
def careless(kind: str) -> Iterator[None]:
    """Have the database call ids equal that differ in case only, which MariaDB does by itself."""
    ways: dict[str, Callable[[], AbstractContextManager[None]]] = {
        "sqlite": careless_on_sqlite,
        "postgresql": lambda: careless_on_postgresql(kind),
        "mysql": nullcontext,
    }
    with ways[connection.vendor]():
        yield


@contextmanager
def careless_on_sqlite() -> Iterator[None]:
    with executed(
        *(f"{TABLE} RENAME COLUMN {column} TO {column}_before" for column in COLUMNS),
        *(f"{TABLE} ADD COLUMN {column} varchar(100) COLLATE NOCASE" for column in COLUMNS),
        "UPDATE products_product SET onec_id = onec_id_before, sku = sku_before",
        undone_by="; ".join(
            f"{TABLE} DROP COLUMN {column}; {TABLE} RENAME COLUMN {column}_before TO {column}" for column in COLUMNS
        ),
    ):
        yield


@contextmanager
def careless_on_postgresql(kind: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        try:
            cursor.execute(MADE_BY[kind])
        except NotSupportedError:
            pytest.skip("needs a server with ICU and citext: TEST_DATABASE_URL")
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes"
            " WHERE tablename = 'products_product' AND indexdef LIKE '%_pattern_ops%'"
        )
        patterns = cursor.fetchall()  # Django's own, for LIKE; they do not go with such columns
    with executed(
        *(f"DROP INDEX {name}" for name, _ in patterns),
        *(f"{TABLE} ALTER {column} TYPE {TYPES[kind]}" for column in COLUMNS),
        undone_by="; ".join(
            (
                *(f'{TABLE} ALTER {column} TYPE varchar(100) COLLATE "default"' for column in COLUMNS),
                DROPPED_BY[kind],
                *(definition for _, definition in patterns),
            )
        ),
    ):
        yield


def loaded(path: Path, strategy: str, **rules: bool) -> LoadDetails:
    other_case = [offer("P0", 99), offer("", 99, sku="s1"), offer("x", 99, sku="s2")]
    path.write_text(document(*other_case, offer("p3", 13), offer("", 14, sku="S4")), encoding="utf-8")
    options = LoadOptions(file=str(path), strategy=strategy, rules=MatchRules(**rules), exports_are_whole=True)
    return load_stocks(options).details


@pytest.mark.parametrize("kind", ["collation", pytest.param("citext", marks=pytest.mark.postgresql)])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_ids_that_differ_in_case_lead_to_no_product(strategy: str, kind: str, rests: Path) -> None:
    with careless(kind):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE products_product SET onec_id = NULL WHERE sku = 'S4'")
            cursor.execute("SELECT count(*) FROM products_product WHERE onec_id = 'P0'")
            assert cursor.fetchone() == (1,), "the database calls them equal"
        details = loaded(rests, strategy)
        assert stock() == [*OLD[:3], 13, 14, *OLD[5:]]
        assert (details.not_found_count, details.updated_count, details.ambiguous_count) == (3, 2, 0)
        loaded(rests, strategy, zeroes_missing=True)
        assert stock() == [0, 0, 0, 13, 14, 0, 0, 0, 0, 0]
