import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from stock_loader.strategies.bulk_update.compact_sets import KeyLog


@given(st.lists(st.lists(st.text(max_size=2), max_size=20), max_size=5))
def test_any_keys_are_told_apart(chunks: list[list[str]]) -> None:
    log = KeyLog()
    for chunk in chunks:
        log.add(chunk)
    keys = [key for chunk in chunks for key in chunk]
    assert log.repeated() == {hash(key) for key in keys if keys.count(key) > 1}
    assert log.added({"", "a", *keys}) == set(keys)


def test_keys_cost_eight_bytes_each() -> None:
    tracemalloc.start()
    try:
        log = KeyLog()
        log.add(f"key {number}" for number in range(100_000))
        kept, _ = tracemalloc.get_traced_memory()
        assert log.repeated() == frozenset()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 10 * 100_000
    assert peak < 12 * 100_000
