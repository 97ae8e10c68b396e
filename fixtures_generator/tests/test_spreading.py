import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures_generator.spreading import GOLDEN_RATIO, ROOT_OF_TWO, Proportion, Spread


@pytest.mark.parametrize(
    ("share", "count", "rounded"),
    [(0.05, 100, 5), (0.0, 7, 0), (1.0, 7, 7), (0.05, 10, 0), (0.5, 3, 2), (0.07, 100, 7), (1e-07, 10**7, 1)],
)
def test_share_of_a_count_is_rounded_as_python_rounds(share: float, count: int, rounded: int) -> None:
    assert Proportion(share).of(count) == rounded


@settings(max_examples=50)
@given(share=st.decimals(0, 1, places=3).map(float))
def test_every_beginning_holds_its_share(share: float) -> None:
    proportion = Proportion(share)
    held = [proportion.has(index) for index in range(100)]
    assert [sum(held[:count]) for count in range(101)] == [proportion.of(count) for count in range(101)]


@pytest.mark.parametrize("ratio", [GOLDEN_RATIO, ROOT_OF_TWO])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 12, 100, 1024, 9973])
def test_spread_is_a_permutation_that_can_be_undone(size: int, ratio: int) -> None:
    spread = Spread(size, ratio=ratio, shift=12345)
    ranks = [spread.rank(index) for index in range(size)]
    assert sorted(ranks) == list(range(size))
    assert [spread.index(rank) for rank in ranks] == list(range(size))


@pytest.mark.parametrize("ratio", [GOLDEN_RATIO, ROOT_OF_TWO])
@pytest.mark.parametrize("size", [10_000, 65_536, 100_000])
def test_run_of_ranks_is_even_over_the_whole(size: int, ratio: int) -> None:
    spread = Spread(size, ratio=ratio, shift=777)
    run = [spread.index(rank) for rank in range(400, 1400)]
    per_tenth = [sum(index * 10 // size == tenth for index in run) for tenth in range(10)]
    assert all(90 <= count <= 110 for count in per_tenth), per_tenth


def test_two_spreads_are_not_in_step() -> None:
    golden, other = (Spread(10_000, ratio=ratio, shift=0) for ratio in (GOLDEN_RATIO, ROOT_OF_TWO))
    both = sum(golden.rank(index) < 5000 and other.rank(index) < 5000 for index in range(10_000))
    assert 2400 <= both <= 2600
