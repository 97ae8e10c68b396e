"""Tables on another server: two servers do not commit as one, so no load begins. The wrapper here does nothing."""

from collections.abc import Iterator

import pytest
from django.db import connection

from apps.common.models import ImportSession
from stock_loader.console.exit_codes import exit_code_of
from stock_loader.errors import LoadRefusedError
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from tests.reliability.shop import NEW, OLD, load, statuses, stock

STRATEGIES = ["bulk_update", "copy"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql, pytest.mark.usefixtures("server")]

COLUMNS = (
    "(id bigint, onec_id text, sku text, name text, stock_quantity integer, stock_updated_at timestamptz) SERVER far"
)
FAR = f"CREATE FOREIGN TABLE far_product {COLUMNS}"

LIKE = "CREATE TABLE products_product (LIKE public.products_product)"
PART_OF = "PARTITION OF products_product FOR VALUES WITH (MODULUS 2, REMAINDER {})"

PRODUCTS = {
    "a foreign table": ("products_product", [f"CREATE FOREIGN TABLE products_product {COLUMNS}"]),
    "a foreign partition": (
        "far_part",
        [
            f"{LIKE} PARTITION BY HASH (id)",
            f"CREATE TABLE part {PART_OF.format(0)}",
            f"CREATE FOREIGN TABLE far_part {PART_OF.format(1)} SERVER far",
        ],
    ),
    "a foreign child": (
        "far_child",
        [LIKE, "CREATE FOREIGN TABLE far_child () INHERITS (products_product) SERVER far"],
    ),
    "a view": ("far_product", [FAR, "CREATE VIEW products_product AS SELECT * FROM far_product"]),
    "a view of a view": (
        "far_product",
        [
            FAR,
            "CREATE VIEW seen AS SELECT * FROM far_product",
            "CREATE VIEW products_product AS SELECT * FROM seen",
        ],
    ),
    "a rule": (
        "far_product",
        [
            FAR,
            LIKE,
            """
            CREATE RULE away AS ON UPDATE TO products_product DO INSTEAD
            UPDATE far_product SET stock_quantity = NEW.stock_quantity WHERE id = NEW.id
            """,
        ],
    ),
}
"""Which table is far, and what the shop has in place of the table of its products."""


@pytest.fixture
def server(shop: None) -> Iterator[None]:
    """A server that nobody can reach, and a schema that goes before that of the shop."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER far FOREIGN DATA WRAPPER nowhere")
        cursor.execute("CREATE SCHEMA odd; SET search_path = odd, public")
    try:
        yield
    finally:
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA odd CASCADE; DROP FOREIGN DATA WRAPPER nowhere CASCADE")


def make(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def refusal(table: str) -> str:
    return (
        f"the table {table} is on another server (a foreign table), and two servers do not commit as one: stock could "
        "be written there of a load that failed here. Load into that server itself."
    )


@pytest.mark.parametrize("kind", PRODUCTS)
def test_products_on_another_server_are_refused(kind: str, new_stock: str) -> None:
    far, made = PRODUCTS[kind]
    make(*made)
    for strategy in STRATEGIES:
        with pytest.raises(LoadRefusedError) as refused:
            load(new_stock, strategy=strategy)
        assert (str(refused.value), exit_code_of(refused.value)) == (refusal(far), 1)
    assert list(ImportSession.objects.values_list("status", "error_message")) == [("failed", refusal(far))] * 2


def test_journal_on_another_server_is_refused_where_it_is_kept(new_stock: str) -> None:
    make("CREATE FOREIGN TABLE stock_loader_journalpage (id bigint) SERVER far")
    with pytest.raises(LoadRefusedError) as refused:
        load(new_stock)
    assert (str(refused.value), stock()) == (refusal("stock_loader_journalpage"), OLD)
    without = LoadOptions(file=new_stock, strategy="bulk_update", keeps_journal=False)
    assert load_stocks(without).details.updated_count == len(NEW)


def test_sessions_on_another_server_are_refused(new_stock: str) -> None:
    make("CREATE FOREIGN TABLE common_importsession (id bigint) SERVER far")
    with pytest.raises(LoadRefusedError) as refused:
        load(new_stock)
    assert (str(refused.value), stock()) == (refusal("common_importsession"), OLD)


def test_foreign_table_beside_the_shop_hinders_nothing(new_stock: str) -> None:
    make(FAR)
    load(new_stock)
    assert (stock(), statuses()) == (NEW, ["completed"])
