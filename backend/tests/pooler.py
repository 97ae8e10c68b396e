"""A real pooler, pgbouncer, before the server of the tests; a test is skipped where none is installed."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import pytest

from tests.patience import PATIENCE_SECONDS

PORT = 6543


@contextmanager
def pgbouncer(url: str, pool_mode: str, *, more: str = "") -> Iterator[str]:
    """The URL of a pooler before the server at `url`, with `more` settings."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("needs pgbouncer")
    with closing(psycopg2.connect(url)) as server:
        sockets, name = server.info.host, server.info.dbname
    owner = Path(sockets).stat()
    with tempfile.TemporaryDirectory(prefix="stock-load-") as place:  # pytest's folders are closed to others
        folder = Path(place)
        if os.geteuid() == 0:
            os.chown(folder, owner.st_uid, owner.st_gid)
        settings = folder / "pgbouncer.ini"
        settings.write_text(f"""
[databases]
* = host={sockets} user=postgres
[pgbouncer]
listen_addr =
unix_socket_dir = {folder}
listen_port = {PORT}
auth_type = any
pool_mode = {pool_mode}
{more}
""")
        settings.chmod(0o644)
        process = subprocess.Popen([program, "-q", str(settings)], user=owner.st_uid, group=owner.st_gid)
        try:
            until = time.monotonic() + PATIENCE_SECONDS
            while not (folder / f".s.PGSQL.{PORT}").exists() and time.monotonic() < until:
                time.sleep(0.05)
            yield f"postgresql://postgres:@/{name}?host={folder}&port={PORT}"
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE_SECONDS)
