"""The command in a process of its own: usage, languages, settings, a terminal, and errors of one line."""

import os
import pty
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from apps.common.models import ImportSession
from tests.documents import offer
from tests.patience import PATIENCE_SECONDS
from tests.stock_loader.console.command_runs import write

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop", "russian")]

PROJECT = Path(__file__).resolve().parents[4]


def run_process(*arguments: str, url: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PROJECT / "manage.py"), "load_product_stocks", *arguments],
        env={"PATH": os.environ["PATH"], "DATABASE_URL": url, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=PATIENCE_SECONDS,
    )


def test_unknown_strategy_in_the_settings_is_refused(rests: Path, test_database_url: str) -> None:
    file = write(rests, offer("a", 1))

    done = run_process("--file", file, url=test_database_url, STOCK_LOAD_STRATEGY="magic")

    assert done.returncode == 1
    assert done.stderr == (
        "Ошибка во время обновления: стратегии magic не существует. "
        "Задайте в STOCK_LOAD_STRATEGY одну из: bulk_update, copy.\n"
    )


@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", "²", "1000000001", "9" * 20])
@pytest.mark.parametrize("option", ["--batch-size", "--chunk-size"])
def test_size_that_is_no_positive_number_is_wrong_usage(option: str, value: str, test_database_url: str) -> None:
    done = run_process("--file", "x.xml", f"{option}={value}", url=test_database_url)

    assert done.returncode == 2
    expected = f"ожидалось целое число от 1 до 1000000000, получено {value!r}"
    assert done.stderr == (
        "usage: manage.py load_product_stocks --file PATH [PATH ...] [options]\n"
        f"manage.py load_product_stocks: error: argument {option}: {expected}\n"
    )
    assert not ImportSession.objects.exists()


def test_file_is_required(test_database_url: str) -> None:
    done = run_process(url=test_database_url)

    assert done.returncode == 2
    assert "--file" in done.stderr


def test_help_is_russian(test_database_url: str) -> None:
    done = run_process("--help", url=test_database_url)

    assert "Обновляет остатки товаров из файла rests.xml." in done.stdout
    assert "Путь к файлу rests.xml." in done.stdout


def test_english_by_environment(rests: Path, test_database_url: str) -> None:
    file = write(rests, offer("a", 1))

    done = run_process("--file", file, url=test_database_url, DJANGO_LANGUAGE_CODE="en")

    assert done.stdout.splitlines()[1] == "Stock update completed successfully."


def test_failure_in_cron_environment_is_one_line_and_exit_1(tmp_path: Path, test_database_url: str) -> None:
    missing = tmp_path / "missing.xml"

    done = run_process("--file", str(missing), url=test_database_url, LC_ALL="C", LANG="C")

    session = ImportSession.objects.get()
    assert (done.returncode, done.stderr) == (1, f"Ошибка во время обновления: {session.error_message}\n")
    assert done.stdout == (
        f"Начата сессия обновления остатков #{session.pk}...\nСессия #{session.pk} завершена со статусом 'failed'.\n"
    )


def test_traceback_option_shows_traceback(tmp_path: Path, test_database_url: str) -> None:
    done = run_process("--file", str(tmp_path / "missing.xml"), "--traceback", url=test_database_url)

    assert done.returncode == 1
    assert "Traceback (most recent call last)" in done.stderr


def test_database_that_cannot_be_reached_is_one_line_and_exit_1(tmp_path: Path) -> None:
    done = run_process("--file", "x.xml", url="postgresql://shop:secret@127.0.0.1:1/shop")

    assert done.returncode == 1
    assert done.stderr.startswith("Ошибка во время обновления: ошибка базы данных: ")
    assert done.stderr.count("\n") == 1
    assert "secret" not in done.stderr + done.stdout


def test_progress_bar_only_on_a_terminal(rests: Path, test_database_url: str) -> None:
    file = write(rests, offer("a", 1))

    on_terminal = _stderr_on_terminal(["--file", file], test_database_url)
    asked_not_to = _stderr_on_terminal(["--file", file, "--no-progress"], test_database_url)
    piped = run_process("--file", file, url=test_database_url)

    assert f"/{rests.stat().st_size}" in on_terminal
    assert asked_not_to == ""
    assert piped.stderr == ""


def _stderr_on_terminal(arguments: list[str], url: str) -> str:
    master, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 100))
    with subprocess.Popen(
        [sys.executable, str(PROJECT / "manage.py"), "load_product_stocks", *arguments],
        env={"PATH": os.environ["PATH"], "DATABASE_URL": url},
        stdout=subprocess.DEVNULL,
        stderr=terminal,
    ) as process:
        os.close(terminal)
        shown = b""
        while True:
            try:
                block = os.read(master, 4096)
            except OSError:  # Linux's end of a terminal
                break
            if not block:
                break
            shown += block
        assert process.wait() == 0
    os.close(master)
    return shown.decode()


@pytest.mark.parametrize(
    ("variable", "value", "code", "said"),
    [
        ("DATABASE_URL", "foo://shop:s3cr3t@host/shop", 1, "DATABASE_URL cannot be read: expected postgres://"),
        (
            "DJANGO_TIME_ZONE",
            "Mars",
            1,
            "DJANGO_TIME_ZONE: expected the name of a time zone like Europe/Moscow, saw 'Mars'.",
        ),
        ("DJANGO_TIME_ZONE", "../x", 1, "DJANGO_TIME_ZONE: expected"),
        (
            "STOCK_LOAD_MAX_ZEROED",
            "half",
            2,
            "CommandError: setting STOCK_LOAD_MAX_ZEROED: expected a number, a percentage",
        ),
    ],
)
def test_wrong_setting_is_one_line(variable: str, value: str, code: int, said: str, rests: Path) -> None:
    environment = {"url": "sqlite://", "DJANGO_LANGUAGE_CODE": "en"} | {
        {"DATABASE_URL": "url"}.get(variable, variable): value
    }
    ended = run_process("--file", write(rests), **environment)
    assert (ended.returncode, ended.stdout) == (code, "")
    assert ended.stderr.startswith(said)
    assert len(ended.stderr.splitlines()) == 1
    assert "s3cr3t" not in ended.stderr
