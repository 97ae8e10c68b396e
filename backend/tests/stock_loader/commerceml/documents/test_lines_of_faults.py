"""Lines that are told, past the 16 bits that libxml2 keeps, and faults around them."""

import pytest

from tests.stock_loader.commerceml.documents.parsing import NESTED, document, in_package, offer
from tests.stock_loader.commerceml.stock_files import package, parse, refusal


def test_lines_are_right_past_the_16_bits_of_libxml2() -> None:
    count = 70_000
    regular = "".join(offer(str(number), 1) for number in range(count))
    records = parse(package(regular + "<Предложение><Артикул>S</Артикул><Количество>1</Количество></Предложение>\n"))
    assert [record.line for record in records] == list(range(4, count + 5))


def test_lines_of_offers_read_one_by_one_are_right_past_the_16_bits() -> None:
    blank = "\n" * 70_000
    ids = "<Предложение>\n<Ид>%s</Ид>\n<Количество>5</Количество></Предложение>\n"
    skus = "<Предложение><Артикул>%s</Артикул>\n<Количество>5</Количество></Предложение>\n"
    records = parse(package(f"{blank}{ids % 'a'}{skus % 'b'}{ids % 'c'}{skus % 'd'}"))
    assert [record.line - 70_004 for record in records] == [1, 3, 6, 8]


def test_line_of_an_offer_without_text_is_near_past_the_16_bits() -> None:
    records = parse(package("\n" * 70_000 + offer("a", 5) + "<Предложение/>\n" * 3 + offer("b", 5)))
    assert [record.line - 70_004 for record in records][::4] == [0, 4]
    assert {record.line - 70_004 for record in records[1:4]} <= {0, 1, 2, 3, 4, 65_535 - 70_004}


@pytest.mark.parametrize("chunk_bytes", [1, 7, 64, 10_000])
def test_entity_that_is_not_declared_is_told_with_its_place(chunk_bytes: int) -> None:
    """lxml goes on after it, and would tell of something else at the end."""
    text = package(offer("a", 5) + "\n<Предложение><Ид>&nothing;</Ид></Предложение>\n" + offer("b", 7))
    assert refusal(text, chunk_bytes=chunk_bytes).startswith("line 6, column ")
    assert ": not well-formed XML: an entity that XML does not know, such as &nbsp;. " in refusal(
        text, chunk_bytes=chunk_bytes
    )


@pytest.mark.parametrize("chunk_bytes", [1, 2, 10, 100, 10_000])
@pytest.mark.parametrize("empty", ["<Предложения/>", "<Предложения></Предложения>", "<Предложения> </Предложения>\n"])
def test_offer_behind_an_empty_container_is_outside(empty: str, chunk_bytes: int) -> None:
    behind_container = document(in_package(empty, offer("a", 5)))
    behind_package = document(in_package(empty), offer("a", 5))
    for text in (behind_container, behind_package):
        assert "an offer (Предложение) outside of" in refusal(text, chunk_bytes=chunk_bytes)


@pytest.mark.parametrize("chunk_bytes", [50, 200, 10_000])
@pytest.mark.parametrize("before", ["", "<!-- -->"])
def test_fault_that_a_warning_follows_is_a_fault(before: str, chunk_bytes: int) -> None:
    """lxml forgets an error that a warning follows, such as the one for a relative namespace."""
    text = package(before + offer("a", 5) + "<p:x/>" + "<y xmlns='relative'/>" + offer("b", 7))
    assert "a prefix for which no namespace is declared." in refusal(text, chunk_bytes=chunk_bytes)


def test_lines_of_faults_are_right_past_the_16_bits() -> None:
    blank = "\n" * 70_000
    assert refusal(package(f"{blank}<x>&</x>")).startswith("line 70004, column ")
    assert refusal(package(f"{blank}<x>{offer('a', 5)}</x>")) == NESTED % 70_004
