"""Limits against exports that would do too much."""

from pathlib import Path

import pytest

from apps.common.models import ImportSession
from stock_loader.settings import setting
from tests.documents import offer
from tests.stock_loader.console.option_loads import load, products, quantities, write
from tests.strategies import STRATEGIES

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_load_that_would_zero_more_than_half_of_the_stock_is_refused(strategy: str, rests: Path) -> None:
    products(40, quantity=5)
    write(rests, *(offer(f"p{n}", 0) for n in range(21)))

    report = load(rests, strategy=strategy, code=3)

    assert report["error_message"] == (
        "products in stock that would go to 0: 21, the limit is 50% (--max-zeroed). Nothing was loaded. "
        "Check the export; to load it all the same, repeat with --force."
    )
    assert quantities() == [5] * 40
    assert ImportSession.objects.get().status == "failed"
    assert load(rests, "--force", strategy=strategy)["details"]["zeroed_count"] == 21


def test_few_zeroed_products_pass_the_default_limit(rests: Path) -> None:
    products(19, quantity=5)
    write(rests, *(offer(f"p{n}", 0) for n in range(19)))

    assert load(rests)["details"]["zeroed_count"] == 19


@pytest.mark.parametrize(
    ("limit", "code"),
    [("--max-changed=1", 3), ("--max-changed=50%", 3), ("--max-changed=2", 0), ("--max-changed=67%", 0)],
)
def test_limit_of_changes_is_a_number_or_a_percentage(limit: str, code: int, rests: Path) -> None:
    products(3, quantity=5)
    write(rests, offer("p0", 1), offer("p1", 1))

    load(rests, limit, code=code)


def test_limits_of_offers_refuse(rests: Path) -> None:
    products(1, quantity=5)
    write(rests, offer("p0", 1), offer("zzz", 1), offer("p0#1", "x"))

    assert load(rests, "--max-not-found=0", code=3)["status"] == "failed"
    assert load(rests, "--max-invalid=33%", code=3)["status"] == "failed"
    assert load(rests, "--max-invalid=34%", "--max-not-found=1")["status"] == "completed"


def test_many_invalid_offers_are_refused_by_default(rests: Path) -> None:
    products(1, quantity=5)
    write(rests, offer("p0", 1), *(offer(f"x{n}", "?") for n in range(20)))

    assert load(rests, code=3)["error_message"].startswith("invalid offers: 20, the limit is 10% (--max-invalid).")


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_missing_products_pass_through_the_limits(strategy: str, rests: Path) -> None:
    products(40, quantity=5)
    write(rests, *(offer(f"p{n}", 5) for n in range(19)))

    zeroed = load(rests, "--missing=zero-always", strategy=strategy, code=3)["error_message"]
    changed = load(rests, "--missing=zero-always", "--max-zeroed=off", "--max-changed=20", strategy=strategy, code=3)

    assert zeroed.startswith("products in stock that would go to 0: 21, the limit is 50% (--max-zeroed).")
    assert changed["error_message"].startswith("products that would change: 21, the limit is 20 (--max-changed).")
    assert quantities() == [5] * 40
    assert load(rests, "--missing=zero-always", "--force", strategy=strategy)["details"]["missing_count"] == 21


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("offers", [[offer("{p0}", 5)], [offer("p0", "?"), "<Ид>p1</Ид>", offer("x", 5)]])
def test_file_of_which_nothing_was_applied_empties_no_small_shop(offers: list[str], strategy: str, rests: Path) -> None:
    products(3, quantity=5)
    write(rests, *offers)
    arguments = ("--missing=zero-always", "--max-zeroed=off", "--max-invalid=off")

    refused = load(rests, *arguments, strategy=strategy, code=3)

    assert refused["error_message"].startswith(
        "no offer of the file has a product and a quantity for it, and --missing zero would set "
    )
    assert (refused["status"], quantities()) == ("failed", [5, 5, 5])
    assert load(rests, *arguments, "--force", strategy=strategy)["details"]["missing_count"] == (
        3 if len(offers) == 1 else 1
    )


def test_limits_in_the_settings_are_limits(rests: Path) -> None:
    assert (setting("MAX_ZEROED"), setting("MAX_INVALID")) == ("50%", "10%")
    assert (setting("MAX_CHANGED"), setting("MAX_NOT_FOUND")) == ("off", "100%")
