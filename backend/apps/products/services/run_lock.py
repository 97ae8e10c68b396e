"""One load at a time, across processes and, on PostgreSQL, hosts.

The lock goes with the process that holds it: a killed load leaves none behind.
"""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db.backends.base.base import BaseDatabaseWrapper

ADVISORY_KEY = 0x53544F434B4C4F44
""""STOCKLOD": the key of the advisory lock, in the number space of the shop's database."""


@contextmanager
def run_lock(connection: BaseDatabaseWrapper) -> Iterator[bool]:
    """Hold the run lock of the database; yield whether it was obtained. Never waits.

    PostgreSQL: a session advisory lock, so a pooler must keep the session (pgbouncer: `pool_mode = session`).
    Elsewhere: `flock` on a file beside the SQLite file, or in the folder for temporary files; one host only.
    """
    holder = _advisory_lock if connection.vendor == "postgresql" else _file_lock
    with holder(connection) as obtained:
        yield obtained


@contextmanager
def _advisory_lock(connection: BaseDatabaseWrapper) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s), pg_backend_pid()", [ADVISORY_KEY])
        obtained, backend = cursor.fetchone()
    try:
        yield obtained
    finally:
        if obtained:
            _unlock(connection, backend)


def _unlock(connection: BaseDatabaseWrapper, backend: int) -> None:
    """Give the lock back, unless it went with the database session that held it."""
    if not connection.is_usable():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        if cursor.fetchone() == (backend,):
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_KEY])


@contextmanager
def _file_lock(connection: BaseDatabaseWrapper) -> Iterator[bool]:
    descriptor = os.open(_lock_path(connection), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def _lock_path(connection: BaseDatabaseWrapper) -> Path:
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite" and Path(name).is_absolute():
        return Path(f"{name}.stock-load.lock")
    identity = repr([connection.settings_dict[key] for key in ("ENGINE", "HOST", "PORT", "NAME")])
    digest = hashlib.sha256(identity.encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"stock-load-{digest}.lock"
