"""The process that loads: at most one at a time, started from a request where no service runs it."""

import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings as django_settings
from django.utils.translation import gettext

from stock_loader.exchange.conf import ExchangeSettings
from stock_loader.exchange.protocol import RefusedRequestError
from stock_loader.exchange.spool import Spool

LOCK_NAME = "worker.lock"
LOG_NAME = "worker.log"
MAX_LOG_BYTES = 1024 * 1024
"""Of the log; what is older lies in `OLD_LOG_NAME`, as long."""
OLD_LOG_NAME = LOG_NAME + ".1"
OTHER_SECONDS = 2
"""Between two looks whether another worker has ended."""
DETACHED = '"$@" >>"$0" 2>&1 </dev/null &'
"""Of the shell: it ends at once, and the process belongs to nobody who could end it or would have to wait for it."""


@contextmanager
def worker_lock(spool: Spool) -> Iterator[bool]:
    """Yield whether this process is the only worker now; the lock goes with the process."""
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(spool.path(LOCK_NAME), flags, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(descriptor)


def work_alone(spool: Spool, work: Callable[[], None], *, is_waited_for: Callable[[], bool], until_idle: bool) -> bool:
    """Let `work` run as the only worker of the spool; once more where something waits when it has ended.

    Return False where another worker is at work; without `until_idle` its end is waited for.
    """
    while True:
        with worker_lock(spool) as is_alone:
            if not is_alone and until_idle:
                return False
            if not is_alone:
                time.sleep(OTHER_SECONDS)
                continue
            work()
        if not is_waited_for():  # asked for while this worker was ending: nobody else would have been started
            return True


def ensure_worker(settings: ExchangeSettings) -> None:
    """Start the worker unless one is alive or a service is to run it.

    Raises:
        RefusedRequestError: it cannot be started.
    """
    if settings.start_worker:
        start_worker(Spool(settings.spool), "exchange_worker", python=settings.python)


def start_worker(spool: Spool, command: str, *, python: str) -> None:
    """Start the worker of this spool, a command of `manage.py`, unless one is alive.

    It gets this process's environment and path, and its output goes to `worker.log` in the spool.

    Raises:
        RefusedRequestError: it cannot be started.
    """
    with worker_lock(spool) as is_free:
        if not is_free:
            return
    words = [python, "-m", "django", command, "--until-idle"]
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": str(getattr(django_settings, "SETTINGS_MODULE", "")),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    try:
        subprocess.run(  # noqa: S603  # the words are ours
            ["/bin/sh", "-c", DETACHED, str(spool.path(LOG_NAME)), *words],
            env=environment,
            start_new_session=True,
            close_fds=True,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise RefusedRequestError(gettext("the process that loads cannot be started (PYTHON).")) from error


def shorten_log(spool: Spool) -> None:
    """Begin the log of the process that loads anew when it is long; it is written by this process alone, at its end."""
    log = spool.path(LOG_NAME)
    if log.is_file() and log.stat().st_size > MAX_LOG_BYTES:
        shutil.copyfile(log, spool.path(OLD_LOG_NAME))
        with log.open("r+b") as file:
            file.truncate()
