"""The pages for administrators, in both languages, and what the commands really offer."""

import re
from dataclasses import fields
from pathlib import Path
from typing import NamedTuple

import pytest
from django.core.management.base import BaseCommand

from apps.common.management.commands.prune_import_sessions import Command as PruneImportSessions
from stock_loader.console.command import Command as LoadProductStocks
from stock_loader.console.exit_codes import EXIT_CODES
from stock_loader.console.history_command import Command as StockHistory
from stock_loader.console.undo_command import Command as UndoStockLoad
from stock_loader.load_warnings import NEEDS_NO_ANSWER, WarningCode
from stock_loader.outcome import LoadDetails

PROJECT = Path(__file__).resolve().parents[2]
PAGES = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")])


class Guide(NamedTuple):
    """The titles of the sections that hold a table."""

    folder: str
    options: str
    settings: str
    exit_codes: str
    warnings: str
    counts: str

    def section(self, page: str, title: str) -> str:
        text = (PROJECT / self.folder / page).read_text(encoding="utf-8")
        _, _, after = text.partition(f"\n## {title}\n")
        assert after, f"{page} has no section {title}"
        return after.partition("\n## ")[0]


GUIDES = [
    pytest.param(Guide("docs", "Options", "Settings", "Exit codes", "Warnings", "What each count means"), id="en"),
    pytest.param(
        Guide("docs/ru", "Параметры", "Настройки", "Коды завершения", "Предупреждения", "Что означают счётчики"),
        id="ru",
    ),
]


def first_cells(text: str) -> str:
    return " ".join(line.split("|")[1] for line in text.splitlines() if line.startswith("| `"))


def options(command: BaseCommand) -> set[str]:
    """The options that the command adds to Django's."""
    inherited = BaseCommand().create_parser("manage.py", "any")._option_string_actions
    return set(command.create_parser("manage.py", "any")._option_string_actions) - set(inherited)


@pytest.mark.parametrize("guide", GUIDES)
def test_every_option_of_a_load_is_in_the_table_and_no_other(guide: Guide) -> None:
    in_table = set(re.findall(r"--[a-z-]+", first_cells(guide.section("options.md", guide.options))))
    assert in_table - {"--verbosity", "--traceback"} == options(LoadProductStocks())


@pytest.mark.parametrize("guide", GUIDES)
def test_every_variable_of_the_environment_is_in_the_table_and_no_other(guide: Guide) -> None:
    code = (PROJECT / "backend/config/settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'environ\.get\("(\w+)"', code)) - {"DJANGO_SECRET_KEY"}
    in_table = set(re.findall(r"`(\w+)`", first_cells(guide.section("options.md", guide.settings))))
    assert in_table == read


@pytest.mark.parametrize("page", ["docs/journal.md", "docs/ru/journal.md"])
def test_every_option_of_undo_and_history_is_described(page: str) -> None:
    described = set(re.findall(r"--[a-z-]+", (PROJECT / page).read_text(encoding="utf-8")))
    assert options(UndoStockLoad()) | options(StockHistory()) <= described


def test_every_option_of_pruning_is_described() -> None:
    text = (PROJECT / "README.ru.md").read_text(encoding="utf-8")
    section = text.partition("\n### Удаление старых сессий\n")[2].partition("\n##")[0]
    assert set(re.findall(r"--[a-z-]+", section)) == options(PruneImportSessions())


@pytest.mark.parametrize("guide", GUIDES)
def test_every_exit_code_is_in_the_table(guide: Guide) -> None:
    rows = re.findall(r"(?m)^\|([\d, ]+)\|", guide.section("exit-codes.md", guide.exit_codes))
    codes = {int(code) for code in re.findall(r"\d+", " ".join(rows))}
    assert codes == {0, 1, 2, 3, 75, 129, 130, 143}
    assert set(EXIT_CODES.values()) <= codes


@pytest.mark.parametrize("guide", GUIDES)
def test_every_field_of_the_report_is_in_the_table_and_no_other(guide: Guide) -> None:
    in_table = set(re.findall(r"`(\w+)`", first_cells(guide.section("counts.md", guide.counts))))
    assert in_table == {field.name for field in fields(LoadDetails)}


@pytest.mark.parametrize("guide", GUIDES)
def test_every_warning_is_in_the_table_and_no_other(guide: Guide) -> None:
    rows = re.findall(r"(?m)^\| `(\w+)`( \*)? \|", guide.section("exit-codes.md", guide.warnings))
    assert [code for code, _ in rows] == [code.value for code in WarningCode]
    assert {code for code, star in rows if star} == set(NEEDS_NO_ANSWER)


def anchors(page: Path) -> set[str]:
    """The anchors of the page's headings, as GitHub makes them."""
    headings = re.findall(r"(?m)^#+ (.*)$", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    for link in links:
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link
