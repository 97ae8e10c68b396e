"""A document says of itself that it is whole or holds only changes, and missing products are zeroed or not."""

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.documents import offer
from tests.stock_loader.console.document_loads import NEW, load, products, quantities
from tests.strategies import STRATEGIES

pytestmark = pytest.mark.django_db(transaction=True)


def claims(path: Path, *, package: str = "ПакетПредложений", claim: str = "", child: str = "") -> Path:
    """Write a document with 2 offers that says `claim` or `child` of itself."""
    offers = "".join(f"<Предложение>{offer(f'p{n}', n)}</Предложение>" for n in range(2))
    path.write_text(
        f'<КоммерческаяИнформация ДатаФормирования="{NEW}"><{package} {claim}>'
        f"<Предложения>{offers}</Предложения>{child}</{package}></КоммерческаяИнформация>",
        "utf-8",
    )
    return path


ONLY_CHANGES: list[dict[str, str]] = [
    {"claim": 'СодержитТолькоИзменения="true"'},
    {"claim": 'СодержитТолькоИзменения="1"'},
    {"claim": 'СодержитТолькоИзменения="Истина"'},
    {"child": "<СодержитТолькоИзменения> true </СодержитТолькоИзменения>"},
    {"package": "ИзмененияПакетаПредложений"},
]
WHOLE: list[dict[str, str]] = [
    {},
    {"claim": 'СодержитТолькоИзменения="false"'},
    {"child": "<СодержитТолькоИзменения>false</СодержитТолькоИзменения>"},
    {"child": "<x><СодержитТолькоИзменения>true</СодержитТолькоИзменения></x>"},
]


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("said", ONLY_CHANGES, ids=str)
def test_document_that_says_it_holds_only_changes_zeroes_nothing(
    said: dict[str, str], strategy: str, rests: Path, settings: Settings
) -> None:
    products(5, quantity=9)
    claims(rests, **said)

    for options in ([], ["--force"], ["--dry-run"]):
        report = load(rests, "--missing=zero", *options, strategy=strategy, code=3)
        assert report["error_message"].startswith(f"{rests}: the document says of itself that it holds only changes (")
        assert (report["status"], quantities()) == ("failed", [9] * 5)
    load(rests, "--missing=zero-always", "--dry-run", strategy=strategy)
    settings.STOCK_LOAD_WHOLE_EXPORTS = True
    assert load(rests, "--missing=zero", strategy=strategy)["details"]["missing"] == "zero"
    assert quantities() == [0, 1, 0, 0, 0]


@pytest.mark.parametrize("said", WHOLE, ids=str)
def test_document_that_says_it_is_whole_zeroes_what_is_missing(said: dict[str, str], rests: Path) -> None:
    products(5, quantity=9)

    load(claims(rests, **said), "--missing=zero")

    assert quantities() == [0, 1, 0, 0, 0]


def test_root_that_is_a_package_of_changes_says_so_too(rests: Path) -> None:
    products(2, quantity=9)
    inside = f"<Предложения><Предложение>{offer('p0', 1)}</Предложение></Предложения>"
    rests.write_text(f"<ИзмененияПакетаПредложений>{inside}</ИзмененияПакетаПредложений>", "utf-8")

    load(rests, "--missing=zero", code=3)

    assert quantities() == [9, 9]
