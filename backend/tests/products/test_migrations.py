from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from apps.common.models import ImportSession
from apps.products.models import Product


@pytest.mark.django_db
def test_models_have_no_changes_without_a_migration() -> None:
    out = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=out)
    assert out.getvalue().strip() in {"No changes detected", "Изменений не обнаружено"}


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
    Product.objects.bulk_update(rows, ["stock_quantity"])
    with connection.cursor() as cursor:
        functions = "pg_stat_get_xact_tuples_updated(oid), pg_stat_get_xact_tuples_hot_updated(oid)"
        cursor.execute(f"SELECT {functions} FROM pg_class WHERE oid = %s::regclass", [Product._meta.db_table])
        assert cursor.fetchone() == (1000, 1000)


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
