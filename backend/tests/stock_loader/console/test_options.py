"""The options of `load_product_stocks` that decide whether and what to load."""

import contextlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import translation
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from apps.common.models import ImportSession
from apps.products.models import Product
from config.settings import listed
from stock_loader.errors import LoadRefusedError
from stock_loader.load.loader import load_stocks
from stock_loader.load.options import LoadOptions
from stock_loader.settings import setting
from tests.documents import offer, offer_by_warehouse
from tests.documents import rests as document
from tests.strategies import STRATEGIES

pytestmark = pytest.mark.django_db(transaction=True)


def load(*paths: Path | str, code: int = 0, **options: Any) -> dict[str, Any]:
    """Load; check the exit code; return the JSON report."""
    out = io.StringIO()
    arguments = ["--file", *map(str, paths), "--json"]
    seen_code = 0
    with translation.override("en"):
        try:
            call_command("load_product_stocks", *arguments, stdout=out, stderr=io.StringIO(), **options)
        except CommandError as error:
            seen_code = error.returncode
    assert seen_code == code
    report: dict[str, Any] = json.loads(out.getvalue())
    return report


def write(path: Path, *offers: str, date: str = "2026-01-15T03:00:00") -> Path:
    path.write_text(document(*offers, date=date), "utf-8")
    return path


def products(count: int, *, quantity: int) -> list[Product]:
    return Product.objects.bulk_create(
        Product(onec_id=f"p{n}", sku=f"S{n}", name="", stock_quantity=quantity) for n in range(count)
    )


def quantities() -> list[int]:
    return list(Product.objects.order_by("pk").values_list("stock_quantity", flat=True))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_several_files_are_one_snapshot(strategy: str, tmp_path: Path) -> None:
    products(3, quantity=0)
    first = write(tmp_path / "rests_1.xml", offer("p0", 1), offer("p1", 2))
    second = write(tmp_path / "rests_2.xml", offer("p1", 5), offer("p2", 3), date="2026-01-15T03:00:09")

    details = load(first, second, strategy=strategy)["details"]

    assert quantities() == [1, 5, 3]
    assert (details["total_records"], details["updated_count"], details["duplicate_count"]) == (4, 3, 1)
    assert details["document_date"] == "2026-01-15T03:00:09"
    assert ImportSession.objects.count() == 1


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_offers_of_several_files_are_listed_with_their_file(strategy: str, tmp_path: Path) -> None:
    first = write(tmp_path / "a.xml", offer("x", 1), offer("y", "?"))
    second = write(tmp_path / "b.xml", offer("z", 3))

    details = load(first, second, strategy=strategy)["details"]

    listed = [(entry["file"], entry["line"], entry["onec_id"]) for entry in details["not_found"] + details["invalid"]]
    assert listed == [(str(first), 5, "x"), (str(second), 5, "z"), (str(first), 6, "y")]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_broken_second_file_changes_nothing_of_the_first(strategy: str, tmp_path: Path) -> None:
    products(1, quantity=0)
    first = write(tmp_path / "a.xml", offer("p0", 1))
    second = tmp_path / "b.xml"
    second.write_text("<x>")

    report = load(first, second, strategy=strategy, code=1)

    assert report["error_message"].startswith(f"{second}: ")
    assert quantities() == [0]


def test_folder_archive_and_files_load_alike(tmp_path: Path) -> None:
    products(12, quantity=0)
    folder = tmp_path / "folder"
    folder.mkdir()
    for n in range(12):
        write(folder / f"rests_1_{n}_x.xml", offer(f"p{n}", n), offer("p0", n))
    with zipfile.ZipFile(tmp_path / "rests.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, path.name)
    expected = [11, *range(1, 12)]

    for path in (folder, tmp_path / "rests.zip"):
        Product.objects.update(stock_quantity=0)
        load(path)
        assert quantities() == expected


def test_standard_input_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    products(1, quantity=0)
    path = write(tmp_path / "a.xml", offer("p0", 1), offer("p0", 2))

    with path.open("rb") as file:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(file))
        details = load("-")["details"]

    assert quantities() == [2]
    assert (details["file"], details["duplicate_count"]) == ("-", 1)


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


def test_older_file_is_refused_and_forced(rests: Path) -> None:
    products(1, quantity=5)
    load(write(rests, offer("p0", 1), date="2026-01-15T03:00:00"))
    write(rests, offer("p0", 2), date="2026-01-15T01:00:00")

    report = load(rests, code=3)

    assert report["error_message"].startswith("written by 1C at 2026-01-15T01:00:00, before the file")
    assert quantities() == [1]
    load(rests, "--force")
    assert quantities() == [2]


def test_dry_run_does_not_make_later_files_old(rests: Path) -> None:
    products(1, quantity=5)
    load(write(rests, offer("p0", 1), date="2026-02-01T00:00:00"), "--dry-run")

    load(write(rests, offer("p0", 2), date="2026-01-01T00:00:00"))

    assert quantities() == [2]


def test_loaded_content_is_skipped(tmp_path: Path) -> None:
    products(1, quantity=5)
    load(write(tmp_path / "a.xml", offer("p0", 4)))
    Product.objects.update(stock_quantity=3)

    report = load(write(tmp_path / "b.xml", offer("p0", 4)), "--skip-loaded")

    assert (report["status"], report["details"]["skipped"], report["details"]["total_records"]) == (
        "completed",
        True,
        0,
    )
    assert quantities() == [3]
    assert ImportSession.objects.latest("pk").status == "completed"


@pytest.mark.parametrize("before", ["dry run", "failed", "other content"])
def test_content_that_was_not_loaded_is_not_skipped(before: str, rests: Path) -> None:
    products(1, quantity=5)
    write(rests, offer("p0", 4))
    if before == "dry run":
        load(rests, "--dry-run")
    elif before == "failed":
        load(rests, "--max-changed=0", code=3)
    else:
        load(write(rests, offer("p0", 9)))
        write(rests, offer("p0", 4))

    assert load(rests, "--skip-loaded")["details"]["skipped"] is False
    assert quantities() == [4]


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


def test_chosen_warehouse_may_occur_in_one_file_of_many(tmp_path: Path) -> None:
    products(2, quantity=9)
    first = write(tmp_path / "rests_1.xml", offer_by_warehouse("p0", [1, 2]))
    second = write(tmp_path / "rests_2.xml", offer_by_warehouse("p1", [4]))

    load(first, second, "--warehouse=w2")

    assert quantities() == [2, 0]


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


def test_content_that_was_loaded_with_other_warehouses_is_not_skipped(rests: Path) -> None:
    products(1, quantity=9)
    write(rests, offer_by_warehouse("p0", [1, 2]))

    seen = [
        load(rests, "--skip-loaded", *options)["details"]["skipped"]
        for options in ([], ["--warehouse=w1"], ["--warehouse=W1"], ["--exclude-warehouse=w1"], [], [])
    ]

    assert seen == [False, False, True, False, False, True]
    assert quantities() == [3]


def test_session_of_before_a_choice_existed_has_the_file_loaded_once_more(rests: Path) -> None:
    products(1, quantity=9)
    load(write(rests, offer_by_warehouse("p0", [1, 2])))
    session = ImportSession.objects.get()
    del session.details["warehouses"], session.details["excluded_warehouses"]
    session.save()

    assert load(rests, "--skip-loaded")["details"]["skipped"] is False
    assert load(rests, "--skip-loaded")["details"]["skipped"] is True


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


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_snapshot_of_several_files_is_whole_before_anything_is_missing(strategy: str, tmp_path: Path) -> None:
    products(3, quantity=5)
    first = write(tmp_path / "rests_1.xml", offer("p0", 5))
    second = write(tmp_path / "rests_2.xml", offer("p1", 5))

    assert load(first, second, "--missing=zero-always", strategy=strategy)["details"]["missing_count"] == 1
    assert quantities() == [5, 5, 0]


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


@pytest.mark.parametrize(
    "option",
    ["--missing=zero-always", "--no-stock-data=zero", "--sum-variants", "--match-sku=any", "--own-offer=total"],
)
def test_content_that_was_loaded_otherwise_is_not_skipped(option: str, rests: Path) -> None:
    products(2, quantity=5)
    write(rests, offer("p0", 1), "<Ид>p1</Ид>")

    seen = [load(rests, "--skip-loaded", *options)["details"]["skipped"] for options in ([], [option], [option], [])]

    assert seen == [False, False, True, False]


def test_content_that_an_earlier_version_loaded_by_other_rules_is_not_skipped(rests: Path) -> None:
    products(1, quantity=5)
    write(rests, offer("p0", 1))
    load(rests, "--skip-loaded")
    session = ImportSession.objects.get()
    del session.details["match_sku"]
    session.save()

    assert load(rests, "--skip-loaded")["details"]["skipped"] is False
    assert load(rests, "--skip-loaded")["details"]["skipped"] is True


CHANGES = "\ufeffproduct,onec_id,sku,name,old,new\r\n{0},p0,S0,,5,1\r\n{1},p1,S1,,5,0\r\n"
REJECTED = [
    ("x", "", "7", "no_product", "no product with this onec_id or sku"),
    ("p1", "", "9", "superseded", "superseded by another offer of the product"),
    ("p2", "", "много", "not_a_number", "not a number"),
    ("", "S9", "", "no_stock_data", "no stock data"),
]


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("dry_run", [[], ["--dry-run"]])
def test_changes_and_what_was_not_applied_are_written_down(
    dry_run: list[str], strategy: str, rests: Path, tmp_path: Path
) -> None:
    made = products(3, quantity=5)
    changes, rejected = tmp_path / "changes.csv", tmp_path / "rejected.jsonl"
    write(
        rests,
        offer("p0", 1),
        offer("x", 7),
        offer("p1", 9),
        offer("p2", "много"),
        "<Артикул>S9</Артикул>",
        offer("p1", 0),
    )

    load(rests, *dry_run, f"--changes={changes}", f"--rejected={rejected}", strategy=strategy)

    assert changes.read_bytes().decode() == CHANGES.format(*(product.pk for product in made))
    lines = [json.loads(line) for line in rejected.read_text("utf-8").splitlines()]
    assert [(line["onec_id"], line["sku"], line["seen"], line["code"], line["reason"]) for line in lines] == REJECTED
    assert [(line["file"], line["line"]) for line in lines] == [(str(rests), n) for n in (6, 7, 8, 9)]
    assert sorted(tmp_path.iterdir()) == [changes, rejected, rests]
    assert quantities() == ([5, 5, 5] if dry_run else [1, 0, 5])


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize(
    ("dry_run", "names"), [([], ["rejected.csv"]), (["--dry-run"], ["changes.csv", "rejected.csv"])]
)
def test_refused_load_says_why_in_its_files(
    dry_run: list[str], names: list[str], strategy: str, rests: Path, tmp_path: Path
) -> None:
    """What was not applied is written in any case; what would change, by a dry run."""
    products(1, quantity=5)
    write(rests, offer("p0", 1), offer("x", 7))
    files = [f"--{name}={tmp_path / f'{name}.csv'}" for name in ("changes", "rejected")]

    report = load(rests, *dry_run, *files, "--max-not-found=0", strategy=strategy, code=3)

    names = [*["changes.csv"] * len(dry_run), "rejected.csv", "rests.xml"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert quantities() == [5]
    assert [change["new"] for change in report.get("changes", [])] == [1] * len(dry_run)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_broken_file_leaves_the_files_of_the_last_load(strategy: str, rests: Path, tmp_path: Path) -> None:
    files = [tmp_path / "changes.csv", tmp_path / "rejected.csv"]
    for path in files:
        path.write_text("last load")
    rests.write_text("<x>")

    load(rests, f"--changes={files[0]}", f"--rejected={files[1]}", strategy=strategy, code=1)

    assert [path.read_text() for path in files] == ["last load"] * 2
    assert sorted(tmp_path.iterdir()) == [*files, rests]


def test_file_that_cannot_be_written_fails_the_load_at_once(rests: Path, tmp_path: Path) -> None:
    products(1, quantity=5)
    path = tmp_path / "missing" / "changes.csv"

    report = load(write(rests, offer("p0", 1)), f"--changes={path}", code=1)

    assert report["error_message"] == f"{path}: cannot be written: No such file or directory."
    assert (quantities(), ImportSession.objects.get().status) == ([5], "failed")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--changes=both.csv", "--rejected=./both.csv"], "--changes and --rejected name the same file: ./both.csv."),
        (
            ["--rejected=table.csv", "--metrics-file=link"],
            "--rejected and --metrics-file name the same file: link.",
        ),
        (
            ["--metrics-file=rests.xml"],
            "--metrics-file names a file that the load reads or needs, and would replace it: rests.xml.",
        ),
        (
            ["--metrics-file=DATABASE"],
            "--metrics-file names a file that the load reads or needs, and would replace it: DATABASE.",
        ),
    ],
)
def test_file_to_write_that_is_another_is_wrong_usage(
    arguments: list[str], said: str, rests: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = str(connections.settings["default"]["NAME"])
    if "DATABASE" in said and connections["default"].vendor != "sqlite":
        pytest.skip("the database is no file")
    monkeypatch.chdir(tmp_path)
    write(rests)
    (tmp_path / "table.csv").write_text("last load")
    (tmp_path / "link").symlink_to("table.csv")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}

    with translation.override("en"), pytest.raises(CommandError) as refused:
        call_command(
            "load_product_stocks", "--file=rests.xml", *(text.replace("DATABASE", database) for text in arguments)
        )

    assert (str(refused.value), refused.value.returncode) == (said.replace("DATABASE", database), 2)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert not ImportSession.objects.exists()


