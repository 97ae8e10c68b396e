from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures_generator import Catalogue, Expectation, Kind, expected
from fixtures_generator.offers import offers
from fixtures_generator.tests.catalogues import MIXED


def of_kind(catalogue: Catalogue, kind: Kind) -> list[Expectation]:
    return [offer for offer in expected(catalogue) if offer.kind is kind]


@pytest.mark.parametrize("share", [0.0, 0.001, 0.25, 0.618, 1.0])
def test_composite_and_sku_shares_are_exact(share: float) -> None:
    found = list(expected(Catalogue(offers=1000, composite_share=share, sku_share=share)))
    assert sum("#" in offer.onec_id for offer in found) == share * 1000
    assert sum(offer.sku is not None for offer in found) == share * 1000


def test_composite_ids_and_skus_are_independent() -> None:
    found = expected(Catalogue(offers=1000, composite_share=0.5, sku_share=0.5))
    both = sum("#" in offer.onec_id and offer.sku is not None for offer in found)
    assert 225 <= both <= 275


@pytest.mark.parametrize(
    "other",
    [
        Catalogue(offers=300, warehouses=7),
        Catalogue(offers=1000, sku_share=1),
        Catalogue(offers=300, zero_share=0.3, changed_share=0.3, invalid_share=0.2),
    ],
)
def test_offer_keeps_its_id_whatever_the_other_options_are(other: Catalogue) -> None:
    ids = [offer.onec_id for offer in expected(Catalogue(offers=300))]
    assert [offer.onec_id for offer in expected(other)][:300] == ids


def test_larger_catalogue_begins_with_the_smaller() -> None:
    small = Catalogue(offers=300, composite_share=0.37, sku_share=1)
    assert list(expected(replace(small, offers=5000)))[:300] == list(expected(small))


def test_other_seed_makes_other_offers() -> None:
    first, second = (list(expected(Catalogue(offers=300, seed=seed))) for seed in (1, 2))
    assert not {offer.onec_id for offer in first} & {offer.onec_id for offer in second}
    assert [offer.quantity for offer in first] != [offer.quantity for offer in second]


@pytest.mark.parametrize(
    ("kind", "is_right"),
    [
        (Kind.PLAIN, lambda quantity: quantity > 0),
        (Kind.FRACTIONAL, lambda quantity: quantity >= 0),
        (Kind.UNKNOWN, lambda quantity: quantity > 0),
        (Kind.REPEATED, lambda quantity: quantity > 0),
        (Kind.CHANGED, lambda quantity: quantity > 0),
        (Kind.ZERO, lambda quantity: quantity == 0),
        (Kind.NEGATIVE, lambda quantity: quantity == 0),
        (Kind.DELETED, lambda quantity: quantity == 0),
        (Kind.INVALID, lambda quantity: quantity is None),
        (Kind.NO_STOCK, lambda quantity: quantity is None),
        (Kind.SUPERSEDED, lambda quantity: quantity is None),
    ],
)
def test_kind_decides_what_is_stored(kind: Kind, is_right: Callable[[object], bool]) -> None:
    found = of_kind(MIXED, kind)
    assert len(found) >= 30
    assert all(is_right(offer.quantity) for offer in found)


def test_unknown_offers_are_not_in_the_catalogue_without_them() -> None:
    base = list(expected(replace(MIXED, unknown_share=0, sku_share=1)))
    ids, skus = {offer.onec_id for offer in base}, {offer.sku for offer in base}
    unknown = of_kind(replace(MIXED, sku_share=1), Kind.UNKNOWN)
    assert len(unknown) == 30
    assert not any(offer.onec_id in ids or offer.sku in skus for offer in unknown)


def test_repeated_offer_follows_the_one_it_supersedes_with_another_total() -> None:
    catalogue = Catalogue(offers=1000, warehouses=1, duplicate_share=0.5)
    pairs: dict[str, list[int]] = {}
    for offer, expectation in zip(offers(catalogue), expected(catalogue), strict=True):
        assert expectation.kind is (Kind.REPEATED if offer.onec_id in pairs else Kind.SUPERSEDED)
        pairs.setdefault(offer.onec_id, []).append(sum(map(int, offer.quantities)))
    assert len(pairs) == 500
    assert all(len(totals) == 2 and totals[0] != totals[1] for totals in pairs.values())


def test_segments_one_after_the_other_are_the_whole_catalogue() -> None:
    parts = [offers(replace(MIXED, segment=number, segments=7)) for number in range(1, 8)]
    whole = [offer._replace(kind=Kind.PLAIN) for offer in offers(MIXED)]
    assert [offer._replace(kind=Kind.PLAIN) for part in parts for offer in part] == whole


@settings(max_examples=25)
@given(
    count=st.integers(1, 300),
    share=st.sampled_from([0.0, 0.01, 0.05, 0.5, 0.999, 1.0]),
    warehouses=st.integers(0, 4),
    seed=st.integers(0, 1000),
    changed_seed=st.integers(0, 1000),
)
def test_exactly_the_changed_share_has_another_total(
    count: int, share: float, warehouses: int, seed: int, changed_seed: int
) -> None:
    base = Catalogue(offers=count, warehouses=warehouses, seed=seed)
    before = list(offers(base))
    after = list(offers(replace(base, changed_share=share, changed_seed=changed_seed)))
    differing = [new for old, new in zip(before, after, strict=True) if sum(old.quantities) != sum(new.quantities)]
    assert len(differing) == round(share * count)
    assert {offer.kind for offer in differing} <= {Kind.CHANGED}
    unchanged = [pair for pair in zip(before, after, strict=True) if pair[1] not in differing]
    assert all(old.quantities == new.quantities for old, new in unchanged)
    assert [(offer.onec_id, offer.sku) for offer in before] == [(offer.onec_id, offer.sku) for offer in after]


def test_changed_offers_leave_the_other_kinds_alone() -> None:
    before, after = expected(replace(MIXED, changed_share=0)), expected(MIXED)
    differing = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert len(differing) == 60
    for old, new in differing:
        assert (old.kind, new.kind) == (Kind.PLAIN, Kind.CHANGED)
        assert old.quantity != new.quantity
        assert (old.onec_id, old.sku) == (new.onec_id, new.sku)


def test_catalogue_without_offers_is_empty() -> None:
    assert list(expected(Catalogue(offers=0, changed_share=1))) == []
