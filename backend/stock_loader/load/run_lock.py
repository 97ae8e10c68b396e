"""One load at a time, across processes and, on PostgreSQL, hosts.

The lock goes with the process that holds it: a killed load leaves none behind.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from stock_loader.database.choice import dialect_of
from stock_loader.database.dialect import RunLock
from stock_loader.errors import AnotherLoadRunsError
from stock_loader.journal import sessions as import_log

POLL_SECONDS = 0.25
"""Between two tries of a load that waits; each costs one short query or system call, and between them signals pass."""


@contextmanager
def run_lock(connection: BaseDatabaseWrapper, target: str = "") -> Iterator[RunLock]:
    """Yield the run lock of `target` (`ShopMapping.lock_name`), not taken yet; give it back at the end.

    PostgreSQL: a session advisory lock, so a pooler must keep the session (pgbouncer: `pool_mode = session`).
    Elsewhere: `flock` on a file beside the SQLite file, or in the folder for temporary files; one host only.
    """
    lock = dialect_of(connection).run_lock(target)
    try:
        yield lock
    finally:
        lock.release()


def obtain(lock: RunLock, *, wait_seconds: float, heed: Callable[[], object]) -> bool:
    """Take the lock, trying again for `wait_seconds`; tell whether it was taken. First come is not first served.

    `heed` is called before every try and may raise.
    """
    deadline = time.monotonic() + wait_seconds
    while True:
        heed()
        if lock.try_obtain():
            return True
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(POLL_SECONDS, left))


def take(lock: RunLock, *, wait_seconds: float, heed: Callable[[], object], holder: Callable[[], int | None]) -> None:
    """Take the lock, or say who holds it; `holder` looks for the database session that does.

    Raises:
        AnotherLoadRunsError: another load still holds it after `wait_seconds`.
    """
    if obtain(lock, wait_seconds=wait_seconds, heed=heed):
        return
    running = import_log.running_session()
    process = holder() if running is None else None
    if process is not None:
        raise AnotherLoadRunsError(
            "another load is running, or a pooler keeps the lock of one that ended: the database session %(process)s "
            "holds the run lock, and no import session says started. Try again; if this stays so, have the pooler "
            "close that session (pgbouncer: RECONNECT) and keep sessions (pool_mode = session).",
            process=process,
        )
    if running is None:
        raise AnotherLoadRunsError("another load is running. Try again when it has ended.")
    raise AnotherLoadRunsError(
        "another load is running: session #%(session)s since %(since)s. Try again when it has ended.",
        session=running.pk,
        since=timezone.localtime(running.started_at).isoformat(sep=" ", timespec="seconds"),
    )
