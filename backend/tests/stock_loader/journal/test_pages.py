import uuid
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stock_loader.journal.pages import changes_on, page_of, rank_of
from stock_loader.outcome import StockChange

WHOLE_NUMBERS = st.integers(-(2**63), 2**63 - 1)


@given(WHOLE_NUMBERS, WHOLE_NUMBERS)
def test_rank_orders_whole_numbers_by_value(one: int, other: int) -> None:
    assert (rank_of(one) < rank_of(other)) == (one < other)


@given(st.text(), st.text())
def test_rank_orders_texts_by_their_bytes_as_far_as_it_keeps_them(one: str, other: str) -> None:
    first, last = sorted((one, other), key=lambda text: text.encode())
    assert rank_of(first) <= rank_of(last)
    assert len(rank_of(one)) <= 64


@pytest.mark.parametrize(
    "changes",
    [
        [StockChange(1, 0, 5), StockChange(20, None, 7), StockChange(300, 2**31, None)],
        [StockChange('a"b', Decimal("1.500"), Decimal("1E+3")), StockChange("я\n", Decimal("0.001"), Decimal(0))],
        [StockChange(uuid.UUID(int=n), n, n + 1) for n in (1, 2**100)],
    ],
    ids=["numbers", "texts and decimals", "UUIDs"],
)
def test_page_gives_back_what_it_was_made_of(changes: list[StockChange]) -> None:
    page = page_of(changes, number=3, session=7, target="t", session_model="s")
    key_of: Any = type(changes[0].product)
    assert list(changes_on(page, key_of)) == changes
    assert (page.number, page.size, page.session) == (3, len(changes), 7)
    assert (page.first, page.last) == (rank_of(changes[0].product), rank_of(changes[-1].product))
