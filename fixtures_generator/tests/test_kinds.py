from collections import Counter
from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures_generator import Catalogue, Kind, expected

SHARES = st.decimals(0, Decimal("0.09"), places=3).map(float)


def ids_of(catalogue: Catalogue, kind: Kind) -> list[str]:
    return [offer.onec_id for offer in expected(catalogue) if offer.kind is kind]


@settings(max_examples=40)
@given(data=st.data(), count=st.integers(50, 400))
def test_every_kind_has_exactly_its_share(data: st.DataObject, count: int) -> None:
    names = ["zero", "fractional", "negative", "deleted", "unknown", "invalid", "no_stock"]
    shares = {f"{name}_share": data.draw(SHARES) for name in (*names, "duplicate", "changed")}
    catalogue = Catalogue(offers=count, **shares)  # type: ignore[arg-type]
    counts = Counter(offer.kind for offer in expected(catalogue))
    assert {name: counts[Kind(name)] for name in names} == {
        name: round(Decimal(str(shares[f"{name}_share"])) * count) for name in names
    }
    duplicates = round(Decimal(str(shares["duplicate_share"])) * count)
    assert counts[Kind.REPEATED] == counts[Kind.SUPERSEDED] == duplicates
    assert counts[Kind.CHANGED] == round(Decimal(str(shares["changed_share"])) * count)
    assert sum(counts.values()) == count


def test_adding_a_later_kind_does_not_move_the_earlier() -> None:
    base = Catalogue(offers=500, zero_share=0.2)
    zeros = ids_of(base, Kind.ZERO)
    assert len(zeros) == 100
    assert ids_of(replace(base, invalid_share=0.3), Kind.ZERO) == zeros


def test_changed_offers_are_spread_evenly() -> None:
    kinds = [offer.kind for offer in expected(Catalogue(offers=10_000, changed_share=0.05))]
    per_tenth = [kinds[start : start + 1000].count(Kind.CHANGED) for start in range(0, 10_000, 1000)]
    assert all(45 <= count <= 55 for count in per_tenth), per_tenth


def test_other_changed_seed_changes_other_offers() -> None:
    first, second = (
        ids_of(Catalogue(offers=1000, changed_share=0.1, changed_seed=seed), Kind.CHANGED) for seed in (1, 2)
    )
    assert len(first) == len(second) == 100
    assert len({*first} & {*second}) < 50


def test_offer_repeated_in_another_segment_is_plain_in_both() -> None:
    catalogue = Catalogue(offers=200, duplicate_share=0.5)
    parts = [list(expected(replace(catalogue, segment=number, segments=20))) for number in range(1, 21)]
    whole = [offer.onec_id for part in parts for offer in part]
    assert len(set(whole)) == 100
    for part in parts:
        ids = [offer.onec_id for offer in part]
        for number, offer in enumerate(part):
            kind = Kind.PLAIN
            if offer.onec_id in ids[:number]:
                kind = Kind.REPEATED
            elif offer.onec_id in ids[number + 1 :]:
                kind = Kind.SUPERSEDED
            assert offer.kind is kind