def test_caller_of_the_loader_is_refused_one_file_for_both(rests: Path, tmp_path: Path) -> None:
    path = str(tmp_path / "both.csv")
    write(rests)
    with pytest.raises(LoadRefusedError, match="--changes and --rejected name the same file"):
        load_stocks(LoadOptions(file=str(rests), strategy="bulk_update", changes_file=path, rejected_file=path))


@pytest.mark.parametrize("option", ["--changes=changes.txt", "--rejected=rejected", "--show-changes=-1"])
def test_file_of_no_kind_is_wrong_usage(option: str, rests: Path) -> None:
    with translation.override("en"), pytest.raises(CommandError, match="expected a"):
        call_command("load_product_stocks", "--file", str(rests), option)


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


def test_limits_in_the_settings_are_limits(rests: Path) -> None:
    assert (setting("MAX_ZEROED"), setting("MAX_INVALID")) == ("50%", "10%")
    assert (setting("MAX_CHANGED"), setting("MAX_NOT_FOUND")) == ("off", "100%")


def test_metrics_tell_the_last_load(rests: Path, tmp_path: Path) -> None:
    products(1, quantity=5)
    metrics = tmp_path / "stock.prom"

    load(write(rests, offer("p0", 1)), f"--metrics-file={metrics}")
    completed = read_metrics(metrics)
    load(tmp_path / "missing.xml", f"--metrics-file={metrics}", code=1)
    failed = read_metrics(metrics)

    assert (completed["stock_load_updated"], completed["stock_load_exit_code"]) == (1, 0)
    assert (failed["stock_load_updated"], failed["stock_load_exit_code"]) == (0, 1)
    assert failed["stock_load_last_success_timestamp_seconds"] == completed["stock_load_last_success_timestamp_seconds"]


def test_metrics_that_cannot_be_written_do_not_fail_the_load(rests: Path, tmp_path: Path) -> None:
    products(1, quantity=5)
    err = io.StringIO()
    path = tmp_path / "no such folder" / "stock.prom"

    with translation.override("en"):
        call_command(
            "load_product_stocks",
            f"--metrics-file={path}",
            file=str(write(rests, offer("p0", 1))),
            stderr=err,
            verbosity=0,
        )

    assert err.getvalue() == f"The metrics file {path} cannot be written: No such file or directory.\n"
    assert quantities() == [1]


def read_metrics(path: Path) -> dict[str, float]:
    families = text_string_to_metric_families(path.read_text())
    return {sample.name: sample.value for family in families for sample in family.samples if not sample.labels}


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
