"""Several documents in one call: the younger one counts, and what they are is told."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from pytest_django import Settings

from apps.common.models import ImportSession
from apps.products.models import Product
from tests.documents import offer
from tests.documents import rests as document
from tests.strategies import STRATEGIES

pytestmark = pytest.mark.django_db(transaction=True)

OLD, NEW = "2026-01-14T03:00:00", "2026-01-15T03:00:00"


def load(*paths: Path | str, code: int = 0, **options: Any) -> dict[str, Any]:
    """Load; check the exit code; return the JSON report, its warnings without their code as `warned`."""
    out, err = io.StringIO(), io.StringIO()
    seen_code = 0
    with translation.override("en"):
        try:
            call_command("load_product_stocks", "--file", *map(str, paths), "--json", stdout=out, stderr=err, **options)
        except CommandError as error:
            seen_code = error.returncode
    assert seen_code == code
    report: dict[str, Any] = json.loads(out.getvalue())
    report["warned"] = [warning["code"] for warning in report["details"]["warnings"]]
    assert [line for line in err.getvalue().splitlines() if line.startswith("Warning: ")] == [
        f"Warning: {warning['text']}" for warning in report["details"]["warnings"]
    ]
    return report


def write(path: Path, *offers: str, date: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document(*offers, date=date), "utf-8")
    return path


def packed(path: Path, *files: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.name)
    return path


def products(count: int, *, quantity: int) -> None:
    Product.objects.bulk_create(
        Product(onec_id=f"p{n}", sku=f"S{n}", name="", stock_quantity=quantity) for n in range(count)
    )


def quantities() -> list[int]:
    return list(Product.objects.order_by("pk").values_list("stock_quantity", flat=True))


def from_now(**offset: int) -> str:
    return (datetime.now(UTC) + timedelta(**offset)).isoformat(timespec="seconds")


def as_files(new: Path, old: Path) -> list[Path]:
    return [new, old]


def as_folder(new: Path, old: Path) -> list[Path]:
    return [new.parent]


def as_archive(new: Path, old: Path) -> list[Path]:
    return [packed(new.parent.parent / "both.zip", new, old)]


def as_two_archives(new: Path, old: Path) -> list[Path]:
    return [packed(new.parent.parent / "a.zip", new), packed(new.parent.parent / "b.zip", old)]


def as_archive_and_file(new: Path, old: Path) -> list[Path]:
    return [packed(new.parent.parent / "a.zip", new), old]


@pytest.mark.parametrize("given", [as_files, as_folder, as_archive, as_two_archives, as_archive_and_file])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_younger_document_counts_whatever_it_is_called(
    strategy: str, given: Callable[[Path, Path], list[Path]], tmp_path: Path
) -> None:
    products(3, quantity=9)
    new = write(tmp_path / "exchange" / "rests___aa.xml", offer("p0", 2), offer("p1", 3), date=NEW)
    old = write(tmp_path / "exchange" / "rests___zz.xml", offer("p0", 7), offer("p2", 4), date=OLD)

    report = load(*given(new, old), strategy=strategy)

    assert quantities() == [2, 3, 4]
    details = report["details"]
    assert (details["document_count"], details["earliest_document_date"], details["document_date"]) == (2, OLD, NEW)
    assert report["warned"] == ["several_exports"]
    assert details["duplicate_count"] == 1


def test_standard_input_takes_its_place_among_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    products(1, quantity=9)
    old = write(tmp_path / "old.xml", offer("p0", 1), date=OLD)
    new = write(tmp_path / "new.xml", offer("p0", 2), date=NEW)

    with new.open("rb") as file:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(file))
        load("-", old)

    assert quantities() == [2]


def test_segments_of_one_export_are_no_reason_to_warn(tmp_path: Path) -> None:
    products(2, quantity=9)
    write(tmp_path / "rests_1_1.xml", offer("p0", 1), date="2026-01-15T03:00:00")
    write(tmp_path / "rests_1_2.xml", offer("p1", 2), date="2026-01-15T03:00:09")

    report = load(tmp_path, "--missing=zero-always")

    assert (quantities(), report["warned"]) == ([1, 2], [])


def test_documents_of_one_time_are_read_in_the_natural_order_of_their_names(tmp_path: Path) -> None:
    products(1, quantity=9)
    files = [write(tmp_path / f"rests_1_{n}.xml", offer("p0", n), date=NEW) for n in (10, 9)]

    load(*files)

    assert quantities() == [10]


def test_zone_of_a_date_is_respected(tmp_path: Path, settings: Settings) -> None:
    settings.TIME_ZONE = "Europe/Moscow"
    products(1, quantity=9)
    new = write(tmp_path / "new.xml", offer("p0", 2), date="2026-01-15 00:30:00.250+00:00")
    old = write(tmp_path / "old.xml", offer("p0", 1), date="2026-01-15T03:00:00")

    report = load(new, old)

    assert quantities() == [2]
    assert (report["details"]["document_date"], report["warned"]) == ("2026-01-15 00:30:00.250+00:00", [])


@pytest.mark.parametrize("date", ["", "yesterday", "0001-01-01T00:00:00"])
def test_documents_without_dates_are_read_in_the_order_given_which_is_told(date: str, tmp_path: Path) -> None:
    products(1, quantity=9)
    files = [write(tmp_path / name, offer("p0", n), date=date) for n, name in enumerate(("b.xml", "a.xml"))]

    report = load(*files)

    assert (quantities(), report["warned"]) == ([1], ["no_date"])
    assert report["details"]["warnings"][0]["text"].startswith(
        f"2 of 2 documents have no date (ДатаФормирования), the first of them is {files[0]}. They were "
    )


def test_document_without_a_date_keeps_its_place_among_dated_ones(tmp_path: Path) -> None:
    products(2, quantity=9)
    new = write(tmp_path / "new.xml", offer("p0", 2), offer("p1", 2), date=NEW)
    undated = write(tmp_path / "undated.xml", offer("p1", 5), date="")
    old = write(tmp_path / "old.xml", offer("p0", 1), offer("p1", 1), date=OLD)

    assert load(new, undated, old)["warned"] == ["no_date", "several_exports"]

    assert quantities() == [2, 2]


def test_missing_products_are_not_zeroed_by_exports_of_several_days(tmp_path: Path) -> None:
    products(3, quantity=9)
    write(tmp_path / "rests_b.xml", offer("p0", 1), offer("p1", 1), date=OLD)
    write(tmp_path / "rests_a.xml", offer("p0", 2), date=NEW)

    report = load(tmp_path, "--missing=zero-always", code=3)

    assert report["error_message"].startswith(f"the documents are of several exports, written from {OLD} to {NEW}: ")
    assert quantities() == [9, 9, 9]
    load(tmp_path, "--missing=zero-always", "--force")
    assert quantities() == [2, 1, 0]


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


@pytest.mark.parametrize("date", ["9999-12-31T23:59:59", "9999-12-31T23:59:59-14:00", "2226-01-15T03:00:00"])
def test_date_far_ahead_is_warned_of_stored_and_compared_with_nothing(date: str, rests: Path) -> None:
    products(1, quantity=9)

    ahead = load(write(rests, offer("p0", 1), date=date))
    load(write(rests, offer("p0", 2), date=NEW))
    load(write(rests, offer("p0", 3), date=date))
    older = load(write(rests, offer("p0", 4), date=OLD), code=3)

    assert (ahead["warned"], ahead["details"]["document_date"]) == (["date_ahead"], date)
    assert ahead["details"]["warnings"][0]["text"].startswith(f"{rests} is dated {date}, more than a day ahead of now.")
    assert older["error_message"].startswith(f"written by 1C at {OLD}, before the file that was loaded last ({NEW}).")
    assert quantities() == [3]


def test_date_ahead_keeps_its_place_and_the_believed_one_is_the_date_of_all(tmp_path: Path) -> None:
    products(1, quantity=9)
    ahead = write(tmp_path / "a.xml", offer("p0", 1), date="9999-12-31T00:00:00")
    new = write(tmp_path / "b.xml", offer("p0", 2), date=NEW)

    report = load(ahead, new)

    assert (quantities(), report["warned"]) == ([2], ["date_ahead"])
    assert report["details"]["document_date"] == NEW


def test_date_within_a_day_is_believed(rests: Path) -> None:
    products(1, quantity=9)
    later, now = from_now(hours=23), from_now()

    assert load(write(rests, offer("p0", 1), date=later))["warned"] == []
    load(write(rests, offer("p0", 2), date=now), code=3)


def test_date_that_was_ahead_when_it_was_loaded_is_never_believed(rests: Path) -> None:
    products(1, quantity=9)
    load(write(rests, offer("p0", 1), date=NEW))
    ImportSession.objects.update(started_at=datetime(2026, 1, 10, tzinfo=UTC))

    load(write(rests, offer("p0", 2), date=OLD))

    assert quantities() == [2]


def test_load_goes_on_when_the_clock_was_set_back_since_the_last(rests: Path) -> None:
    """1C's clock and the shop's were ten days ahead, and were set right since."""
    products(1, quantity=9)
    load(write(rests, offer("p0", 1), date=from_now(days=10)))
    ImportSession.objects.update(started_at=datetime.now(UTC) + timedelta(days=10))

    assert load(write(rests, offer("p0", 2), date=from_now()))["warned"] == []

    assert (quantities(), ImportSession.objects.latest("pk").status) == ([2], "completed")


def test_change_of_the_time_zone_moves_both_dates(rests: Path, settings: Settings) -> None:
    products(1, quantity=9)
    settings.TIME_ZONE = "Asia/Vladivostok"
    load(write(rests, offer("p0", 1), date="2026-01-15T03:00:00"))
    settings.TIME_ZONE = "Europe/Kaliningrad"

    load(write(rests, offer("p0", 2), date="2026-01-15T03:05:00"))
    load(write(rests, offer("p0", 3), date="2026-01-15T01:00:00"), code=3)

    assert quantities() == [2]


def test_content_that_another_has_replaced_is_loaded_again(tmp_path: Path) -> None:
    products(1, quantity=9)
    a = write(tmp_path / "a.xml", offer("p0", 1), date=NEW)
    b = write(tmp_path / "b.xml", offer("p0", 2), date=NEW)

    skipped = [load(path, "--skip-loaded")["details"]["skipped"] for path in (a, a, b, a, a)]

    assert skipped == [False, True, False, False, True]
    assert quantities() == [1]


def test_older_content_that_another_has_replaced_is_refused_for_its_date(tmp_path: Path) -> None:
    products(1, quantity=9)
    a = write(tmp_path / "a.xml", offer("p0", 1), date=OLD)
    load(a)
    load(write(tmp_path / "b.xml", offer("p0", 2), date=NEW))

    load(a, "--skip-loaded", code=3)

    assert quantities() == [2]
