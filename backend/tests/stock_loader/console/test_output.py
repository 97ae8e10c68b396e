"""What becomes of the output does not decide what becomes of the load."""

import contextlib
import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.common.models import ImportSession
from apps.products.models import Product
from tests.documents import offer
from tests.documents import rests as document
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)

PROJECT = Path(__file__).resolve().parents[4]

ASCII = {"PYTHONIOENCODING": "ascii"}
C_LOCALE = {"LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}

BROKEN_OUTPUTS = [
    pytest.param(">/dev/full", {}, id="full disk"),
    pytest.param("--json >/dev/full", {}, id="full disk, JSON"),
    pytest.param(">/dev/full 2>/dev/full", {}, id="full disk, both"),
    pytest.param("| true", {}, id="reader that went away"),
    pytest.param("| head -1", {}, id="reader of one line"),
    pytest.param("--json | true", {}, id="reader that went away, JSON"),
    pytest.param(">&-", {}, id="no stdout"),
    pytest.param("2>&-", {}, id="no stderr"),
    pytest.param("<&- >&- 2>&-", {}, id="no stream at all"),
    pytest.param("", ASCII, id="ASCII"),
    pytest.param("", C_LOCALE, id="locale C"),
    pytest.param("--json", ASCII, id="ASCII, JSON"),
]


@pytest.fixture(autouse=True)
def shop() -> None:
    Product.objects.create(onec_id="a", sku="A-1", name="Товар", stock_quantity=5)


@pytest.fixture
def file(rests: Path) -> str:
    rests.write_text(document(offer("a", 1)), encoding="utf-8")
    return str(rests)


def shell(command: str, url: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run `manage.py {command}` in a shell that tells a failure of any process of a pipe."""
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", f'"$PYTHON" "$MANAGE" {command}'],
        env={
            "PATH": os.environ["PATH"],
            "PYTHON": sys.executable,
            "MANAGE": str(PROJECT / "manage.py"),
            "DATABASE_URL": url,
            **(environment or {}),
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=PATIENCE_SECONDS,
    )


def outcome() -> tuple[int, str]:
    return Product.objects.get().stock_quantity, ImportSession.objects.get().status


def assert_quiet(stderr: str) -> None:
    assert "Traceback" not in stderr
    assert "Exception ignored" not in stderr


@pytest.mark.parametrize(("output", "environment"), BROKEN_OUTPUTS)
def test_broken_output_leaves_a_completed_load_completed(
    output: str, environment: dict[str, str], file: str, test_database_url: str
) -> None:
    done = shell(f'load_product_stocks --file "{file}" {output}', test_database_url, environment)

    assert (done.returncode, outcome()) == (0, (1, "completed"))
    assert_quiet(done.stderr)


@pytest.mark.parametrize(("output", "environment"), BROKEN_OUTPUTS[::3] + BROKEN_OUTPUTS[-3:])
def test_broken_output_leaves_a_failed_load_its_reason(
    output: str, environment: dict[str, str], rests: Path, test_database_url: str
) -> None:
    done = shell(f'load_product_stocks --file "{rests}" {output}', test_database_url, environment)

    assert (done.returncode, outcome()) == (1, (5, "failed"))
    assert ImportSession.objects.get().error_message == f"{rests}: не удаётся прочитать: No such file or directory."
    assert_quiet(done.stderr)


def test_full_disk_under_stdout_is_said_on_stderr(file: str, test_database_url: str) -> None:
    done = shell(f'load_product_stocks --file "{file}" >/dev/full', test_database_url, {"DJANGO_LANGUAGE_CODE": "en"})

    assert done.stderr == (
        "Not all of the output could be written: No space left on device. What the command did is not affected.\n"
    )


def test_json_under_ascii_is_json(rests: Path, test_database_url: str) -> None:
    rests.write_text(document(offer("нет 😀", 1)), encoding="utf-8")

    done = shell(f'load_product_stocks --file "{rests}" --json', test_database_url, ASCII)

    assert done.stdout.isascii()
    assert json.loads(done.stdout)["details"]["not_found"][0]["onec_id"] == "нет 😀"


def test_help_under_ascii_is_shown(test_database_url: str) -> None:
    done = shell("load_product_stocks --help", test_database_url, ASCII)

    assert (done.returncode, done.stderr) == (0, "")
    assert "--no-progress" in done.stdout


@pytest.mark.parametrize("command", ["seed_products --file {file}", "prune_import_sessions --older-than 1d"])
@pytest.mark.parametrize(("output", "environment"), [*BROKEN_OUTPUTS[::4], pytest.param("", ASCII, id="ASCII")])
def test_broken_output_does_not_fail_the_other_commands(
    command: str, output: str, environment: dict[str, str], file: str, test_database_url: str
) -> None:
    done = shell(f"{command.format(file=file)} {output.replace('--json', '')}", test_database_url, environment)

    assert done.returncode == 0
    assert_quiet(done.stderr)


def test_terminal_that_hangs_up_ends_no_load(rests: Path, test_database_url: str) -> None:
    rests.write_text(document(*[offer(f"x{n}", n) for n in range(2000)], offer("a", 1)), encoding="utf-8")
    master, terminal = pty.openpty()
    with subprocess.Popen(
        [sys.executable, str(PROJECT / "manage.py"), "load_product_stocks", "--file", str(rests)],
        env={"PATH": os.environ["PATH"], "DATABASE_URL": test_database_url},
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,  # its end is no SIGHUP, but every write fails
    ) as process:
        os.close(terminal)
        os.read(master, 1)
        os.close(master)
        assert process.wait(60) == 0
    assert outcome() == (1, "completed")


SETTINGS = """
import logging
from config.settings import *

class Raising(logging.Handler):
    def emit(self, record):
        raise RuntimeError("no log today")

LOGGING = {{
    "version": 1,
    "handlers": {{"log": {{{handler}}}}},
    "root": {{"handlers": ["log"], "level": "INFO"}},
}}
"""


@pytest.mark.parametrize(
    "handler",
    [
        pytest.param('"()": Raising', id="raises"),
        pytest.param('"class": "logging.FileHandler", "filename": "/dev/full"', id="full disk"),
    ],
)
@pytest.mark.parametrize("is_there", [True, False])
def test_log_that_cannot_be_written_changes_nothing(
    is_there: bool, handler: str, rests: Path, test_database_url: str
) -> None:
    if is_there:
        rests.write_text(document(offer("a", 1)), encoding="utf-8")
    rests.with_name("shop_settings.py").write_text(SETTINGS.format(handler=handler))
    environment = {"DJANGO_SETTINGS_MODULE": "shop_settings", "PYTHONPATH": str(rests.parent)}

    done = shell(f'load_product_stocks --file "{rests}"', test_database_url, environment)

    assert (done.returncode, outcome()) == ((0, (1, "completed")) if is_there else (1, (5, "failed")))
    assert ("No such file or directory" in ImportSession.objects.get().error_message) is not is_there


def test_missing_library_of_metrics_is_a_warning(file: str, tmp_path: Path, test_database_url: str) -> None:
    (tmp_path / "prometheus_client.py").write_text("raise ImportError('not installed')")

    done = shell(
        f'load_product_stocks --file "{file}" --metrics-file {tmp_path}/m.prom',
        test_database_url,
        {"PYTHONPATH": str(tmp_path), "DJANGO_LANGUAGE_CODE": "en"},
    )

    assert (done.returncode, outcome()) == (0, (1, "completed"))
    assert done.stderr == f"The metrics file {tmp_path}/m.prom cannot be written: not installed.\n"


class Stubborn(io.StringIO):
    """A stream whose `name` raises."""

    def __init__(self, name: str, error: Exception) -> None:
        super().__init__()
        setattr(self, name, self._raising(error))

    @staticmethod
    def _raising(error: Exception) -> Callable[..., Any]:
        def fail(*_: object) -> None:
            raise error

        return fail


@pytest.mark.parametrize("error", [OSError(5, "gone"), ValueError("closed"), RuntimeError("broken")])
@pytest.mark.parametrize("name", ["write", "flush", "isatty"])
def test_stream_of_a_caller_that_raises_does_not_decide(name: str, error: Exception, file: str) -> None:
    with contextlib.suppress(CommandError):
        call_command("load_product_stocks", file=file, stdout=Stubborn(name, error), stderr=Stubborn(name, error))

    assert outcome() == (1, "completed")
