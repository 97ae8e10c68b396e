"""README.ru.md and what the commands really offer."""

import re
from dataclasses import fields
from pathlib import Path

from django.core.management.base import BaseCommand

from apps.common.management.commands.prune_import_sessions import Command as PruneImportSessions
from stock_loader.console.command import Command as LoadProductStocks
from stock_loader.console.exit_codes import EXIT_CODES
from stock_loader.outcome import NEEDS_NO_ANSWER, LoadDetails, WarningCode

GUIDE = (Path(__file__).resolve().parents[2] / "README.ru.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return GUIDE.partition(f"\n### {title}\n")[2].partition("\n##")[0]


def options(command: BaseCommand) -> set[str]:
    """The options that the command adds to Django's."""
    inherited = BaseCommand().create_parser("manage.py", "any")._option_string_actions
    return set(command.create_parser("manage.py", "any")._option_string_actions) - set(inherited)


def test_every_option_of_a_load_is_in_the_table_and_no_other() -> None:
    rows = [line.split("|")[1] for line in section("Параметры").splitlines() if line.startswith("| `")]
    in_table = set(re.findall(r"--[a-z-]+", " ".join(rows)))
    assert in_table - {"--verbosity", "--traceback"} == options(LoadProductStocks())


def test_every_option_of_pruning_is_described() -> None:
    assert set(re.findall(r"--[a-z-]+", section("Удаление старых сессий"))) == options(PruneImportSessions())


def test_every_exit_code_is_in_the_table() -> None:
    codes = {int(code) for code in re.findall(r"\d+", " ".join(re.findall(r"(?m)^\|([\d, ]+)\|", GUIDE)))}
    assert codes == {0, 1, 2, 3, 75, 129, 130, 143}
    assert set(EXIT_CODES.values()) <= codes


def test_every_field_of_the_report_is_in_the_table_and_no_other() -> None:
    rows = [line.split("|")[1] for line in section("Что означают счётчики").splitlines() if line.startswith("| `")]
    assert set(re.findall(r"`(\w+)`", " ".join(rows))) == {field.name for field in fields(LoadDetails)}


def test_every_warning_is_in_the_table_and_no_other() -> None:
    rows = re.findall(r"(?m)^\| `(\w+)`( \*)? \|", section("Предупреждения"))
    assert [code for code, _ in rows] == [code.value for code in WarningCode]
    assert {code for code, star in rows if star} == set(NEEDS_NO_ANSWER)
