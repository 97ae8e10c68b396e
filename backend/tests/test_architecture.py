"""The picture in the loader's design: imports point down it only, and no file of the project is long."""

import ast
import re
from pathlib import Path

import pytest

from stock_loader.database.mapping import FIRST_TARGET

BACKEND = Path(__file__).resolve().parent.parent
LOADER = BACKEND / "stock_loader"
PROGRAMS = (BACKEND, BACKEND.parent / "benchmarks", BACKEND.parent / "fixtures_generator")
LINES = 250
"""Every Python file of the project, tests too, has fewer."""

FLOORS: list[set[str]] = [
    {"errors", "log", "reasons", "outcome", "load_warnings", "settings"},
    {"commerceml"},
    {"database"},
    {"strategies", "journal"},
    {"reports"},
    {"load"},
    {"console"},
    {"exchange"},
    {"upload"},
    {"pages"},
    {"apps", "checks", "management", "migrations", "models"},
]
"""Rooms of the loader, the lowest first, each a folder or a module. A room imports from its own floor and below."""

WITHOUT_DJANGO = {"commerceml", "errors", "log", "reasons", "outcome", "load_warnings"}
WITH_LXML = {"commerceml"}
SHOP = {"apps", "config"}
"""What the loader never imports: the shop of this project."""


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


def room_of(name: str) -> str | None:
    """The room that holds the module of this full name; None outside the loader."""
    top, _, rest = name.partition(".")
    return rest.split(".")[0] if top == "stock_loader" else None


def modules() -> list[Path]:
    return [path for path in sorted(LOADER.rglob("*.py")) if path != LOADER / "__init__.py"]


def own_room(path: Path) -> str:
    return path.relative_to(LOADER).parts[0].removesuffix(".py")


def in_loader(path: Path) -> str:
    return str(path.relative_to(LOADER))


@pytest.mark.parametrize("path", modules(), ids=in_loader)
def test_rooms_import_downwards(path: Path) -> None:
    floor = next(number for number, rooms in enumerate(FLOORS) if own_room(path) in rooms)
    allowed = set().union(*FLOORS[: floor + 1])
    assert {room for name in imports(path) if (room := room_of(name))} <= allowed


@pytest.mark.parametrize("path", modules(), ids=in_loader)
def test_loader_knows_no_shop(path: Path) -> None:
    assert {name for name in imports(path) if name.split(".")[0] in SHOP} == set()


@pytest.mark.parametrize("path", modules(), ids=in_loader)
def test_only_the_mapping_names_fields_of_a_product(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace(FIRST_TARGET, "")
    assert not {"stock_quantity", "stock_updated_at"} & set(re.findall(r"\w+", text))


@pytest.mark.parametrize("path", modules(), ids=in_loader)
def test_reading_knows_no_django_and_nothing_else_knows_lxml(path: Path) -> None:
    roots = {name.split(".")[0] for name in imports(path)}
    if own_room(path) in WITHOUT_DJANGO:
        assert "django" not in roots
    if own_room(path) not in WITH_LXML:
        assert "lxml" not in roots


@pytest.mark.parametrize("path", modules(), ids=in_loader)
def test_only_the_command_prints(path: Path) -> None:
    if own_room(path) == "console":
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert "print" not in calls
    assert not {"sys.stdout", "sys.stderr"} & imports(path)


def test_generator_shares_no_code_with_the_shop() -> None:
    for path in BACKEND.parent.joinpath("fixtures_generator").glob("*.py"):
        roots = {name.split(".")[0] for name in imports(path)}
        assert not roots & {"apps", "stock_loader", "config", "lxml", "django"}, path


def test_no_file_is_long() -> None:
    lengths = {path: len(path.read_bytes().splitlines()) for folder in PROGRAMS for path in folder.rglob("*.py")}
    assert len(lengths) > 400
    assert {str(path): length for path, length in lengths.items() if length >= LINES} == {}
