"""`bulk_update` must give what Django's own gives: `models.QuerySet.bulk_update` is the oracle throughout."""

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection, models, transaction
from django.db.backends.postgresql.psycopg_any import is_psycopg3  # type: ignore[import-untyped]
from django.db.models import F, Value
from django.db.models.functions import Upper
from django.test.utils import CaptureQueriesContext
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from apps.common.models import ImportSession
from apps.products.models import Product
from stock_loader.database.set_based_update import SetBasedUpdateQuerySet
from tests.stock_loader.database.updated_rows import FIELDS, Sample, products

pytestmark = pytest.mark.django_db

MOMENT = datetime(2026, 1, 15, 3, 30, 15, 123456, tzinfo=UTC)


def outcome(update: Callable[[], object], model: type[models.Model]) -> tuple[object, list[Any]]:
    """What `update` returned or raised and the whole table after it; all is undone."""
    result: object
    with transaction.atomic():
        try:
            with transaction.atomic():
                result = update()
        except Exception as error:  # noqa: BLE001  # both must fail alike
            result = type(error)
        rows = list(models.QuerySet(model).order_by("pk").values_list())
        transaction.set_rollback(True)
    return result, rows


def assert_as_django(queryset: "models.QuerySet[Any]", rows: Sequence[Any], fields: Any, **options: Any) -> object:
    """Compare `bulk_update` with Django's own on the same rows; return what both returned or raised."""
    expected = outcome(
        lambda: models.QuerySet.bulk_update(queryset.all(), list(rows), fields, **options), queryset.model
    )
    assert outcome(lambda: queryset.all().bulk_update(rows, fields, **options), queryset.model) == expected
    return expected[0]


