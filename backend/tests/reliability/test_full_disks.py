"""A full disk, of the server, of SQLite or of the kept copy of standard input: all stays old, one line says so."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.db import OperationalError, connection

from apps.products.models import Product
from stock_loader.errors import StockLoadError
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from tests.documents import offer
from tests.documents import rests as document
from tests.patience import PATIENCE_SECONDS
from tests.reliability.loads import BACKEND, environment_of
from tests.reliability.shop import OLD, last_message, load, statuses, stock, write_new_stock
from tests.strategies import STRATEGIES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]


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
