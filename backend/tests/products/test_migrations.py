import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from apps.common.models import ImportSession
from apps.products.models import Product


def test_models_have_no_changes_without_a_migration(test_database_url: str) -> None:
    done = subprocess.run(  # on its own: the benchmarks, where they are collected too, have a model of products
        [sys.executable, str(PROJECT / "manage.py"), "makemigrations", "--check", "--dry-run"],
        env=os.environ | {"DATABASE_URL": test_database_url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "No changes detected\n")


PROJECT = Path(__file__).resolve().parents[3]


@pytest.mark.django_db
@pytest.mark.postgresql
def test_half_of_each_page_of_products_stays_free() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reloptions FROM pg_class WHERE oid = %s::regclass", [Product._meta.db_table])
        assert cursor.fetchone() == (["fillfactor=50"],)


@pytest.mark.django_db
def test_no_index_covers_a_column_that_a_load_writes() -> None:
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, Product._meta.db_table).values()
    indexes = [constraint["columns"] for constraint in constraints if constraint["index"] or constraint["unique"]]
    indexed = {column for columns in indexes for column in columns}
    assert {"onec_id", "sku"} <= indexed
    assert not indexed & {"stock_quantity", "stock_updated_at"}


@pytest.mark.django_db
@pytest.mark.postgresql
def test_stock_changes_are_heap_only() -> None:
    rows = Product.objects.bulk_create(Product(sku=f"sku {number}", name="x" * 50) for number in range(1000))
    for row in rows:
        row.stock_quantity = 5
    updated, hot = updated_tuples()  # of this and earlier tests that the server has not added up yet
    Product.objects.bulk_update(rows, ["stock_quantity"])
    assert updated_tuples() == (updated + 1000, hot + 1000)


def updated_tuples() -> tuple[int, int]:
    """Tuples of products updated in this database session so far, and how many of these heap-only."""
    functions = "pg_stat_get_xact_tuples_updated(oid), pg_stat_get_xact_tuples_hot_updated(oid)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {functions} FROM pg_class WHERE oid = %s::regclass", [Product._meta.db_table])
        updated, hot = cursor.fetchone()
    return updated, hot


@pytest.mark.django_db(transaction=True)
def test_migrations_go_back_and_forth() -> None:
    tables = {Product._meta.db_table, ImportSession._meta.db_table}
    try:
        for app in ("products", "common"):
            call_command("migrate", app, "zero", verbosity=0)
        assert tables.isdisjoint(connection.introspection.table_names())
    finally:
        call_command("migrate", verbosity=0)
    assert tables <= set(connection.introspection.table_names())
    applied = MigrationLoader(connection).applied_migrations
    assert {app for app, _ in applied} >= {"products", "common"}
