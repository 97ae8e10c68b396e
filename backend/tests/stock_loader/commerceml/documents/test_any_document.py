"""Any boundaries of reads, and any mutation: refused, or read as another parser reads it."""

import re
from collections.abc import Callable, Iterator
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures_generator.layouts import Layout
from stock_loader.commerceml.documents.parser import XMLDataParser
from stock_loader.commerceml.records import StockRecord
from stock_loader.errors import DocumentError
from tests.stock_loader.commerceml.documents.parsing import (
    GOOD,
    MARKUP,
    SEED,
    SEEDS,
    TWO_OFFERS,
    document,
    in_package,
    offer,
)
from tests.stock_loader.commerceml.expat_reader import differences
from tests.stock_loader.commerceml.stock_files import package, parse

PIECES = [
    package(offer("a", 5) + offer("b", "7,5") + "<Предложение/>" + offer("a", "x")),
    document("<x><y/></x>", in_package("<Ид>1</Ид>", TWO_OFFERS, TWO_OFFERS), in_package(), "<z>5</z>"),
    package(f"<Предложение>{offer('a', 5)}</Предложение>"),
    document(in_package(TWO_OFFERS, offer("c", 1))),
    document("<Каталог><Товар/></Каталог>"),
    GOOD.replace("</Ид>", "</Id>"),
    GOOD.replace("<Коммер", "<!DOCTYPE x><Коммер", 1),
    GOOD.replace(">5<", "> <!-- 1 -->5<![CDATA[0]]>&#32;<"),
]


def outcome(content: bytes, *, chunk_bytes: int) -> list[StockRecord] | type[DocumentError]:
    try:
        return parse(content, chunk_bytes=chunk_bytes)
    except DocumentError:
        return DocumentError


@pytest.mark.parametrize("text", PIECES)
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_boundaries_of_reads_make_no_difference(text: str, codec: str) -> None:
    content = text.replace("UTF-8", codec.removesuffix("-sig")).encode(codec)
    whole = outcome(content, chunk_bytes=len(content))
    sizes = {*range(1, 40), *range(40, len(content), 61)}
    assert {size for size in sizes if outcome(content, chunk_bytes=size) != whole} == set()


def cut_in_two(content: bytes, place: int) -> list[StockRecord] | type[DocumentError]:
    try:
        return list(XMLDataParser().parse_chunks(iter((content[:place], content[place:])), name="cut"))
    except DocumentError:
        return DocumentError


@pytest.mark.parametrize("text", [PIECES[0], PIECES[1], PIECES[7]], ids=["offers", "containers", "values"])
def test_boundary_at_any_byte_makes_no_difference(text: str) -> None:
    content = text.encode()
    whole = outcome(content, chunk_bytes=len(content))
    assert {place for place in range(len(content)) if cut_in_two(content, place) != whole} == set()


TEXT = [b"5", b"-", b",", b" ", b"\n", b"0", "н".encode()]


def mutated(dice: Random) -> bytes:
    """A document with up to three pieces of it replaced by markup, text, any bytes, or another piece of it."""
    seed = dice.choice(SEEDS)
    content = seed
    for _ in range(dice.randint(1, 3)):
        start = dice.randint(0, len(content))
        end = dice.choice([start, dice.randint(start, min(start + 60, len(content)))])
        source = dice.randint(0, len(seed))
        splices = [
            lambda: dice.choice(MARKUP),
            lambda: dice.choice(TEXT),
            lambda: dice.randbytes(dice.randint(0, 3)),
            lambda: seed[source : source + dice.randint(1, 120)],  # noqa: B023  # called in this turn only
        ]
        content = content[:start] + dice.choice(splices)() + content[end:]
    return content


ELEMENT = re.compile(rb"<([^\s<>/!?]+)[^<>]*>(?:[^<>]*|.*?)</\1>", re.DOTALL)


NUMBER = re.compile(rb"(?<=>)[0-9.,-]+(?=<)")


NUMBERS = (b"7", b"0", b"-3", b"2.5", b"1 234", b"2147483647", b"2147483648", b"1e5", b"", b"&#57;", b"0<!-- -->5")


def rearranged(dice: Random) -> bytes:
    """Elements dropped, doubled, moved, numbers exchanged: what mostly stays well-formed."""
    content = dice.choice(SEEDS)
    for _ in range(dice.randint(1, 4)):
        is_number = dice.random() < 0.5
        pattern, start = (NUMBER, 0) if is_number else (ELEMENT, dice.randint(0, len(content)))
        places = list(pattern.finditer(content, start))
        if not places:
            continue
        place, source = dice.choice(places), dice.choice(places)
        piece = dice.choice(NUMBERS if is_number else (b"", source.group() * 2))
        content = content[: place.start()] + piece + content[place.end() :]
    return content


def dices(count: int) -> Iterator[Random]:
    """Dice of which each makes a document; other ones in every run, each told by its seed."""
    first = Random().randrange(2**32)
    return (Random(seed) for seed in range(first, first + count))


def check_mutation(content: bytes, chunk_bytes: int) -> bool:
    """Check the document; tell whether it was read rather than refused."""
    try:
        records = parse(content, chunk_bytes=chunk_bytes)
    except DocumentError:
        return False
    assert b"<!DOCTYPE" not in content.partition("<КоммерческаяИнформация".encode())[0].replace(b"<!--", b"")
    assert differences(content, records) == []
    return True


CHUNKS = (64, 300, 5000)


@given(st.randoms(), st.sampled_from([mutated, rearranged]), st.sampled_from(CHUNKS))
@settings(deadline=None, max_examples=400)
def test_mutated_document_is_refused_or_reads_as_expat_reads_it(
    dice: Random, change: Callable[[Random], bytes], chunk_bytes: int
) -> None:
    check_mutation(change(dice), chunk_bytes)


@pytest.mark.slow
def test_many_mutated_documents_are_refused_or_read_as_expat_reads_them() -> None:
    """Without hypothesis, whose drawing takes longer than the reading: what is found is not made small."""
    for dice in dices(2_000):
        content, chunk_bytes = dice.choice([mutated, rearranged])(dice), dice.choice(CHUNKS)
        try:
            check_mutation(content, chunk_bytes)
        except Exception as error:
            error.add_note(f"read in chunks of {chunk_bytes}: {content!r}")
            raise


@pytest.mark.parametrize("seed", SEEDS, ids=["own", *(layout.name for layout in Layout)])
def test_documents_that_are_mutated_are_good_ones(seed: bytes) -> None:
    assert check_mutation(seed, 300)


WRONG = [StockRecord(4, "a-1", "", 6), StockRecord(5, "b-2", "", 17), StockRecord(6, "c-3", "", 8)]


@pytest.mark.parametrize(
    ("content", "records", "difference"),
    [
        (SEED, WRONG[:2], "2 records, 3 offers"),
        (SEED, WRONG, "offer 0: expected ('a-1', 5), read "),
        (SEED + b"x", WRONG, "expat refuses what was accepted: "),
    ],
    ids=["offer lost", "wrong quantity", "not well-formed"],
)
def test_comparison_with_expat_finds_what_is_wrong(content: bytes, records: list[StockRecord], difference: str) -> None:
    (found,) = differences(content, records)
    assert found.startswith(difference)
