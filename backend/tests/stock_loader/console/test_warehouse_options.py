"""Which warehouses count, and offers that say nothing of stock."""

import contextlib
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from pytest_django import Settings

from apps.common.models import ImportSession
from config.settings import listed
from stock_loader.settings import setting
from tests.documents import offer, offer_by_warehouse
from tests.stock_loader.console.option_loads import load, products, quantities, write
from tests.strategies import STRATEGIES

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_offers_without_stock_data_are_taken_as_0_where_asked_for(strategy: str, rests: Path) -> None:
    products(3, quantity=5)
    write(rests, "<Ид>p0</Ид>", offer("p1", 1), "")

    kept = load(rests, "--dry-run", strategy=strategy)["details"]
    zeroed = load(rests, "--no-stock-data=zero", strategy=strategy)["details"]

    assert (kept["no_stock_data_count"], kept["updated_count"]) == (2, 1)
    assert (zeroed["no_stock_data_count"], zeroed["updated_count"], zeroed["zeroed_count"]) == (1, 2, 1)
    assert quantities() == [0, 1, 5]


def test_file_without_any_stock_data_fails_even_where_it_would_mean_0(rests: Path) -> None:
    products(1, quantity=5)
    write(rests, "<Ид>p0</Ид>")

    assert "none of its 1 offers has a quantity" in load(rests, "--no-stock-data=zero", code=1)["error_message"]
    assert quantities() == [5]


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], [3, 3, 9]),
        (["--warehouse=W1"], [1, 3, 9]),
        (["--warehouse=w1", "--warehouse= w2 "], [3, 3, 9]),
        (["--warehouse=w3"], [0, 3, 9]),
        (["--exclude-warehouse=w1"], [2, 3, 9]),
        (["--exclude-warehouse=w9"], [3, 3, 9]),
        (["--warehouse=w1", "--warehouse=w2", "--exclude-warehouse=w2"], [1, 3, 9]),
    ],
)
def test_chosen_warehouses_count(options: list[str], expected: list[int], strategy: str, rests: Path) -> None:
    products(3, quantity=9)
    write(rests, offer_by_warehouse("p0", [1, 2]), offer("p1", 3), offer_by_warehouse("x", [0, 0, 0]))

    load(rests, *options, strategy=strategy)

    assert quantities() == expected


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_warehouse_that_the_file_does_not_name_fails_the_load(strategy: str, tmp_path: Path) -> None:
    products(1, quantity=9)
    first = write(tmp_path / "rests_1.xml", offer_by_warehouse("p0", [1, 2]))
    second = write(tmp_path / "rests_2.xml", offer("p0", 3))

    report = load(first, second, "--warehouse=w2", "--warehouse=W-typo", "--force", strategy=strategy, code=1)

    assert report["error_message"] == (
        f"{first} {second}: the warehouse w-typo does not occur in the file; check --warehouse "
        "(setting STOCK_LOAD_WAREHOUSES)."
    )
    assert quantities() == [9]
    assert ImportSession.objects.get().status == "failed"
    load(first, second, "--warehouse=w2", strategy=strategy)
    assert quantities() == [3]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_excluded_warehouse_that_the_file_does_not_name_is_warned_of(strategy: str, tmp_path: Path) -> None:
    products(2, quantity=9)
    first = write(tmp_path / "rests_1.xml", offer_by_warehouse("p0", [1, 2]))
    second = write(tmp_path / "rests_2.xml", offer_by_warehouse("p1", [4]))
    choice = ["--exclude-warehouse=W2", "--exclude-warehouse=W-typo"]

    details = load(first, second, *choice, strategy=strategy)["details"]

    text = (
        "the excluded warehouse w-typo does not occur in the file, so nothing of it was left out; "
        "check --exclude-warehouse (setting STOCK_LOAD_EXCLUDED_WAREHOUSES)."
    )
    assert details["warnings"] == [{"code": "unseen_excluded_warehouse", "text": text}]
    assert ImportSession.objects.get().details["warnings"] == details["warnings"]
    assert quantities() == [1, 4]
    assert load(first, second, "--exclude-warehouse=w1", "--exclude-warehouse=w2")["details"]["warnings"] == []


def test_warnings_stand_on_stderr_whatever_else_is_asked_for(rests: Path) -> None:
    products(1, quantity=9)
    write(rests, offer_by_warehouse("p0", [1, 2]))
    for more in ([], ["--json"], ["--verbosity=0"], ["--dry-run"], ["--max-changed=0"]):
        err = io.StringIO()
        with translation.override("en"), contextlib.suppress(CommandError):
            call_command(
                "load_product_stocks",
                f"--file={rests}",
                "--exclude-warehouse=no",
                *more,
                stdout=io.StringIO(),
                stderr=err,
            )
        assert err.getvalue().startswith("Warning: the excluded warehouse no does not occur in the file"), more
        assert err.getvalue().count("\n") == 1
        assert len(ImportSession.objects.first().details["warnings"]) == 1  # type: ignore[union-attr]


def test_file_without_offers_names_no_warehouse_and_loads(rests: Path) -> None:
    assert load(write(rests), "--warehouse=w1")["details"]["total_records"] == 0


def test_choice_that_leaves_no_warehouse_is_refused(rests: Path) -> None:
    products(1, quantity=9)
    write(rests, offer_by_warehouse("p0", [1, 2]))

    report = load(rests, "--warehouse=w1", "--exclude-warehouse=W1", code=1)

    assert report["error_message"].startswith("no warehouse is left: ")
    assert quantities() == [9]


def test_warehouses_of_the_settings_count_unless_the_call_names_others(rests: Path, settings: Settings) -> None:
    products(1, quantity=9)
    write(rests, offer_by_warehouse("p0", [1, 2, 4]))
    settings.STOCK_LOAD_WAREHOUSES = ["w1", "W2"]
    settings.STOCK_LOAD_EXCLUDED_WAREHOUSES = ["w2"]

    details = load(rests)["details"]
    assert (details["warehouses"], details["excluded_warehouses"], quantities()) == (["w1", "w2"], ["w2"], [1])

    details = load(rests, "--warehouse=w2", "--warehouse=w3")["details"]
    assert (details["warehouses"], details["excluded_warehouses"], quantities()) == (["w2", "w3"], ["w2"], [4])

    load(rests, "--exclude-warehouse=w1")
    assert quantities() == [2]


def test_warehouses_of_the_environment_are_listed_with_commas() -> None:
    assert (setting("WAREHOUSES"), setting("EXCLUDED_WAREHOUSES")) == ([], [])
    assert listed(" w1, ,w 2,") == ["w1", "w 2"]


def test_blank_warehouse_is_wrong_usage(rests: Path) -> None:
    for option in ("--warehouse= ", "--exclude-warehouse="):
        with translation.override("en"), pytest.raises(CommandError, match="expected the id of a warehouse"):
            call_command("load_product_stocks", "--file", str(rests), option)
