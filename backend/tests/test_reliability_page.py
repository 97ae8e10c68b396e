"""docs/reliability.md names the test of every promise: each of them exists."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PAGE = (PROJECT / "docs" / "reliability.md").read_text(encoding="utf-8")


def named_tests() -> list[str]:
    """The names in the page, files without their folder; `…` stands for the rest of a name."""
    return sorted(set(re.findall(r"\btest_\w+(?:\.py|…)?", PAGE)))


@pytest.fixture(scope="module")
def tests() -> set[str]:
    files = list((PROJECT / "backend" / "tests").rglob("test_*.py"))
    functions = {name for file in files for name in re.findall(r"(?m)^def (test_\w+)\(", file.read_text("utf-8"))}
    return functions | {file.name for file in files}


def test_page_names_tests() -> None:
    assert len(named_tests()) > 40


@pytest.mark.parametrize("name", named_tests())
def test_named_test_exists(name: str, tests: set[str]) -> None:
    assert [test for test in tests if test == name or (name.endswith("…") and test.startswith(name[:-1]))]
