"""Slices that fit no template, and how often it is tried."""

import re
from itertools import combinations
from unittest.mock import patch

import pytest

from stock_loader.commerceml.documents import reduction, separators
from tests.stock_loader.commerceml.documents.repeated_offers import (
    FORMS,
    USUAL,
    offer,
    parsed,
    rest,
)
from tests.stock_loader.commerceml.documents.templates import MISFITS, read, reader


@pytest.mark.parametrize("misfit", MISFITS.values(), ids=MISFITS.keys())
@pytest.mark.parametrize("before", [0, 1, 3])
def test_slice_with_anything_else_is_not_read(misfit: str, before: int) -> None:
    content = USUAL * before + misfit + USUAL
    assert content != USUAL * before + USUAL + USUAL
    for taught_by in (USUAL, FORMS["warehouses in some offers"] + FORMS["skus"]):
        assert read(content, taught_by, content) is None


@pytest.mark.parametrize("mark", separators.code_of("ИКОСА").decode() + "\x1f\x01\x0b\x0c\r\n\t")
def test_marks_in_values_are_seen(mark: str) -> None:
    for value in (mark, f"a{mark}", f"{mark}{mark}"):
        for place in ("<Ид>a", "<Ид>w1", "<Количество>5"):
            assert read(USUAL + USUAL.replace(place, place + value) + USUAL, USUAL) is None


@pytest.mark.parametrize("bad", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"\x98", b"\xd0"])
def test_what_is_no_utf8_is_not_read(bad: bytes) -> None:
    for place in ("<Ид>a", "<Ид>w1", "<Количество>5", "</Остатки>", "<Предл"):
        content = USUAL.encode().replace(place.encode(), place.encode() + bad, 1)
        assert read(content + USUAL.encode(), USUAL) is None


def test_slice_longer_than_a_text_may_be_is_not_read() -> None:
    content = offer("a" * reduction.MAX_SLICE_BYTES, rest("w1", "5"))
    assert read(content, USUAL) is None
    assert read(offer("a" * (reduction.MAX_SLICE_BYTES - 1000), rest("w1", "5")), USUAL) is not None


def test_code_for_code_another_order_of_separators_is_seen() -> None:
    """All swaps of two separators leave as many bytes, tags and values."""
    texts = re.split("(?<=<Ид>)|(?=</Ид>)|(?<=<Количество>)|(?=</Количество>)", USUAL * 3)
    for first, second in combinations(range(0, len(texts), 2), 2):
        if texts[first] != texts[second]:
            swapped = list(texts)
            swapped[first], swapped[second] = texts[second], texts[first]
            content = "".join(swapped)
            fitted = read(content, USUAL * 3)
            assert (fitted and fitted.records) == (parsed(content) if fitted else None)


def test_separator_of_endless_white_space_is_not_learned() -> None:
    content = USUAL.replace("\n\t<Остатки>", "\n" * (separators.MAX_SEPARATOR_BYTES + 1) + "<Остатки>")
    assert read(content, content) is None


def test_few_shapes_are_kept() -> None:
    by_template = reader()
    for size in range(1, 3 * reduction.MAX_SHAPES):
        assert by_template.read(offer("a", *(rest(f"w{number}", "1") for number in range(size))).encode()) or size < 3
        assert len(by_template._template._shapes) <= reduction.MAX_SHAPES


def test_file_that_never_fits_is_seldom_looked_at() -> None:
    by_template = reader()
    with patch.object(separators.Separators, "learn", return_value=False) as learn:
        for _ in range(500):
            assert by_template.read(b"<x/>") is None
    assert learn.call_count == 8


def test_file_that_fits_again_is_looked_at_again() -> None:
    by_template = reader()
    outcomes = [
        by_template.read(content) is not None for content in [USUAL.encode(), *[b"<x/>"] * 20, *[USUAL.encode()] * 20]
    ]
    assert outcomes[0]
    assert outcomes[-1]
    assert sum(outcomes) > 10
