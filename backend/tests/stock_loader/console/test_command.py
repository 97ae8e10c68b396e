"""What the command loads, counts and stores in its session, and how it fails."""

import hashlib
import re
from pathlib import Path

import pytest
from django.core.management import CommandError

from apps.common.models import ImportSession
from tests.documents import offer, offer_by_warehouse
from tests.stock_loader.console.command_runs import quantities, run, write

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop", "russian")]


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


def test_package_without_offers_completes(rests: Path) -> None:
    _, err = run(file=write(rests))

    text = "в файле нет ни одного предложения: остатки не изменились."
    assert ImportSession.objects.get().status == "completed"
    assert ImportSession.objects.get().details["warnings"] == [{"code": "no_offers", "text": text}]
    assert err == f"Внимание: {text}\n"


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
