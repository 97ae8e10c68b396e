"""A process that forks loads and stops each at the step that the test names: `python -m tests.reliability.child`.

A load is the real command in a process of its own; forking it from one that has started Django already takes 10 ms.
Steps are seen at the edges that Django and Python offer (statements, commits, reads of files), none in the loader.
"""

import json
import os
import signal
import socket
import stat
import sys
import threading
import traceback
from collections.abc import Callable
from importlib import import_module
from typing import Any, NoReturn

import django

ERRORS: dict[str, Callable[[], BaseException]] = {
    "MemoryError": MemoryError,
    "SystemExit": lambda: SystemExit(3),
    "KeyboardInterrupt": KeyboardInterrupt,
}


class Steps:
    """Counts the steps of a load; at one of them asks the test what shall happen."""

    def __init__(self, control: str, *, pause_at: int, pause_before: str) -> None:
        self._control = control
        self._pause_at = pause_at
        self._pause_before = pause_before
        self._count = 0
        self._backend = 0
        """The number of the session of MariaDB, whose driver tells it only between statements."""

    def reach(self, name: str) -> None:
        """Note that the load is at `name`; wait for the test's word if this is the step it named."""
        self._count += 1
        is_named = bool(self._pause_before) and self._pause_before in name
        if self._count == self._pause_at or is_named:
            self._pause_before = ""
            self._pause(name)

    def _pause(self, name: str) -> None:
        from django.db import connection  # noqa: PLC0415  # settings are not ready before

        backend = getattr(getattr(connection.connection, "info", None), "backend_pid", self._backend)
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(self._control)
            control.sendall(json.dumps({"step": self._count, "name": name, "backend": backend}).encode())
            word = control.recv(100).decode()
        if word in ERRORS:
            error = ERRORS[word]()
            raise error

    def watch(self) -> None:
        """Make statements, commits and reads of files steps."""
        from django.db import connection  # noqa: PLC0415  # settings are not ready before

        connection.execute_wrappers.append(self._execute)
        commit, read = connection.commit, os.read

        def watched_commit() -> None:
            self.reach("before COMMIT")
            commit()
            self.reach("after COMMIT")

        def watched_read(descriptor: int, size: int) -> bytes:
            in_main_thread = threading.current_thread() is threading.main_thread()
            if in_main_thread and stat.S_ISREG(os.fstat(descriptor).st_mode):
                self.reach("before read")
            return read(descriptor, size)

        connection.commit = watched_commit  # type: ignore[method-assign]
        os.read = watched_read

    def _execute(self, execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        from django.db import connection  # noqa: PLC0415  # settings are not ready before

        if connection.vendor == "mysql":
            self._backend = connection.connection.thread_id()
        words = " ".join(sql.split())
        self.reach(f"before {words}")
        result = execute(sql, *arguments)
        self.reach(f"after {words}")
        return result


def run_load(order: dict[str, Any]) -> NoReturn:
    """Be the load; end as a Python process ends."""
    from django.conf import settings  # noqa: PLC0415  # imported before the fork
    from django.core.management import execute_from_command_line  # noqa: PLC0415  # imported before the fork

    for name, value in order["settings"].items():
        setattr(settings, name, value)

    signal.signal(signal.SIGINT, signal.default_int_handler)
    output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    steps = Steps(order["control"], pause_at=order["pause_at"], pause_before=order["pause_before"])
    steps.watch()
    code = 0
    try:
        execute_from_command_line(["manage.py", order["command"], *order["arguments"]])
        steps.reach("returned")
    except SystemExit as error:
        code = int(error.code or 0)
    except BaseException:  # noqa: BLE001  # the interpreter's own end
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def main() -> None:
    """Fork a load for every line of standard input; print its process id, then its exit code."""
    django.setup()
    import_module("stock_loader.console.undo_command")
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            run_load(order)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
