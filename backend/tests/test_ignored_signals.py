"""The suite does not depend on what the process that starts it ignores: `nohup make test &` is a way to run it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE_SECONDS

PROJECT = Path(__file__).resolve().parents[2]
NEEDS_SIGNALS = "backend/tests/stock_loader/load/test_stop_signals.py"


@pytest.mark.slow
@pytest.mark.parametrize("processes", [0, 1])
def test_run_that_was_started_to_ignore_signals_has_them(processes: int) -> None:
    deaf = 'trap "" INT HUP TERM; exec "$0" -m pytest -q -p no:cacheprovider -n "$1" "$2"'
    ended = subprocess.run(
        ["sh", "-c", deaf, sys.executable, str(processes), NEEDS_SIGNALS],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout
