"""The options of `load_product_stocks` that decide whether and what to load."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from pytest_django import Settings

from apps.products.models import Product
from tests.documents import offer
from tests.stock_loader.console.option_loads import load, products, quantities, write
from tests.strategies import STRATEGIES

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_missing_products_are_set_to_0_where_asked_for(strategy: str, rests: Path) -> None:
    products(4, quantity=5)
    Product.objects.create(onec_id=None, sku="by hand", name="", stock_quantity=5)
    write(rests, offer("p0", 5), offer("p1", "?"), "<Ид>p2</Ид>")

    kept = load(rests, "--max-invalid=off", strategy=strategy)["details"]
    assert (kept["missing"], kept["missing_count"], quantities()) == ("keep", 0, [5, 5, 5, 5, 5])
    details = load(rests, "--missing=zero-always", "--max-invalid=off", strategy=strategy)["details"]

    assert quantities() == [5, 5, 5, 0, 5]
    counts = [details[f"{name}_count"] for name in ("updated", "changed", "zeroed", "missing")]
    assert (details["missing"], counts) == ("zero", [0, 1, 1, 1])


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_variants_are_summed_into_their_product_where_asked_for(strategy: str, rests: Path) -> None:
    products(2, quantity=5)
    write(rests, offer("p0", 5), offer("p0#a", 2), offer("p0#b", 3), offer("p1#a", 5))

    apart = load(rests, "--dry-run", strategy=strategy)["details"]
    details = load(rests, "--sum-variants", strategy=strategy)["details"]

    assert (apart["sum_variants"], apart["not_found_count"], apart["unchanged_count"]) == (False, 3, 1)
    assert quantities() == [10, 5]
    counts = [details[f"{name}_count"] for name in ("updated", "unchanged", "summed", "not_found")]
    assert (details["sum_variants"], counts) == (True, [3, 1, 4, 0])
    (warning,) = details["warnings"]
    assert warning["code"] == "own_offers_like_totals"
    assert warning["text"].startswith("own offers of products (1, such as p0) say as much as their variants together")

    totals = load(rests, "--sum-variants", "--own-offer=total", strategy=strategy)["details"]
    assert quantities() == [5, 5]
    assert (totals["own_offer"], totals["duplicate_count"], totals["warnings"]) == ("total", 2, [])


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_sku_leads_to_a_product_with_another_id_only_where_asked_for(
    strategy: str, rests: Path, tmp_path: Path
) -> None:
    products(1, quantity=5)
    rejected = tmp_path / "rejected.jsonl"
    write(rests, offer("p0-new", 7, sku="S0"))

    kept = load(rests, f"--rejected={rejected}", strategy=strategy)["details"]
    assert quantities() == [5]
    assert (kept["match_sku"], kept["not_found_count"], kept["other_id_count"]) == ("unclaimed", 1, 1)
    assert kept["not_found"][0]["reason"] == "the product with this sku has another onec_id"
    assert json.loads(rejected.read_text("utf-8"))["code"] == "other_1c_id"

    taken = load(rests, "--match-sku=any", strategy=strategy)["details"]
    assert quantities() == [7]
    assert (taken["match_sku"], taken["matched_by_sku_count"]) == ("any", 1)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_real_articles_of_variants(strategy: str, rests: Path) -> None:
    products(0, quantity=0)
    Product.objects.create(onec_id=None, sku="B-130001", name="boots", stock_quantity=1)
    Product.objects.create(onec_id="g2", sku="B- 130005", name="shoes", stock_quantity=1)
    counts = {"g1": [20, 19], "g2": [120, 15, 45]}
    skus = {"g1": "B-130001", "g2": "B- 130005"}
    write(
        rests,
        *(
            offer(f"{good}#{number}", count, sku=skus[good])
            for good, numbers in counts.items()
            for number, count in enumerate(numbers)
        ),
    )

    apart = load(rests, strategy=strategy)["details"]
    assert quantities() == [1, 1]
    assert (apart["ambiguous_count"], apart["not_found_count"], apart["other_id_count"]) == (2, 3, 3)
    assert [listed["code"] for listed in apart["ambiguous"]] == ["ambiguous_sku"] * 2

    summed = load(rests, "--sum-variants", strategy=strategy)["details"]
    assert quantities() == [39, 180]
    assert (summed["summed_count"], summed["matched_by_sku_count"]) == (5, 2)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("no_stock_data", ["keep", "zero"])
@pytest.mark.parametrize("names", [("rests.xml",), ("rests_1.xml", "rests_2.xml")])
def test_prices_after_rests_take_no_stock_away(
    strategy: str, no_stock_data: str, names: tuple[str, ...], tmp_path: Path
) -> None:
    products(2, quantity=1)
    offers = [offer("p0", 5), "<Ид>p0</Ид><Цены/>"]
    paths = [write(tmp_path / name, *part) for name, part in zip(names, [offers[:1], offers[1:]], strict=False)]
    if len(names) == 1:
        write(paths[0], *offers)

    details = load(*paths, f"--no-stock-data={no_stock_data}", strategy=strategy)["details"]

    assert quantities() == [5, 1]
    expected = {"keep": (1, 0), "zero": (0, 1)}[no_stock_data]
    assert (details["no_stock_data_count"], details["duplicate_count"]) == expected


@pytest.mark.parametrize("setting", ["STOCK_LOAD_MATCH_SKU", "STOCK_LOAD_OWN_OFFER"])
def test_unknown_value_of_a_setting_is_wrong_usage(setting: str, rests: Path, settings: Settings) -> None:
    setattr(settings, setting, "some")
    write(rests, offer("p0", 1))
    with translation.override("en"), pytest.raises(CommandError, match=f"setting {setting}: expected one of") as raised:
        call_command("load_product_stocks", file=[str(rests)])
    assert raised.value.returncode == 2


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_dry_run_shows_the_first_changes(strategy: str, rests: Path) -> None:
    products(12, quantity=5)
    Product.objects.filter(onec_id="p10").update(name="Чай \x1b[31m" + "x" * 100, stock_quantity=12)
    write(rests, *(offer(f"p{n}", n + 90) for n in (11, 10, 9)))
    out = io.StringIO()
    with translation.override("en"):
        for count in (2, 0):
            call_command(
                "load_product_stocks",
                "--file",
                str(rests),
                "--dry-run",
                show_changes=count,
                strategy=strategy,
                stdout=out,
            )
    report = load(rests, "--dry-run", "--show-changes=1", strategy=strategy)

    shown = [line for line in out.getvalue().splitlines() if "→" in line or "first changes" in line]
    assert shown == [
        "The first changes, old and new stock:",
        "   5 → 99   S9  p9",
        "  12 → 100  S10  p10  Чай \\x1b[31m" + "x" * 40 + "…",
    ]
    assert [(change["onec_id"], change["old"], change["new"]) for change in report["changes"]] == [("p9", 5, 99)]
    assert "changes" not in load(rests, strategy=strategy)


PRICES = ["<Ид>p0</Ид><Цены><Цена><ЦенаЗаЕдиницу>5</ЦенаЗаЕдиницу></Цена></Цены>", "<Ид>x</Ид>"]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_file_of_prices_fails_or_is_passed_over_with_a_warning(strategy: str, rests: Path, tmp_path: Path) -> None:
    products(2, quantity=9)
    metrics = tmp_path / "load.prom"
    write(rests, *PRICES, date="2026-01-16T03:00:00")
    error = load(rests, strategy=strategy, code=1)["error_message"]
    assert "not a stock file: none of its 2 offers has a quantity." in error

    more = ["--file-without-stock=warn", "--missing=zero-always", f"--metrics-file={metrics}", "--max-not-found=0"]
    details = load(rests, *more, strategy=strategy)["details"]

    assert quantities() == [9, 9]
    assert details["warnings"] == [
        {"code": "file_without_stock", "text": "none of the 2 offers has a quantity: no stock was changed."}
    ]
    assert (details["total_records"], details["no_stock_data_count"], details["skipped"]) == (2, 2, True)
    assert "stock_load_last_success_timestamp_seconds 0.0" in metrics.read_text()
    write(rests, offer("p0", 1), date="2026-01-15T03:00:00")
    load(rests, "--file-without-stock=warn", strategy=strategy)
    assert quantities() == [1, 9]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_file_of_prices_fails_where_no_quantity_means_zero(strategy: str, rests: Path) -> None:
    products(1, quantity=9)
    options = ["--file-without-stock=warn", "--no-stock-data=zero"]
    assert load(write(rests, *PRICES), *options, strategy=strategy, code=1)["error_message"].endswith(
        "not a stock file: none of its 2 offers has a quantity, and --no-stock-data zero would set all of their "
        "products to 0. Give the rests.xml of the export; load files of prices without --no-stock-data zero."
    )
    assert quantities() == [9]


def test_file_of_prices_is_not_for_cron(rests: Path) -> None:
    write(rests, *PRICES)
    out, err = io.StringIO(), io.StringIO()
    arguments = [f"--file={rests}", "--file-without-stock=warn", "--verbosity=0"]
    call_command("load_product_stocks", *arguments, stdout=out, stderr=err)
    assert (out.getvalue(), err.getvalue()) == ("", "")
