"""A real process under `ulimit -v`: it loads, or says in one line that memory does not suffice, and changes nothing."""

import subprocess
import sys

import pytest

from tests.reliability.loads import BACKEND, environment_of
from tests.reliability.shop import NEW, OLD, reset_shop, statuses, stock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop"), pytest.mark.sqlite]

LIMITS_MIB = range(48, 400, 4)
"""Up to what lets the load end. With less than Django needs Python speaks; then a thread needs 8 MiB for its stack."""

REFUSALS = (
    "Error during the update: can't start new thread: neither memory nor threads suffice for a load.",
    "Error during the update: out of memory.",
)


def test_too_little_memory_is_one_line_and_changes_nothing(test_database_url: str, new_stock: str) -> None:
    program = [sys.executable, str(BACKEND.parent / "manage.py"), "load_product_stocks", "--file", new_stock]
    refused = 0
    for mib in LIMITS_MIB:
        reset_shop()
        ended = subprocess.run(
            ["bash", "-c", f'ulimit -v {mib * 1024}; exec "$@"', "bash", *program, "--verbosity", "0"],
            env=environment_of(test_database_url),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if ended.returncode == 0:
            break
        assert stock() == OLD, mib
        assert "completed" not in statuses(), mib
        if ended.stderr.startswith("Error during the update"):
            assert ended.stderr.startswith(REFUSALS), ended.stderr
            assert (ended.returncode, ended.stderr.count("\n")) == (1, 1), ended.stderr
            refused += 1
    assert refused
    assert (ended.returncode, ended.stderr, stock(), statuses()) == (0, "", NEW, ["completed"])
