import pytest

from stock_loader.commerceml.bounded_cache import BoundedCache


def test_answer_is_found_out_once_while_it_is_kept() -> None:
    asked: list[str] = []
    cache = BoundedCache(lambda text: asked.append(text) or len(text), max_entries=2, max_length=3)  # type: ignore[func-returns-value]
    assert [cache[text] for text in ("a", "bb", "a", "bb")] == [1, 2, 1, 2]
    assert asked == ["a", "bb"]
    assert cache["ccc"] == 3
    assert dict(cache) == {"ccc": 3}


def test_long_text_is_not_kept() -> None:
    cache = BoundedCache(len, max_entries=2, max_length=3)
    assert cache["long"] == 4
    assert not cache


def test_what_finding_out_raises_is_raised_and_not_kept() -> None:
    cache = BoundedCache(int, max_entries=2, max_length=3)
    for _ in range(2):
        with pytest.raises(ValueError, match="invalid literal"):
            cache["x"]
    assert not cache
