"""The n-th statement, read or message to the server fails, for n = 1, 2, … until a load succeeds."""

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.db import OperationalError, connection

from apps.products.models import Product
from stock_loader.errors import StockLoadError
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from tests.documents import offer
from tests.documents import rests as document
from tests.patience import PATIENCE_SECONDS
from tests.reliability.conftest import Figures
from tests.reliability.loads import BACKEND, environment_of
from tests.reliability.shop import (
    NEW,
    OLD,
    is_otherwise_untouched,
    last_message,
    load,
    reset_shop,
    statuses,
    stock,
    write_new_stock,
)
from tests.strategies import STRATEGIES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]

BROKEN_STATEMENTS = {"sqlite": "SELECT json('{')", "postgresql": "SELECT 1/0"}
REASONS = {"sqlite": "the database reported: malformed JSON", "postgresql": "the database reported: division by zero"}


class FailingStatements:
    """Has the database refuse statements `first` to `last`, each as it refuses any wrong one."""

    def __init__(self, first: int, last: int) -> None:
        self._failing = range(first, last + 1)
        self.sent = 0

    def __call__(self, execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any) -> Any:
        self.sent += 1
        if self.sent in self._failing:
            return execute(BROKEN_STATEMENTS[connection.vendor], None, False, context)
        return execute(sql, parameters, many, context)


class RaisingStatement:
    """Raises in the place of statement `number`."""

    def __init__(self, number: int, kind: type[BaseException]) -> None:
        self._number, self._kind = number, kind
        self.sent = 0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        self.sent += 1
        if self.sent == self._number:
            raise self._kind
        return execute(*arguments)


def pass_on(execute: Callable[..., Any], *arguments: Any) -> Any:
    return execute(*arguments)


def load_with(wrapper: Callable[..., Any], file: str, strategy: str) -> StockLoadError | None:
    try:
        with connection.execute_wrapper(wrapper):
            load(file, strategy=strategy)
    except StockLoadError as error:
        return error
    return None


@pytest.mark.parametrize("failing", [1, 2, 3])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_failing_statements_leave_all_old_or_all_new(
    strategy: str, failing: int, new_stock: str, figures: Figures
) -> None:
    """Of two, the second meets the record of the failure; of three, the third meets its repetition."""
    for first in count(1):
        reset_shop()
        faults = FailingStatements(first, first + failing - 1)
        error = load_with(faults, new_stock, strategy)
        assert is_otherwise_untouched(), first
        if faults.sent < first:
            break
        if error is None:
            assert (stock(), statuses()) == (NEW, ["completed"]), first
            continue
        assert stock() == OLD, first
        assert str(error) == REASONS[connection.vendor], first
        if failing == 1:
            assert (statuses(), last_message()) == (["failed"], REASONS[connection.vendor]), first
        assert "completed" not in statuses(), first
        load(
            new_stock, strategy=strategy, wait_seconds=PATIENCE_SECONDS
        )  # a server needs a moment to end a closed session
        assert (stock(), statuses()[-1], statuses().count("started")) == (NEW, "completed", 0), first
    figures(f"{failing} statements failing, {strategy}, {connection.vendor}", faults=first - 1, survived=first - 1)
    assert (stock(), statuses()) == (NEW, ["completed"])
    assert first > 15


@pytest.mark.parametrize("kind", [MemoryError, SystemExit, KeyboardInterrupt])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_error_of_the_process_before_any_statement_leaves_all_old_or_all_new(
    strategy: str, kind: type[BaseException], new_stock: str
) -> None:
    for number in count(1):
        reset_shop()
        fault = RaisingStatement(number, kind)
        with connection.execute_wrapper(fault), suppress(StockLoadError, kind):
            load(new_stock, strategy=strategy)
        assert (stock(), statuses()) in [(OLD, ["failed"]), (NEW, ["completed"])], number
        if fault.sent < number:
            break
    assert stock() == NEW
    assert number > 15


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_failing_read_leaves_all_old(
    strategy: str, rests: Path, monkeypatch: pytest.MonkeyPatch, figures: Figures
) -> None:
    file = write_new_stock(rests, padding=200_000)
    for number in count(1):
        reset_shop()
        with failing_read(number, monkeypatch) as reads:
            error = load_with(pass_on, file, strategy)
        assert is_otherwise_untouched(), number
        if error is None:
            break
        assert str(error) == f"{file}: cannot be read: Input/output error."
        assert (stock(), statuses(), last_message()) == (OLD, ["failed"], str(error))
    assert (stock(), statuses()) == (NEW, ["completed"])
    assert reads[0] == number - 1
    figures(f"reads failing, {strategy}, {connection.vendor}", faults=number - 1, survived=number - 1)
    assert number > 8


