from datetime import UTC, datetime, timedelta

import pytest

from stock_loader.commerceml.dates import DocumentClock
from stock_loader.errors import OlderFileError, RefusedByGuardError
from stock_loader.load.guards import Guards, Limit, check_guards, parse_limit, refuse_older
from stock_loader.outcome import Findings

HOUR = timedelta(hours=1)
CLOCK = DocumentClock(datetime(2026, 1, 17, tzinfo=UTC), UTC)
LISTS = {"not_found_offers": (), "ambiguous_offers": (), "invalid_offers": ()}
COUNTS = set(Findings.__dataclass_fields__) - set(LISTS) - {"first_equal_total"}


def findings(**counts: int) -> Findings:
    return Findings(**dict.fromkeys(COUNTS, 0) | counts | LISTS)  # type: ignore[arg-type]


def check(guards: Guards, **counts: int) -> None:
    check_guards(guards, findings(**counts), in_stock=lambda: 200, products=lambda: 1000)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("0", Limit(0, is_percent=False)),
        ("1000", Limit(1000, is_percent=False)),
        ("50%", Limit(50, is_percent=True)),
        ("0.5%", Limit(0.5, is_percent=True)),
        ("100%", Limit(100, is_percent=True)),
        ("off", None),
    ],
)
def test_limit_is_read(text: str, limit: Limit | None) -> None:
    assert parse_limit(text) == limit


@pytest.mark.parametrize("text", ["", "-1", "101%", "50 %", "x", "1e3", "%", "٥", "1_000", "OFF"])
def test_text_that_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^no limit: "):
        parse_limit(text)


@pytest.mark.parametrize(
    ("guards", "counts", "message"),
    [
        (
            Guards(max_zeroed=Limit(50, is_percent=True)),
            {"to_change": 101, "to_zero": 101},
            "products in stock that would go to 0: 101, the limit is 50% (--max-zeroed).",
        ),
        (
            Guards(max_changed=Limit(10, is_percent=True)),
            {"to_change": 101},
            "products that would change: 101, the limit is 10% (--max-changed).",
        ),
        (
            Guards(max_not_found=Limit(3, is_percent=False)),
            {"not_found": 4},
            "offers without a product: 4, the limit is 3 (--max-not-found).",
        ),
        (
            Guards(max_invalid=Limit(0.5, is_percent=True)),
            {"unchanged": 199, "invalid": 2},
            "invalid offers: 2, the limit is 0.5% (--max-invalid).",
        ),
    ],
)
def test_tripped_guard_says_limit_figure_and_how_to_go_on(guards: Guards, counts: dict[str, int], message: str) -> None:
    with pytest.raises(RefusedByGuardError) as refusal:
        check(guards, **counts)

    rest = "Nothing was loaded. Check the export; to load it all the same, repeat with --force."
    assert str(refusal.value) == f"{message} {rest}"


def test_exactly_the_limit_passes() -> None:
    check(
        Guards(
            max_zeroed=Limit(50, is_percent=True),
            max_changed=Limit(10, is_percent=True),
            max_not_found=Limit(3, is_percent=False),
            max_invalid=Limit(1, is_percent=True),
        ),
        to_update=100,
        to_change=100,
        to_zero=100,
        not_found=3,
        invalid=1,
        unchanged=96,
    )


def test_few_rows_do_not_trip_a_percentage_with_a_floor() -> None:
    guard = Guards(max_invalid=Limit(10, is_percent=True, at_least=20))

    check(guard, invalid=19)
    with pytest.raises(RefusedByGuardError):
        check(guard, invalid=20)


def test_any_percentage_of_offers_without_a_product_is_tripped_where_none_has_one() -> None:
    guard = Guards(max_not_found=Limit(100, is_percent=True, at_least=20))

    for few in ({"not_found": 19}, {"not_found": 12, "ambiguous": 7}, {"not_found": 1, "no_stock_data": 25}):
        check(guard, **few)
    for repeated in ({"not_found": 19, "duplicate": 2}, {"ambiguous": 1, "duplicate": 19}):
        with pytest.raises(RefusedByGuardError, match=r"^offers without a product: (19|1), the limit is 100% "):
            check(guard, **repeated)
    check(guard, duplicate=25)
    check(guard, not_found=20, unchanged=1)
    check(guard, not_found=2000, to_update=1)
    for others in ({}, {"duplicate": 5}, {"invalid": 5}, {"no_stock_data": 5}):
        with pytest.raises(RefusedByGuardError, match=r"^offers without a product: 20, the limit is 100% "):
            check(guard, not_found=20, **others)
    check(Guards(max_zeroed=Limit(100, is_percent=True)), to_update=200, to_change=200, to_zero=200)


def test_nothing_trips_zero_percent_of_nothing() -> None:
    check(Guards(max_zeroed=Limit(0, is_percent=True), max_invalid=Limit(0, is_percent=False)))


def test_products_are_not_counted_where_no_percentage_can_be_tripped() -> None:
    def never() -> int:
        raise AssertionError

    guards = Guards(max_zeroed=Limit(50, is_percent=True, at_least=20), max_changed=Limit(5, is_percent=False))
    check_guards(guards, findings(to_change=5, to_zero=5), in_stock=never, products=never)


def test_older_file_is_refused() -> None:
    with pytest.raises(OlderFileError) as refusal:
        refuse_older("2026-01-15T01:59:59", last="2026-01-15T03:00:00", tolerance=HOUR, clock=CLOCK)

    assert str(refusal.value) == (
        "written by 1C at 2026-01-15T01:59:59, before the file that was loaded last (2026-01-15T03:00:00). Nothing was "
        "loaded. Give the newest export; to load this one all the same, repeat with --force."
    )


@pytest.mark.parametrize(
    ("date", "last"),
    [
        ("2026-01-15T02:00:00", "2026-01-15T03:00:00"),
        ("2026-01-15T03:00:00", "2026-01-15T03:00:00"),
        ("2026-01-16T03:00:00", "2026-01-15T03:00:00"),
        ("", "2026-01-15T03:00:00"),
        ("2026-01-15T03:00:00", ""),
        ("?", "2026-01-15T03:00:00"),
        ("2026-01-15T03:00:00", "9999-12-31T23:59:59"),
        ("9999-12-31T23:59:59", "2026-01-15T03:00:00"),
        ("2026-01-15T03:00:00+05:00", "2026-01-14T23:00:00"),
    ],
)
def test_newer_file_or_date_not_to_be_compared_passes(date: str, last: str) -> None:
    refuse_older(date, last=last, tolerance=HOUR, clock=CLOCK)
