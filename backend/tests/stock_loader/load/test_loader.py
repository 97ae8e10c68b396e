from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection

from apps.common.models import ImportSession
from apps.products.models import Product
from stock_loader.errors import DocumentError, LoadRefusedError, SessionClosedError, StockLoadError
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.load.watchers import LoadWatcher
from tests.documents import offer
from tests.documents import rests as document
from tests.strategies import STRATEGIES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english")]


class SessionsElsewhere:
    """A router that keeps import sessions in another database."""

    def db_for_write(self, model: type, **hints: Any) -> str | None:
        return "elsewhere" if model is ImportSession else None


@pytest.fixture(autouse=True)
def product() -> Product:
    return Product.objects.create(onec_id="a", sku="A", name="", stock_quantity=5)


def options(path: Path, *offers: str, strategy: str = "bulk_update") -> LoadOptions:
    path.write_text(document(*offers), encoding="utf-8")
    return LoadOptions(file=str(path), strategy=strategy)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_session_is_there_before_the_file_is_read(strategy: str, rests: Path) -> None:
    seen: list[object] = []
    watcher = LoadWatcher(
        on_session=seen.append,
        on_files=lambda files: seen.append(list(ImportSession.objects.values_list("pk", "status"))),
    )
    report = load_stocks(options(rests, offer("a", 1), strategy=strategy), watcher=watcher)
    assert seen[:2] == [report.session_id, [(report.session_id, "started")]]
    assert ImportSession.objects.get().status == "completed"


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_session_closed_while_the_load_runs_loads_nothing(strategy: str, rests: Path) -> None:
    def close(session_id: int) -> None:
        ImportSession.objects.filter(pk=session_id).update(status="failed", error_message="closed by hand")

    with pytest.raises(SessionClosedError) as closed:
        load_stocks(options(rests, offer("a", 1), strategy=strategy), watcher=LoadWatcher(on_session=close))

    session = ImportSession.objects.get()
    assert str(closed.value) == (
        f"session #{session.pk} was closed by somebody else while the load ran; nothing was loaded."
    )
    assert (session.status, session.error_message) == ("failed", "closed by hand")
    assert Product.objects.get().stock_quantity == 5


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_session_deleted_while_the_load_runs_loads_nothing(strategy: str, rests: Path) -> None:
    def delete(session_id: int) -> None:
        ImportSession.objects.filter(pk=session_id).delete()

    with pytest.raises(SessionClosedError):
        load_stocks(options(rests, offer("a", 1), strategy=strategy), watcher=LoadWatcher(on_session=delete))

    assert Product.objects.get().stock_quantity == 5


def failing_look_up(error: Exception) -> Any:
    """An execute wrapper that raises when products are looked up."""

    def execute_or_fail(execute: Any, sql: str, *arguments: Any) -> Any:
        if "products_product" in sql:
            raise error
        return execute(sql, *arguments)

    return connection.execute_wrapper(execute_or_fail)


def test_error_that_nobody_expected_is_recorded_and_goes_on(rests: Path) -> None:
    with pytest.raises(ZeroDivisionError), failing_look_up(ZeroDivisionError("a\nb")):
        load_stocks(options(rests, offer("a", 1)))

    session = ImportSession.objects.get()
    assert (session.status, session.error_message) == ("failed", "ZeroDivisionError: a b")


def test_out_of_memory_says_what_to_do(rests: Path) -> None:
    with pytest.raises(StockLoadError) as failed, failing_look_up(MemoryError()):
        load_stocks(options(rests, offer("a", 1)))

    advice = "smaller batches" if connection.vendor == "sqlite" else "--strategy copy or smaller batches"
    expected = f"out of memory. Give the process more, or use {advice}."
    assert (str(failed.value), ImportSession.objects.get().error_message) == (expected, expected)


def test_failed_load_reports_its_session(rests: Path) -> None:
    rests.write_text("<html/>", encoding="utf-8")
    with pytest.raises(DocumentError) as failed:
        load_stocks(LoadOptions(file=str(rests), strategy="bulk_update"))

    session = ImportSession.objects.get()
    assert failed.value.report is not None
    assert failed.value.report.session_id == session.pk
    assert failed.value.report.error_message == session.error_message == str(failed.value)


def test_sessions_in_another_database_are_refused(rests: Path, settings: LazySettings) -> None:
    settings.DATABASE_ROUTERS = [SessionsElsewhere()]
    with pytest.raises(LoadRefusedError) as refused:
        load_stocks(options(rests, offer("a", 1)))
    assert str(refused.value) == ("products and import sessions must be in one database: they are committed together.")
    assert Product.objects.get().stock_quantity == 5


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_same_file_again_sends_no_update_of_products(strategy: str, rests: Path) -> None:
    load_stocks(options(rests, offer("a", 1), strategy=strategy))
    sent: list[str] = []

    def note(execute: Any, sql: str, *arguments: Any) -> Any:
        sent.append(sql)
        return execute(sql, *arguments)

    with connection.execute_wrapper(note):
        report = load_stocks(options(rests, offer("a", 1), strategy=strategy))

    assert (report.details.updated_count, report.details.unchanged_count) == (0, 1)
    assert [sql for sql in sent if "products_product" in sql and sql.lstrip().startswith("UPDATE")] == []
    assert [sql for sql in sent if "FOR NO KEY UPDATE" in sql] == []
    assert len(sent) > 5


@pytest.mark.postgresql
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_load_leaves_the_connection_as_it_was(strategy: str, rests: Path) -> None:
    """A shop may load from a process that goes on: no handler, lock, limit or temporary table stays behind."""
    load_stocks(options(rests, offer("a", 1), strategy=strategy))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
        assert cursor.fetchone() == ("0", "0")
        cursor.execute("SELECT count(*) FROM pg_class WHERE relpersistence = 't'")
        assert cursor.fetchone() == (0,)
    assert connection.execute_wrappers == []
