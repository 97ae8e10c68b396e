import re

import pytest

from fixtures_generator import Catalogue, Kind


def test_segments_cover_every_offer_once() -> None:
    ranges = [Catalogue(offers=1001, segment=number, segments=8).indexes for number in range(1, 9)]
    assert [index for indexes in ranges for index in indexes] == list(range(1001))
    assert {len(indexes) for indexes in ranges} == {125, 126}


def test_more_segments_than_offers_leave_some_empty() -> None:
    assert [len(Catalogue(offers=1, segment=number, segments=3).indexes) for number in (1, 2, 3)] == [0, 0, 1]


def test_kinds_that_take_all_offers_are_accepted() -> None:
    catalogue = Catalogue(offers=10, duplicate_share=0.3, changed_share=0.3, zero_share=0.1)
    assert [catalogue.count(kind) for kind in (Kind.REPEATED, Kind.CHANGED, Kind.ZERO)] == [3, 3, 1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"offers": -1}, "the number of offers must be 0 or more, not -1"),
        ({"warehouses": -1}, "the number of warehouses must be 0 or more, not -1"),
        ({"segment": 0}, "there is no segment 0 of 1"),
        ({"segment": 3, "segments": 2}, "there is no segment 3 of 2"),
        ({"zero_share": 1.5}, "the zero share must lie between 0 and 1, not 1.5"),
        ({"no_stock_share": -0.1}, "the no stock share must lie between 0 and 1, not -0.1"),
        ({"sku_share": float("nan")}, "the sku share must lie between 0 and 1, not nan"),
        ({"composite_share": 2.0}, "the composite share must lie between 0 and 1, not 2.0"),
        (
            {"zero_share": 0.6, "duplicate_share": 0.3},
            (
                "the shares of kinds add up to 1.2, which is more than 1"
                " (duplicates count twice: the repeated offer and the one it repeats)"
            ),
        ),
        (
            {"offers": 3, "zero_share": 0.5, "deleted_share": 0.5},
            "the shares of kinds, rounded to whole offers, ask for 4 of 3 offers",
        ),
    ],
)
def test_impossible_catalogue_is_refused(arguments: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Catalogue(**arguments)  # type: ignore[arg-type]
