import json
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from django.utils import translation

from stock_loader.errors import LoadRefusedError, StockLoadError
from stock_loader.outcome import ListedOffer, ProductChange
from stock_loader.reasons import Reason
from stock_loader.reports.listings import Listings
from stock_loader.strategies import Strategy

CHANGES = [ProductChange(n, f"p{n}", f"S{n}", "Доска", n, 0) for n in range(1, 5)]
REJECTED = [
    ListedOffer(1, 5, "a", "", "x", Reason.NOT_A_NUMBER),
    ListedOffer(2, 9, "b", "B", "3", Reason.NO_PRODUCT),
]


class Found:
    """What a strategy found, and whether its rows were given back."""

    def __init__(self, changes: Sequence[ProductChange] = CHANGES) -> None:
        self._changes = changes
        self.closed: list[str] = []

    def changes(self) -> Generator[ProductChange]:
        try:
            yield from self._changes
        finally:
            self.closed.append("changes")

    def rejected(self) -> Generator[ListedOffer]:
        try:
            yield from REJECTED
        finally:
            self.closed.append("rejected")


class TwoFiles:
    """A reader of two files with an offer each."""

    def file_of(self, number: int) -> str:
        return f"rests_{number}.xml"


def strategy(found: Found) -> Strategy:
    return cast("Strategy", found)


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_changes_get_their_name_when_they_are_published(tmp_path: Path) -> None:
    path = tmp_path / "changes.jsonl"
    with Listings(changes=str(path), rejected="", shown=0) as listings:
        listings.write_changes(strategy(Found()))
        before = path.exists()
        listings.publish_changes()

    assert not before
    assert [(row["product"], row["old"], row["new"]) for row in rows(path)] == [(n, n, 0) for n in range(1, 5)]
    assert listings.first_changes == ()


def test_changes_of_a_load_that_fails_leave_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "changes.jsonl"
    path.write_text("last load")
    with Listings(changes=str(path), rejected="", shown=0) as listings:
        listings.write_changes(strategy(Found()))

    assert (path.read_text(), list(tmp_path.iterdir())) == ("last load", [path])


def test_changes_written_twice_are_those_of_the_second_time(tmp_path: Path) -> None:
    """A transaction that others were in the way of begins again."""
    path = tmp_path / "changes.jsonl"
    with Listings(changes=str(path), rejected="", shown=0) as listings:
        listings.write_changes(strategy(Found()))
        listings.write_changes(strategy(Found(CHANGES[2:3])))
        listings.publish_changes()

    assert [row["product"] for row in rows(path)] == [3]


@pytest.mark.parametrize("shown", [1, 3, 9])
def test_first_changes_are_kept_and_all_are_written(shown: int, tmp_path: Path) -> None:
    path = tmp_path / "changes.jsonl"
    with Listings(changes=str(path), rejected="", shown=shown) as listings:
        listings.write_changes(strategy(Found()))
        listings.publish_changes()

    assert listings.first_changes == tuple(CHANGES[:shown])
    assert [row["product"] for row in rows(path)] == [1, 2, 3, 4]


def test_first_changes_alone_read_no_more_than_are_shown() -> None:
    found = Found()
    with Listings(changes="", rejected="", shown=2) as listings:
        listings.write_changes(strategy(found))
        listings.publish_changes()

    assert (listings.first_changes, found.closed) == (tuple(CHANGES[:2]), ["changes"])


def test_nothing_asked_for_reads_nothing() -> None:
    found = Found()
    with Listings(changes="", rejected="", shown=0) as listings:
        listings.write_changes(strategy(found))
        listings.write_rejected(strategy(found), TwoFiles().file_of)

    assert found.closed == []


def test_rejected_offers_have_their_file_and_the_reason_in_words(tmp_path: Path) -> None:
    path = tmp_path / "rejected.jsonl"
    found = Found()
    with translation.override("ru"), Listings(changes="", rejected=str(path), shown=0) as listings:
        listings.write_rejected(strategy(found), TwoFiles().file_of)

    common = {"onec_id": "a", "sku": "", "seen": "x"}
    assert rows(path)[0] == {"file": "rests_1.xml", "line": 5, **common, "code": "not_a_number", "reason": "не число"}
    assert [row["file"] for row in rows(path)] == ["rests_1.xml", "rests_2.xml"]
    assert found.closed == ["rejected"]


def test_second_file_that_cannot_be_opened_leaves_nothing_of_the_first(tmp_path: Path) -> None:
    missing = tmp_path / "missing" / "rejected.csv"
    with (
        pytest.raises(StockLoadError, match="No such file"),
        Listings(changes=str(tmp_path / "changes.csv"), rejected=str(missing), shown=0),
    ):
        pass

    assert list(tmp_path.iterdir()) == []


def test_name_of_no_kind_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(LoadRefusedError, match=r"must end with one of: \.csv, \.jsonl"),
        Listings(changes=str(tmp_path / "changes.txt"), rejected="", shown=0),
    ):
        pass
