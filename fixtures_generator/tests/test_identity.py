import re

from fixtures_generator.identity import Guids, Identities

GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-11e[89ab]-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def test_guids_are_time_based_and_differ() -> None:
    guids = [Guids(1, "product").guid(index) for index in range(5000)]
    assert len(set(guids)) == 5000
    assert all(GUID.fullmatch(guid) for guid in guids)


def test_guids_of_one_database_end_alike() -> None:
    assert len({Guids(1, "product").guid(index)[-12:] for index in range(50)}) == 1
    assert Guids(1, "product").guid(0)[-12:] != Guids(2, "product").guid(0)[-12:]


def test_seeds_and_spaces_share_no_ids_and_skus() -> None:
    spaces = [Identities(seed, space, composite_share=0.5) for seed in (1, 2) for space in ("known", "unknown")]
    names = [name for space in spaces for index in range(100) for name in (space.onec_id(index), space.sku(index))]
    assert len(set(names)) == len(names) == 800


def test_composite_id_is_product_and_variant() -> None:
    ids = [Identities(1, "known", composite_share=1).onec_id(index) for index in range(8)]
    products, variants = zip(*(onec_id.split("#") for onec_id in ids), strict=True)
    assert all(GUID.fullmatch(guid) for guid in (*products, *variants))
    assert products[:4] == (products[0],) * 4
    assert products[4:] == (products[4],) * 4
    assert len({*products}) == 2
    assert len({*variants}) == 8
    assert len(ids[0]) == 73


def test_product_row_may_stand_beside_its_variants() -> None:
    ids = [Identities(1, "known", composite_share=0.5).onec_id(index) for index in range(4)]
    assert "#" not in ids[0]
    assert any(onec_id.startswith(f"{ids[0]}#") for onec_id in ids[1:])


def test_sku_tells_its_index() -> None:
    assert Identities(1, "known", composite_share=0).sku(17).endswith("-0000017")
