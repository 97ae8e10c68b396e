"""Older files, and what was loaded already."""

from pathlib import Path

import pytest

from apps.common.models import ImportSession
from apps.products.models import Product
from tests.documents import offer, offer_by_warehouse
from tests.stock_loader.console.option_loads import load, products, quantities, write

pytestmark = pytest.mark.django_db(transaction=True)


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