@contextmanager
def failing_read(number: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Have the operating system fail the `number`-th read; yield how many there were."""
    reads = [0]
    read = os.read

    def failing(descriptor: int, size: int) -> bytes:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return read(descriptor, size)
        reads[0] += 1
        if reads[0] == number:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return read(descriptor, size)

    with monkeypatch.context() as patch:
        patch.setattr(os, "read", failing)
        yield reads


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.postgresql
def test_commit_that_fails_leaves_all_old(strategy: str, new_stock: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'no such stock' USING ERRCODE = '23514'; END $$
            """
        )
        cursor.execute(
            "CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON products_product DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    try:
        with pytest.raises(StockLoadError, match=r"^a constraint .* The database reported: no such stock CONTEXT:"):
            load(new_stock, strategy=strategy)
        assert (stock(), statuses()) == (OLD, ["failed"])
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION refuse CASCADE")


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.postgresql
def test_full_disk_of_postgresql_leaves_all_old(strategy: str, new_stock: str) -> None:
    """The server's own error class for it, 53100, raised where a row is written; a small disk itself needs root."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN
                IF NEW.stock_quantity = 17 THEN
                    RAISE 'could not extend file: No space left on device' USING ERRCODE = '53100';
                END IF;
                RETURN NEW;
            END $$
            """
        )
        cursor.execute(
            "CREATE TRIGGER disk_full BEFORE UPDATE ON products_product FOR EACH ROW EXECUTE FUNCTION disk_full()"
        )
    try:
        with pytest.raises(StockLoadError) as raised:
            load(new_stock, strategy=strategy)
        assert isinstance(raised.value.__cause__, OperationalError)
        assert str(raised.value).startswith("the database reported: could not extend file: No space left on device")
        assert (stock(), statuses()) == (OLD, ["failed"])
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION disk_full CASCADE")


@pytest.fixture
def small_disk(rests: Path) -> Iterator[Path]:
    """A file system of 9 MiB that the server can write to; making one takes root and a server on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        data = Path(cursor.fetchone()[0])
    with TemporaryDirectory(prefix="stock-load-") as folder:
        mount = ["mount", "-t", "tmpfs", "-o", "size=9m", "none", folder]
        if os.geteuid() or not data.exists() or subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip("only root may mount a file system, and not in every container")
        place = Path(folder) / "tablespace"
        place.mkdir()
        owner = data.stat()
        os.chown(place, owner.st_uid, owner.st_gid)
        Path(folder).chmod(0o755)
        try:
            yield place
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.postgresql
def test_small_tablespace_that_is_full_leaves_all_old(strategy: str, rests: Path, small_disk: Path) -> None:
    """The kernel itself says that no space is left, where the table grows by the new versions of its rows."""
    count = 20_000
    Product.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLESPACE small LOCATION '{small_disk}'")
        try:
            cursor.execute("ALTER TABLE products_product SET (fillfactor = 100)")
            cursor.execute("ALTER TABLE products_product SET TABLESPACE small")
            cursor.execute(
                "INSERT INTO products_product (onec_id, sku, name, stock_quantity)"
                f" SELECT 'q' || n, 'Q' || n, repeat('x', 250), 5 FROM generate_series(1, {count}) n"
            )
            rests.write_text(document(*(offer(f"q{n}", 7) for n in range(1, count + 1))), encoding="utf-8")
            with pytest.raises(StockLoadError, match=r"^the database reported: could not extend file .* No space left"):
                load_stocks(LoadOptions(file=str(rests), strategy=strategy))
            assert (set(stock()), len(stock()), statuses()) == ({5}, count, ["failed"])
            cursor.execute("ALTER TABLE products_product SET TABLESPACE pg_default")
            load_stocks(LoadOptions(file=str(rests), strategy=strategy))
            assert (set(stock()), statuses()) == ({7}, ["failed", "completed"])
        finally:
            cursor.execute("TRUNCATE products_product CASCADE")
            cursor.execute("ALTER TABLE products_product SET TABLESPACE pg_default")
            cursor.execute("ALTER TABLE products_product SET (fillfactor = 50)")
            cursor.execute("DROP TABLESPACE small")


@pytest.mark.sqlite
def test_full_disk_of_sqlite_leaves_all_old(rests: Path, shop: None) -> None:
    Product.objects.bulk_create(
        Product(onec_id=f"q{n}", sku=f"Q{n}", name="x" * 200, stock_quantity=5) for n in range(2000)
    )
    rests.write_text(document(*(offer(f"q{n}", 123_456) for n in range(2000))), encoding="utf-8")
    old = stock()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # pages that earlier tests left free would be room enough
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages + 3}")
    try:
        with pytest.raises(StockLoadError, match=r"^the database reported: database or disk is full$"):
            load(str(rests))
        assert (stock(), statuses()) == (old, ["failed"])
        assert last_message() == "the database reported: database or disk is full"
    finally:
        connection.close()
    load(str(rests))
    assert statuses() == ["failed", "completed"]


def test_full_disk_for_the_copy_of_standard_input_leaves_all_old(rests: Path, test_database_url: str) -> None:
    """The copy may not grow past 1 MiB, which the kernel says at the write, like a full disk.

    Nor may any other file of the process: SQLite's log is emptied before, which grows as long as other tests read.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = Path(write_new_stock(rests, padding=200_000)).read_bytes()
    command = [sys.executable, str(BACKEND.parent / "manage.py"), "load_product_stocks", "--file", "-"]
    ended = subprocess.run(
        ["prlimit", f"--fsize={2**20}", *command],
        env=environment_of(test_database_url),
        input=content,
        capture_output=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    said = (
        "-: a copy of standard input cannot be kept: File too large. Set TMPDIR to a folder with room for it, or load "
        "a file."
    )
    assert (ended.returncode, ended.stderr.decode()) == (1, f"Error during the update: {said}\n")
    assert (stock(), statuses(), last_message()) == (OLD, ["failed"], said)
