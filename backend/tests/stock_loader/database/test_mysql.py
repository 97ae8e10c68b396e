import threading
import time
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, OperationalError, connection, connections, transaction

from apps.products.models import Product
from stock_loader.database.choice import dialect_of
from stock_loader.database.mysql import MySQL
from stock_loader.database.set_based_update import SetBasedUpdateQuerySet
from tests.servers import connected

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mariadb]

TABLE = "products_product"


@pytest.mark.parametrize(
    ("code", "is_one"), [(1213, True), (1205, True), (1020, True), (1412, True), (1969, False), (1062, False)]
)
def test_conflicts_of_mariadb(code: int, is_one: bool) -> None:
    with pytest.raises(DatabaseError) as raised, connection.cursor() as cursor:
        cursor.execute(f"SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = {code}, MESSAGE_TEXT = 'x'")
    assert dialect_of(connection).is_conflict(raised.value) is is_one


def test_missing_tables_and_columns_and_generated_columns_are_known() -> None:
    dialect = dialect_of(connection)

    def error_of(statement: str) -> DatabaseError:
        with pytest.raises(DatabaseError) as raised, connection.cursor() as cursor:
            cursor.execute(statement)
        return raised.value

    assert dialect.is_schema_missing(error_of("SELECT 1 FROM nothing"))
    assert dialect.is_schema_missing(error_of(f"SELECT nothing FROM {TABLE}"))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE sums (a int, b int AS (a + 1) STORED)")
        cursor.execute("INSERT INTO sums (a) VALUES (1)")
    try:
        assert dialect.is_generated(error_of("UPDATE sums SET b = 7"))
        assert not dialect.is_generated(error_of("SELECT 1 FROM nothing"))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE sums")


def test_statement_at_work_is_ended_from_another_thread() -> None:
    dialect, began = dialect_of(connections["default"]), time.monotonic()
    dialect.refuse_unfit()
    dialect.interrupt()
    timer = threading.Timer(0.3, dialect.interrupt)
    timer.start()
    with pytest.raises(OperationalError, match="1317"), connection.cursor() as cursor:
        cursor.execute("SELECT SLEEP(30)")
    assert time.monotonic() - began < 30
    timer.join()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@pytest.mark.alone  # the limit is one of all of the server
def test_long_lists_are_cut_to_the_packet() -> None:
    with connected_to_small_packets():
        names = [f"{number:0>100}" for number in range(30_000)]
        Product.objects.bulk_create([Product(onec_id=name, sku=name) for name in names[::3000]], batch_size=5)
        found = Product.objects.in_bulk(names, field_name="onec_id")
        assert sorted(found) == names[::3000]
        rows = list(found.values())
        for row in rows:
            row.name, row.stock_quantity = "я" * 299, 7
        unknown = [Product(pk=10**6 + number, name=f"{number:я>299}", stock_quantity=7) for number in range(4000)]
        assert Product.objects.bulk_update([*rows, *unknown], ["name", "stock_quantity"]) == 10
        assert set(Product.objects.values_list("stock_quantity", flat=True)) == {7}


class connected_to_small_packets:  # noqa: N801  # a context
    """A server that takes packets of 1 MiB, what some hosters set; sessions that exist keep their own limit."""

    def __enter__(self) -> None:
        self._set(2**20)

    def __exit__(self, *_: object) -> None:
        self._set(2**24)

    def _set(self, size: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET GLOBAL max_allowed_packet = {size}")
        connection.close()


@pytest.fixture
def reader(server_url: str) -> Iterator[str]:
    """A user who may read and write the shop, and sees no triggers."""
    name = connection.settings_dict["NAME"]
    with connected(server_url) as cursor:
        cursor.execute("CREATE OR REPLACE USER without_triggers@'%' IDENTIFIED BY 'x'")
        cursor.execute(f"GRANT SELECT, UPDATE ON `{name}`.* TO without_triggers@'%'")
        yield "without_triggers"
        cursor.execute("DROP USER without_triggers@'%'")


def test_triggers_are_told_or_that_nothing_is_known_of_them(reader: str) -> None:
    dialect, other = dialect_of(connection), connection.copy()
    other.settings_dict.update(USER=reader, PASSWORD="x")
    assert dialect.update_hooks(TABLE) == ()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TRIGGER keeps BEFORE UPDATE ON {TABLE} FOR EACH ROW SET NEW.stock_quantity = 1")
        cursor.execute(f"CREATE VIEW seen AS SELECT * FROM {TABLE}")
    try:
        assert dialect.update_hooks(TABLE) == ("TRIGGER keeps",)
        assert dialect.update_hooks("seen") == ("VIEW seen",)
        assert MySQL(other).update_hooks(TABLE) is None
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER keeps")
            cursor.execute("DROP VIEW seen")
        other.close()


def test_rows_are_locked_in_the_order_of_their_keys() -> None:
    """The server reads a range of the primary key, whatever the order of the list and however long it is."""
    Product.objects.bulk_create(Product(onec_id=f"{n}", sku=f"{n}") for n in range(5000))
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE TABLE {TABLE}")
    session = dialect_of(connection).session_limits()
    session.apply()
    pks = list(Product.objects.values_list("pk", flat=True))[::4]
    with transaction.atomic():
        rows: SetBasedUpdateQuerySet[Product] = SetBasedUpdateQuerySet(Product)
        rows = rows.filter(pk__among=set(pks)).order_by("pk").select_for_update()
        plan = rows.explain(format="TRADITIONAL")
    assert "range" in plan.split()
    assert "PRIMARY" in plan.split()
    assert "filesort" not in plan
    session.put_back()
