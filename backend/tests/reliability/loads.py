"""Loads in processes of their own, seen from the test: have one wait at a step, strike it, see how it ends."""

import json
import os
import select
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.patience import PATIENCE_SECONDS
from tests.servers import python_path

BACKEND = Path(__file__).resolve().parents[2]


class Loads:
    """Starts loads, one at a time, on the database at `url`."""

    def __init__(self, url: str, folder: Path, **environment: str) -> None:
        self._control = str(folder / "control")
        self._output = folder / "output"
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self._control)
        self._listener.listen()
        self._forker = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.child"],
            cwd=BACKEND,
            env=environment_of(url, **environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.pid = 0
        self._word: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._word is not None:
            self._word.close()
        self._forker.communicate(timeout=PATIENCE_SECONDS)
        self._listener.close()

    def start(
        self,
        *arguments: str,
        command: str = "load_product_stocks",
        pause_at: int = 0,
        pause_before: str = "",
        **settings: float,
    ) -> dict[str, Any] | None:
        """Start the `command` with `arguments` and Django `settings`; return the step at which it waits, if it does."""
        order = {
            "command": command,
            "arguments": arguments,
            "control": self._control,
            "output": str(self._output),
            "pause_at": pause_at,
            "pause_before": pause_before,
            "settings": settings,
        }
        self._write(json.dumps(order) + "\n")
        self.pid = int(self._line())
        assert self._forker.stdout
        ready, _, _ = select.select([self._listener, self._forker.stdout], [], [], PATIENCE_SECONDS)
        assert ready, "neither waiting nor ended"
        if self._listener not in ready:
            return None
        self._word = self._listener.accept()[0]
        step: dict[str, Any] = json.loads(self._word.recv(10_000))
        return step

    def signal(self, number: int) -> None:
        """Send the load a signal."""
        os.kill(self.pid, number)

    def go_on(self, word: str = "go on") -> None:
        """Let the waiting load go on, or raise the error that `word` names; it may be gone already."""
        assert self._word
        with suppress(BrokenPipeError, ConnectionResetError):
            self._word.sendall(word.encode())
        self._word.close()
        self._word = None

    def end(self) -> int:
        """Wait for the load's end; return its exit code as a shell has it."""
        if self._word is not None:
            self._word.close()
            self._word = None
        code = int(self._line())
        return 128 - code if code < 0 else code

    @property
    def output(self) -> str:
        """What the load said, standard error included."""
        return self._output.read_text(encoding="utf-8")

    def _write(self, line: str) -> None:
        assert self._forker.stdin
        self._forker.stdin.write(line.encode())
        self._forker.stdin.flush()

    def _line(self) -> str:
        assert self._forker.stdout
        ready, _, _ = select.select([self._forker.stdout], [], [], PATIENCE_SECONDS)
        assert ready, "the load does not end"
        return self._forker.stdout.readline().decode()


def environment_of(url: str, **more: str) -> dict[str, str]:
    """The environment of a process on the database at `url`: nothing but what it needs."""
    return {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DJANGO_LANGUAGE_CODE": "en",
        "PYTHONPATH": python_path(BACKEND),
        **more,
    }