def statements(update: Callable[[], object]) -> list[str]:
    """The statements of `update`, without savepoints."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        update()
    return [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]


WAYS = ("unnest", "json_each", "JSON_TABLE")
"""What a list of rows becomes a table by: in PostgreSQL, SQLite and MariaDB."""


def is_set_based(sql: str) -> bool:
    return sql.startswith("UPDATE") and " CASE " not in sql and any(f"{way}(" in sql for way in WAYS)


def _is_too_large_for_no_row(product: Product) -> bool:
    """Psycopg 3 lets PostgreSQL read a value only when it meets the row: Django then updates nothing, and we refuse."""
    quantity = product.stock_quantity
    return product.sku == "unknown" and isinstance(quantity, int) and quantity > 2**31 - 1


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ["'", '"', "\\", "%s", "NULL", "{}"]
)
QUANTITIES = st.integers(0, 2**31 - 1) | st.sampled_from([None, -1, 2**31, 2**63, "7", True, 2.0, F("id") + 1])
CHANGES = st.tuples(
    st.integers(-1, 6),
    QUANTITIES,
    st.none() | st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)),
    TEXTS,
)


@given(
    changes=st.lists(CHANGES, max_size=8),
    fields=st.lists(st.sampled_from([*FIELDS, "name", "id", "wrong"]), max_size=4),
    batch_size=st.sampled_from([None, 1, 2, 3, 7, 1000, 0, -1]),
)
@settings(max_examples=150, deadline=None)
def test_any_update_of_products_does_what_djangos_does(
    changes: list[tuple[int, Any, datetime | None, str]], fields: list[str], batch_size: int | None
) -> None:
    with transaction.atomic():
        stored = products(5)
        unknown = [Product(pk=stored[-1].pk + 1000, sku="unknown"), Product(sku="unsaved")]
        rows = [(*stored, *unknown)[place] for place, *_ in changes]
        for row, (_, quantity, moment, name) in zip(rows, changes, strict=True):
            row.stock_quantity, row.stock_updated_at, row.name = quantity, moment, name
        assume(not (is_psycopg3 and any(map(_is_too_large_for_no_row, rows))))
        assert_as_django(Product.objects.all(), rows, fields, batch_size=batch_size)
        transaction.set_rollback(True)


SAMPLES = st.fixed_dictionaries(
    {
        "number": st.none() | st.integers(-(2**63), 2**63 - 1) | st.sampled_from([2**63, 2**70]),
        "amount": st.none() | st.decimals(-(10**9), 10**9, places=2, allow_nan=False),
        "flag": st.none() | st.booleans(),
        "day": st.none() | st.dates(),
        "clock": st.none() | st.times(),
        "token": st.none() | st.uuids(),
        "label": st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
        "ratio": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "extra": st.none() | st.lists(st.integers() | TEXTS.filter(lambda text: "\0" not in text), max_size=2),
        "parent_id": st.none() | st.sampled_from(["a", "b"]),
    }
)
SAMPLE_FIELDS = ["number", "amount", "flag", "day", "clock", "token", "label", "ratio", "extra", "parent"]


@pytest.mark.usefixtures("sample_table")
@given(
    values=st.lists(SAMPLES, min_size=3, max_size=3),
    fields=st.lists(st.sampled_from(SAMPLE_FIELDS), min_size=1, max_size=4, unique=True),
)
@settings(max_examples=150, deadline=None)
def test_any_type_is_stored_as_django_stores_it(values: list[dict[str, Any]], fields: list[str]) -> None:
    with transaction.atomic():
        Sample.objects.bulk_create([Sample(key="a"), Sample(key="b"), Sample(key="c", number=3)])
        rows = [Sample(key=key, **sample) for key, sample in zip("abc", values, strict=True)]
        assert_as_django(Sample.objects.all(), rows, fields)
        transaction.set_rollback(True)


@pytest.mark.usefixtures("sample_table")
def test_plain_types_are_set_based_and_others_are_not() -> None:
    values: dict[str, list[Any]] = {
        "number": [1, -(2**63) + 1],
        "amount": [Decimal("0.10"), Decimal("-9999999.99")],
        "flag": [True, None],
        "day": [date(2026, 1, 15), None],
        "clock": [time(3, 30, 15, 123456), None],
        "token": [uuid.UUID(int=1), uuid.UUID(int=2)],
        "label": ["a'\"\\", "\N{GRINNING FACE}"],
        "ratio": [0.1, 1e-300],
        "extra": [{"a": 1}, None],
        "parent": [None, None],
    }
    Sample.objects.bulk_create([Sample(key="a"), Sample(key="b")])
    set_based = set()
    for field, pair in values.items():
        rows = [Sample(key=key, **{field: value}) for key, value in zip("ab", pair, strict=True)]
        assert assert_as_django(Sample.objects.all(), rows, [field]) == 2
        sent = statements(lambda: Sample.objects.bulk_update(rows, [field]))  # noqa: B023
        if all(is_set_based(sql) for sql in sent if sql.startswith("UPDATE")):
            set_based.add(field)
    own = {"extra"} if connection.vendor != "postgresql" else set()
    assert set_based == {"number", "amount", "flag", "day", "clock", "token", "label"} | own


@pytest.mark.usefixtures("sample_table")
def test_longer_key_than_its_column_finds_no_row() -> None:
    Sample.objects.create(key="abcde", number=1)
    assert assert_as_django(Sample.objects.all(), [Sample(key="abcdef", number=2)], ["number"]) == 0


@pytest.mark.parametrize("batch_size", [None, 1, 3, 4, 5, 100])
@pytest.mark.parametrize("is_shared", [True, False])
def test_each_batch_is_one_update(batch_size: int | None, is_shared: bool) -> None:
    rows = products(10)
    for number, row in enumerate(rows):
        row.stock_quantity = number * 7
        row.stock_updated_at = MOMENT if is_shared else MOMENT.replace(second=number)
    sent = statements(lambda: Product.objects.bulk_update(rows, FIELDS, batch_size=batch_size))
    assert len(sent) == {None: 1, 1: 10, 3: 4, 4: 3, 5: 2, 100: 1}[batch_size]
    assert all(map(is_set_based, sent))
    stored = Product.objects.order_by("pk").values_list("pk", *FIELDS)
    assert list(stored) == [(row.pk, row.stock_quantity, row.stock_updated_at) for row in rows]


def test_rows_are_counted_that_exist() -> None:
    rows = products(3)
    Product.objects.filter(pk=rows[1].pk).delete()
    assert assert_as_django(Product.objects.all(), rows, FIELDS, batch_size=2) == 2


def test_rows_of_one_value_are_one_update_without_it_in_the_list() -> None:
    rows = products(2)
    for row in rows:
        row.name = "the same name"
    (sent,) = statements(lambda: Product.objects.bulk_update(rows, ["name"]))
    assert sent.count("the same name") == 1
    assert set(Product.objects.values_list("name", flat=True)) == {"the same name"}


def test_text_longer_than_its_column_ends_as_with_django() -> None:
    (row,) = products(1)
    row.name = "x" * 301
    assert_as_django(Product.objects.all(), [row], ["name"])


def test_values_that_only_django_can_store_are_left_to_it() -> None:
    first, second = products(2)
    cases: list[tuple[Any, list[Any]]] = [
        (Product.objects.all(), [first, first]),
        (Product.objects.filter(stock_quantity=10), [first, second]),
        (Product.objects.exclude(stock_quantity=10), [first, second]),
        (Product.objects.distinct(), [first, second]),
        (Product.objects.all(), [Product(pk=first.pk, stock_quantity=F("stock_quantity") + 5)]),
        (Product.objects.all(), [Product(pk=first.pk, name=Upper(Value("a")))]),
    ]
    for queryset, rows in cases:
        assert_as_django(queryset, rows, ["stock_quantity", "name"])
        sent = statements(lambda: queryset.bulk_update(rows, ["stock_quantity", "name"]))  # noqa: B023
        assert not any(map(is_set_based, sent))
    assert Product.objects.none().bulk_update([first], FIELDS) == 0


def test_json_is_stored_as_django_stores_it() -> None:
    session = ImportSession.objects.create(import_type="stocks")
    session.details = {"file": "rests.xml", "not_found": [None, "'"]}
    queryset: SetBasedUpdateQuerySet[ImportSession] = SetBasedUpdateQuerySet(ImportSession)
    assert assert_as_django(queryset, [session], ["details"]) == 1
    assert queryset.bulk_update([session], ["details", "status"]) == 1
    assert ImportSession.objects.get().details == session.details


@pytest.mark.django_db(transaction=True)
def test_failing_batch_undoes_the_batches_before() -> None:
    rows = products(3)
    for row, quantity in zip(rows, [1, 2, -3], strict=True):
        row.stock_quantity = quantity
    # MariaDB has unsigned numbers, the others a constraint.
    assert assert_as_django(Product.objects.all(), rows, FIELDS, batch_size=1) in {IntegrityError, DataError}
    assert list(Product.objects.order_by("pk").values_list("stock_quantity", flat=True)) == [10, 11, 12]


def test_database_named_by_using_is_written() -> None:
    (row,) = products(1)
    row.stock_quantity = 5
    assert assert_as_django(Product.objects.using("default"), [row], FIELDS) == 1
