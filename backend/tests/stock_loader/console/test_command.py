import contextlib
import hashlib
import io
import json
import os
import pty
import re
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from apps.common.models import ImportSession
from apps.products.models import Product
from tests.documents import offer, offer_by_warehouse, rests
from tests.patience import PATIENCE_SECONDS

document = rests

PROJECT = Path(__file__).resolve().parents[4]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def shop() -> None:
    Product.objects.create(onec_id="a", sku="A-1", name="Product a", stock_quantity=5)
    Product.objects.create(onec_id="b", sku="B-1", name="Product b", stock_quantity=7)
    Product.objects.create(onec_id=None, sku="C-1", name="Product c", stock_quantity=1)


@pytest.fixture(autouse=True)
def russian() -> Iterator[None]:
    with translation.override("ru"):
        yield


def write(path: Path, *offers: str) -> str:
    path.write_text(rests(*offers), encoding="utf-8")
    return str(path)


def run(**options: Any) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("load_product_stocks", stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


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


def quantities() -> dict[str, int]:
    return dict(Product.objects.values_list("sku", "stock_quantity"))


def test_load_writes_quantities_and_says_so_in_russian(rests: Path) -> None:
    file = write(rests, offer_by_warehouse("a", [1, 2]), offer("b", 7), offer("C-1", 4), offer("zzz", 1))

    out, err = run(file=file)

    assert quantities() == {"A-1": 3, "B-1": 7, "C-1": 4}
    session = ImportSession.objects.get()
    out = re.sub(r"\d+\.\d$|(?<=секунду ) +[\d ]+$", "…", out, flags=re.MULTILINE)
    assert out == (
        f"Начата сессия обновления остатков #{session.pk}...\n"
        "Обновление остатков успешно завершено.\n"
        "  Прочитано предложений           4\n"
        "  Обновлено                       2\n"
        "  Без изменений                   1\n"
        "  Не найдено                      1\n"
        "  С ошибкой                       0\n"
        "  Найдено по артикулу             1\n"
        "  Секунд                        …\n"
        "  Предложений в секунду …\n"
        f"Сессия #{session.pk} завершена со статусом 'completed'.\n"
    )
    assert err == ""


def test_completed_session_holds_every_count(rests: Path) -> None:
    file = write(
        rests,
        offer("a", "1.5"),
        offer("a", "-2.5"),
        offer("b", "x"),
        offer("C-1", 0),
        offer("zzz", 1),
        "",
        "<Ид>b#1</Ид><Статус>Удален</Статус>",
    )

    run(file=file)

    session = ImportSession.objects.get()
    no_product = {"code": "no_product", "reason": "нет товара с таким onec_id или sku"}
    assert (session.import_type, session.status, session.error_message) == ("stocks", "completed", "")
    assert session.finished_at is not None
    assert session.finished_at >= session.started_at
    took = session.details.pop("duration_seconds")
    steps = session.details.pop("steps")
    assert set(steps) == {"waiting", "reading", "deciding", "writing"}
    assert abs(sum(steps.values()) - took) < 0.01
    assert session.details == {
        "file": file,
        "strategy": "bulk_update",
        "dry_run": False,
        "target": "products.Product.stock_quantity",
        "asked_by": "",
        "undoes": 0,
        "relative": False,
        "skipped": False,
        "warehouses": [],
        "excluded_warehouses": [],
        "missing": "keep",
        "no_stock_data": "keep",
        "sum_variants": False,
        "own_offer": "part",
        "match_sku": "unclaimed",
        "total_records": 7,
        "updated_count": 2,
        "unchanged_count": 0,
        "not_found_count": 2,
        "ambiguous_count": 0,
        "invalid_count": 1,
        "duplicate_count": 1,
        "no_stock_data_count": 1,
        "other_id_count": 0,
        "matched_by_sku_count": 1,
        "rounded_count": 2,
        "negative_count": 1,
        "deleted_count": 1,
        "summed_count": 0,
        "changed_count": 2,
        "zeroed_count": 2,
        "missing_count": 0,
        "changed_since_count": 0,
        "kept": [],
        "not_found": [
            {"line": 9, "onec_id": "zzz", "sku": "", "seen": "1"} | no_product,
            {"line": 11, "onec_id": "b#1", "sku": "", "seen": "0"} | no_product,
        ],
        "ambiguous": [],
        "invalid": [{"line": 7, "onec_id": "b", "sku": "", "seen": "x", "code": "not_a_number", "reason": "не число"}],
        "warnings": [],
        "document_count": 1,
        "document_date": "2026-01-15T03:00:00",
        "earliest_document_date": "2026-01-15T03:00:00",
        "sha256": hashlib.sha256(rests.read_bytes()).hexdigest(),
    }
    assert quantities() == {"A-1": 0, "B-1": 7, "C-1": 0}


def test_missing_file_leaves_failed_session_and_one_error_line(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.xml")

    with pytest.raises(CommandError) as failure:
        run(file=missing)

    message = f"{missing}: не удаётся прочитать: No such file or directory."
    assert str(failure.value) == f"Ошибка во время обновления: {message}"
    assert failure.value.returncode == 1
    session = ImportSession.objects.get()
    assert (session.status, session.error_message) == ("failed", message)
    assert session.finished_at is not None
    assert session.details["file"] == missing


def test_broken_file_changes_nothing(rests: Path) -> None:
    rests.write_text(Path(write(rests, offer("a", 1))).read_text()[:-2])

    with pytest.raises(CommandError):
        run(file=str(rests))

    assert quantities() == {"A-1": 5, "B-1": 7, "C-1": 1}
    assert ImportSession.objects.get().status == "failed"


def test_file_without_stock_data_is_wrong_file(rests: Path) -> None:
    file = write(rests, "<Ид>a</Ид><Наименование>Товар</Наименование>")

    with pytest.raises(CommandError) as failure:
        run(file=file)

    assert str(failure.value) == (
        f"Ошибка во время обновления: {file}: это не файл остатков: ни у одного из предложений (их 1) нет "
        "количества. Укажите файл rests.xml из выгрузки; если приходят и файлы с ценами, добавьте "
        "--file-without-stock warn."
    )


def test_dry_run_counts_and_writes_nothing(rests: Path) -> None:
    file = write(rests, offer("a", 0), offer("b", 8))

    out, _ = run(file=file, dry_run=True)

    assert quantities() == {"A-1": 5, "B-1": 7, "C-1": 1}
    assert "Пробный запуск: ничего не записано. Загрузка сделала бы следующее:\n" in out
    assert "успешно завершено" not in out
    details = ImportSession.objects.get().details
    assert (details["dry_run"], details["updated_count"], details["zeroed_count"]) == (True, 2, 1)


def test_json_report_is_the_only_output(rests: Path) -> None:
    out, err = run(file=write(rests, offer("a", 1)), json=True)

    report = json.loads(out)
    session = ImportSession.objects.get()
    assert report == {"session_id": session.pk, "status": "completed", "details": session.details}
    assert (out.count("\n"), err) == (1, "")


def test_json_report_of_failed_load(tmp_path: Path) -> None:
    out = io.StringIO()

    with pytest.raises(CommandError):
        call_command("load_product_stocks", file=str(tmp_path), json=True, stdout=out)

    report = json.loads(out.getvalue())
    session = ImportSession.objects.get()
    assert report["session_id"] == session.pk
    assert report["status"] == "failed"
    assert report["error_message"] == session.error_message
    assert report["details"] == session.details


@pytest.mark.parametrize(
    ("text", "level", "message"),
    [
        ("<x>", "ERROR", "{file}: это не файл остатков: "),
        (document(offer("a", 1)), "INFO", "session #{session} completed: 1 products changed"),
    ],
)
def test_end_of_a_load_is_logged(
    text: str, level: str, message: str, rests: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rests.write_text(text, encoding="utf-8")
    caplog.set_level("INFO", "stocks.load")

    with contextlib.suppress(CommandError):
        run(file=str(rests))

    expected = message.format(file=rests, session=ImportSession.objects.get().pk)
    logged = [(record.levelname, record.getMessage()) for record in caplog.records if record.name == "stocks.load"]
    assert [(name, text[: len(expected)]) for name, text in logged] == [(level, expected)]


def test_verbosity_0_is_silent_on_success(rests: Path) -> None:
    assert run(file=write(rests, offer("a", 1)), verbosity=0) == ("", "")


def test_package_without_offers_completes(rests: Path) -> None:
    _, err = run(file=write(rests))

    text = "в файле нет ни одного предложения: остатки не изменились."
    assert ImportSession.objects.get().status == "completed"
    assert ImportSession.objects.get().details["warnings"] == [{"code": "no_offers", "text": text}]
    assert err == f"Внимание: {text}\n"


def test_warning_that_needs_no_answer_is_not_for_cron(rests: Path) -> None:
    assert run(file=write(rests), verbosity=0) == ("", "")
    assert len(ImportSession.objects.get().details["warnings"]) == 1


@pytest.mark.sqlite
def test_copy_is_refused_on_sqlite(rests: Path) -> None:
    with pytest.raises(CommandError) as failure:
        run(file=write(rests, offer("a", 1)), strategy="copy")

    assert str(failure.value) == (
        "Ошибка во время обновления: стратегия copy требует PostgreSQL или MariaDB, а база данных — SQLite. "
        "Используйте --strategy bulk_update."
    )
    assert ImportSession.objects.get().status == "failed"


@pytest.mark.copy
def test_copy_loads_on_databases_that_have_it(rests: Path) -> None:
    run(file=write(rests, offer("a", 1), offer("C-1", 2)), strategy="copy")

    assert quantities() == {"A-1": 1, "B-1": 7, "C-1": 2}


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
