"""Output that never decides how a command ends.

The reader of a pipe goes away, a disk is full, a terminal hangs up, a stream is closed or knows no Russian: what a
command did stands in the database, and its exit code says so, whether or not somebody could read of it.
"""

import codecs
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import Any, TextIO, cast

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext

from stock_loader.errors import one_line

STDERR = 2
ESCAPES = "stock_loader.escapes"
"""Name of the way to encode what an encoding lacks: as JSON escapes, so that JSON stays JSON."""


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


codecs.register_error(ESCAPES, _escaped)


class QuietStream:
    """A stream that never raises: after its first failure it writes nothing, and `failure` says why.

    Characters that its encoding lacks are written as escapes. `stream` is None where the process was started without.
    """

    def __init__(self, stream: Any) -> None:
        self._stream: TextIO | None = stream
        self.failure: Exception | None = None

    def write(self, text: str) -> int:
        """Write `text` if that is possible."""
        with self._noting_failure():
            if self._stream is not None and self.failure is None:
                self._write(self._stream, text)
        return len(text)

    def flush(self) -> None:
        """Flush if that is possible."""
        with self._noting_failure():
            if self._stream is not None and self.failure is None:
                self._stream.flush()

    def isatty(self) -> bool:
        """Tell whether somebody sits before it."""
        with self._noting_failure():
            return self._stream is not None and self._stream.isatty()
        return False

    def __getattr__(self, name: str) -> Any:
        """Return anything else as the stream has it."""
        return getattr(self._stream, name)

    @staticmethod
    def _write(stream: TextIO, text: str) -> None:
        try:
            stream.write(text)
        except UnicodeEncodeError:
            encoding = stream.encoding or "ascii"
            stream.write(text.encode(encoding, ESCAPES).decode(encoding))

    @contextmanager
    def _noting_failure(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001  # of any stream, also one that a caller made
            self.failure = self.failure or error


class QuietCommand(BaseCommand):
    """A command whose output never decides how it ends. Wrong usage is told in two lines: its `usage`, the error."""

    usage = "[options]"

    def __init__(self, stdout: Any = None, stderr: Any = None, **options: Any) -> None:
        self._stdout, self._stderr = QuietStream(stdout or sys.stdout), QuietStream(stderr or sys.stderr)
        super().__init__(cast("TextIO", self._stdout), cast("TextIO", self._stderr), **options)

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        """Return the parser; argparse would list every option, of Django's too, before the one line that matters."""
        return super().create_parser(prog_name, subcommand, usage=f"%(prog)s {self.usage}", **options)

    def run_from_argv(self, argv: list[str]) -> None:
        """Run as `manage.py` does, with standard streams that never raise, not even when the interpreter ends."""
        _occupy_standard_descriptors()
        try:
            with (
                redirect_stdout(self._stdout),
                redirect_stderr(self._stderr),
            ):  # argparse and signal receivers write too
                super().run_from_argv(argv)
        finally:
            self._flush_for_the_last_time()

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run; the streams of a caller do not decide either."""
        for name in ("stdout", "stderr"):
            if options.get(name):
                options[name] = QuietStream(options[name])
        return super().execute(*args, **options)

    def _flush_for_the_last_time(self) -> None:
        self._stdout.flush()
        if self._stdout.failure and not isinstance(self._stdout.failure, BrokenPipeError):  # `| head` is no news
            text = gettext("Not all of the output could be written: %(reason)s. What the command did is not affected.")
            self.stderr.write(text % {"reason": one_line(reason_of(self._stdout.failure))})
        self._stderr.flush()
        for stream in (self._stdout, self._stderr):
            if stream.failure:
                _discard_the_rest(stream)


def reason_of(error: Exception) -> str:
    """Return what the operating system says of the error, else what Python says."""
    return getattr(error, "strerror", None) or str(error)


def _occupy_standard_descriptors() -> None:
    """Open the standard streams that are missing: else a database connection could take the number of stderr."""
    descriptor = 0
    while descriptor <= STDERR:
        descriptor = os.open(os.devnull, os.O_RDWR)
    os.close(descriptor)


def _discard_the_rest(stream: QuietStream) -> None:
    """Send what is still buffered to the null device, or the interpreter fails to write it at its end, and says so."""
    null = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError, ValueError):  # a stream without a descriptor, or closed
        os.dup2(null, stream.fileno())
    os.close(null)
