"""Run a command of the project as a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parent.parent
TIMEOUT_SECONDS = 1800
"""The slowest peer takes minutes for 100,000 offers; what takes longer has gone wrong."""

MANAGE = (sys.executable, "manage.py")
MIGRATE = (*MANAGE, "migrate", "--verbosity", "0")
LOAD = (*MANAGE, "load_product_stocks")
IDLE = (*LOAD, "--help")
"""Starts Django, imports everything that a load imports, and ends."""

LAUNCHER = """
import json, os, sys
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(pid, 0)
sys.stderr.write(json.dumps({"code": os.waitstatus_to_exitcode(status), "kib": usage.ru_maxrss}))
"""
"""Runs a command and tells its peak memory. The kernel counts what a process held before exec as its own, so the one
that starts it must be small."""


class ProcessFailedError(RuntimeError):
    """A process ended with an error, or not in time."""


class Peak(NamedTuple):
    """What a process printed, and what it needed."""

    stdout: str
    mib: float
    """Resident set at its largest."""


def run(command: Sequence[str], *, url: str = "", timeout: float = TIMEOUT_SECONDS) -> str:
    """Run the command on the database at `url`; return what it printed.

    Raises:
        ProcessFailedError: it failed; the message is the end of what it said.
    """
    done = _run(command, url, timeout)
    if done.returncode:
        raise ProcessFailedError(f"{_name(command)}: exit code {done.returncode}: {done.stderr.strip()[-2000:]}")
    return done.stdout


def run_for_peak(command: Sequence[str], *, url: str = "", timeout: float = TIMEOUT_SECONDS) -> Peak:
    """Run the command; return what it printed and the memory that it needed.

    Raises:
        ProcessFailedError: it failed.
    """
    done = _run((sys.executable, "-I", "-S", "-c", LAUNCHER, *command), url, timeout)
    said, _, told = done.stderr.rpartition("{")
    usage = json.loads("{" + told) if told.startswith('"code"') else {"code": done.returncode, "kib": 0}
    if usage["code"] or done.returncode:
        raise ProcessFailedError(f"{_name(command)}: exit code {usage['code']}: {said.strip()[-2000:]}")
    return Peak(done.stdout, usage["kib"] / 1024)


def environment(url: str) -> dict[str, str]:
    """Return the environment of a process that works on the database at `url`."""
    path = os.pathsep.join((str(PROJECT), str(PROJECT / "backend"), os.environ.get("PYTHONPATH", "")))
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": path}
    return os.environ | settings | ({"DATABASE_URL": url} if url else {})


def _run(command: Sequence[str], url: str, timeout: float) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(  # noqa: S603  # commands of this package
            command,
            cwd=PROJECT,
            env=environment(url),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ProcessFailedError(f"{_name(command)}: did not end within {timeout:.0f} s") from error


def _name(command: Sequence[str]) -> str:
    return " ".join(Path(word).name for word in command[:4])
