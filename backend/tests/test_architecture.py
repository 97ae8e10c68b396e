"""The picture in the loader's design: imports point down it only."""

import ast
from pathlib import Path

import pytest

BACKEND = Path(__file__).resolve().parent.parent
SERVICES = BACKEND / "apps" / "products" / "services"

LEVELS = [
    {"records", "errors", "results"},
    {"quantities", "source", "guards", "document_dates", "replaced_file", "warehouses"},
    {"metrics", "report_files"},
    {"commerceml", "offers", "regular_offers", "inputs"},
    {"containers", "pieces"},
    {"growing_document"},
    {"parser"},
    {"snapshot_reader", "strategies", "seeding"},
    {"import_log", "run_lock", "stop_signals", "database_faults"},
    {"load_options"},
    {"load_details", "listings"},
    {"loader"},
]
"""Modules of the services, the lowest first; a module imports from its own level and below."""

WITHOUT_DJANGO = {"records", "errors", "results", "quantities", "source", "offers", "regular_offers", "parser"} | {
    "commerceml",
    "containers",
    "growing_document",
    "inputs",
    "pieces",
    "guards",
    "document_dates",
    "replaced_file",
    "report_files",
    "snapshot_reader",
    "warehouses",
}
WITH_LXML = {"commerceml", "containers", "growing_document", "offers", "parser", "pieces", "regular_offers"}


def imports(path: Path) -> set[str]:
    """Full names of what the module imports while it is loaded or later, typing-only imports left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    names = set()
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def service_of(name: str) -> str | None:
    before, found, after = name.partition("apps.products.services.")
    return after.split(".")[0] if found and not before else None


def modules() -> list[Path]:
    return [path for path in SERVICES.rglob("*.py") if path != SERVICES / "__init__.py"]


def level_of(path: Path) -> int:
    own = path.relative_to(SERVICES).parts[0].removesuffix(".py")
    return next(number for number, level in enumerate(LEVELS) if own in level)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SERVICES)))
def test_services_import_downwards(path: Path) -> None:
    allowed = set().union(*LEVELS[: level_of(path) + 1])
    assert {service for name in imports(path) if (service := service_of(name))} <= allowed


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SERVICES)))
def test_parser_knows_no_django_and_nothing_else_knows_lxml(path: Path) -> None:
    roots = {name.split(".")[0] for name in imports(path)}
    if path.stem in WITHOUT_DJANGO and path.parent == SERVICES:
        assert "django" not in roots
    if path.stem not in WITH_LXML:
        assert "lxml" not in roots


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SERVICES)))
def test_only_the_command_prints(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert "print" not in calls
    assert not {"sys.stdout", "sys.stderr"} & imports(path)


def test_nothing_imports_the_commands() -> None:
    for path in BACKEND.joinpath("apps").rglob("*.py"):
        if "management" not in path.parts:
            assert not any("management" in name for name in imports(path)), path


def test_generator_shares_no_code_with_the_shop() -> None:
    for path in BACKEND.parent.joinpath("fixtures_generator").glob("*.py"):
        assert not any(name.split(".")[0] in {"apps", "config", "lxml", "django"} for name in imports(path)), path
