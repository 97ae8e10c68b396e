"""The database says that it updated, and did not: the load fails, names what stood in the way, and changes nothing."""

import pytest

from apps.products.models import Product
from stock_loader.errors import DatabaseFailedError
from tests.reliability.shop import NEW, OLD, executed, last_message, load, statuses, stock
from tests.strategies import STRATEGIES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]


OF_POSTGRESQL = {
    "returns NULL": ("10 ", "TRIGGER meddle", "BEFORE UPDATE", "RETURN NULL;"),
    "returns OLD": ("10 ", "TRIGGER meddle", "BEFORE UPDATE", "RETURN OLD;"),
    "returns NULL for one row": (
        "1 ",
        "TRIGGER meddle",
        "BEFORE UPDATE",
        "IF NEW.onec_id = 'p3' THEN RETURN NULL; END IF; RETURN NEW;",
    ),
    "sells one": (
        "10 ",
        "TRIGGER meddle",
        "BEFORE UPDATE",
        "NEW.stock_quantity = NEW.stock_quantity - 1; RETURN NEW;",
    ),
    "updates again": (
        "1 ",
        "TRIGGER meddle",
        "AFTER UPDATE",
        (
            "IF NEW.onec_id = 'p3' AND NEW.stock_quantity <> 77 THEN"
            " UPDATE products_product SET stock_quantity = 77 WHERE id = NEW.id; END IF; RETURN NULL;"
        ),
    ),
}


def trigger(when: str, body: str) -> str:
    return (
        f"CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$;"
        f"CREATE TRIGGER meddle {when} ON products_product FOR EACH ROW EXECUTE FUNCTION meddle()"
    )


def unwritten(count: str, causes: str) -> str:
    return (
        f"{count}products did not take their new quantity; the table products_product has: {causes}. "
        "Nothing was loaded. Let updates of a load pass there."
    )


def refusal(file: str, strategy: str) -> str:
    with pytest.raises(DatabaseFailedError) as failed:
        load(file, strategy=strategy)
    assert (stock(), statuses(), last_message()) == (OLD, ["failed"], str(failed.value))
    return str(failed.value)


@pytest.mark.postgresql
@pytest.mark.parametrize("case", OF_POSTGRESQL)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_trigger_that_keeps_quantities_fails_the_load(strategy: str, case: str, new_stock: str) -> None:
    count, causes, when, body = OF_POSTGRESQL[case]
    with executed(trigger(when, body), undone_by="DROP FUNCTION meddle CASCADE"):
        assert refusal(new_stock, strategy) == unwritten(count, causes)


@pytest.mark.postgresql
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_trigger_that_lets_quantities_pass_is_none_of_the_loads_business(strategy: str, new_stock: str) -> None:
    body = "NEW.name = 'touched'; RETURN NEW;"
    with executed(trigger("BEFORE UPDATE", body), undone_by="DROP FUNCTION meddle CASCADE"):
        load(new_stock, strategy=strategy)
    assert (stock(), statuses()) == (NEW, ["completed"])
    assert set(Product.objects.values_list("name", flat=True)) == {"touched"}


@pytest.mark.postgresql
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_rule_that_does_nothing_instead_fails_the_load(strategy: str, new_stock: str) -> None:
    with executed(
        "CREATE RULE frozen AS ON UPDATE TO products_product DO INSTEAD NOTHING",
        undone_by="DROP RULE frozen ON products_product",
    ):
        assert refusal(new_stock, strategy) == unwritten("10 ", "RULE frozen")


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("count", "body"),
    [
        ("10 ", "BEFORE UPDATE ON products_product BEGIN SELECT RAISE(IGNORE); END"),
        ("1 ", "BEFORE UPDATE ON products_product WHEN NEW.onec_id = 'p3' BEGIN SELECT RAISE(IGNORE); END"),
        (
            "1 ",
            (
                "AFTER UPDATE ON products_product WHEN NEW.onec_id = 'p3' AND NEW.stock_quantity <> 77"
                " BEGIN UPDATE products_product SET stock_quantity = 77 WHERE id = NEW.id; END"
            ),
        ),
    ],
)
def test_trigger_of_sqlite_that_keeps_quantities_fails_the_load(count: str, body: str, new_stock: str) -> None:
    with executed(f"CREATE TRIGGER meddle {body}", undone_by="DROP TRIGGER meddle"):
        assert refusal(new_stock, "bulk_update") == unwritten(count, "TRIGGER meddle")


@pytest.mark.sqlite
def test_trigger_of_sqlite_that_lets_quantities_pass_is_none_of_the_loads_business(new_stock: str) -> None:
    body = "AFTER UPDATE ON products_product BEGIN UPDATE products_product SET name = 'touched' WHERE id = NEW.id; END"
    with executed(f"CREATE TRIGGER meddle {body}", undone_by="DROP TRIGGER meddle"):
        load(new_stock)
    assert (stock(), statuses()) == (NEW, ["completed"])
    assert set(Product.objects.values_list("name", flat=True)) == {"touched"}
