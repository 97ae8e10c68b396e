"""A document read in slices against the same one read as a whole: the same records, and the same words on a fault."""

import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stock_loader.commerceml.documents.parser import XMLDataParser
from stock_loader.errors import DocumentError
from tests.stock_loader.commerceml.documents.parsing import container, document, in_package, offer
from tests.stock_loader.commerceml.documents.sliced import (
    OFFERS,
    SLICE,
    assert_alike,
    in_chunks,
    read,
    read_parsed,
    read_whole,
)
from tests.stock_loader.commerceml.documents.test_any_document import dices, mutated
from tests.stock_loader.commerceml.stock_files import DECLARATION, package

DOCUMENTS = [
    package(OFFERS),
    package(OFFERS).replace("\n", ""),
    package(OFFERS).replace("\n", "\r\n"),
    package(f"<x/>{OFFERS}<x><y/></x>{OFFERS}"),
    package(f"{OFFERS}<!-- </Предложение> -->{OFFERS}<![CDATA[</Предложение>]]>"),
    package(f"{OFFERS}<Предложение>{offer('inner', 5)}</Предложение>{OFFERS}"),
    package(f"{OFFERS}<x>{offer('inner', 5)}</x>{OFFERS}"),
    package(f"{OFFERS}</Предложения><Предложения>{OFFERS}"),
    document(in_package(container(OFFERS)), in_package(container(OFFERS), container(OFFERS))),
    document(in_package(container(OFFERS)), offer("outside", 5)),
    document(in_package(container(OFFERS), offer("outside", 5))),
    document("<x/>" * 500, in_package(container("<x/>", OFFERS))),
    package(OFFERS) + "<more/>",
    package(OFFERS)[:-40],
    package(OFFERS).replace("id 7<", "id 7&nothing;<"),
    package(OFFERS).replace("id 7<", "id 7\x01<"),
    package(OFFERS).replace("<Ид>id 7</Ид>", "<Ид>id 7</Id>"),
    package(OFFERS).replace("<Ид>id 7</Ид>", "\n<Ид>id 7</Ид><Количество>x</Количество>\n"),
    package(OFFERS).replace("</Предложение>", "</Предложение >"),
    package(OFFERS).replace("<Предложения>", "<Предложения>" + " " * 2_000_000),
    package(OFFERS).replace("<Предложения>", "<Предложения xmlns=''>").replace("Коммер", "c:Коммер"),
    package(OFFERS).replace("<Предложения>", "<Предложения xmlns='urn:1'>"),
    package(OFFERS)
    .replace(" ДатаФ", " xmlns='urn:1' xmlns:c='urn:2' xml:space='preserve' ДатаФ")
    .replace("<Предложения>", "<Предложения xmlns='' xmlns:c='urn:3' ключ='>'>")
    .replace("id 7<", "<c:x/>id 7<"),
    package(OFFERS).replace("Предложение>", "c:Предложение>").replace(" ДатаФ", " xmlns:c='urn:2' ДатаФ"),
    package(OFFERS).replace("Предложение>", "c:Предложение>"),
    package(OFFERS).replace("<Предложение>", "<Предложение a='>' b='</Предложение'>"),
    package(OFFERS).replace("id 7<", "id &lt;/Предложение&gt;&#60;<"),
    package(OFFERS).replace("\n", "\r"),
    package(OFFERS).replace("id 7<", "id 7<?x </Предложение>?><"),
    package(OFFERS).replace("id 7<", "id 7<!-- </Предложение> --><"),
    package(OFFERS).replace("id 7<", "id 7<![CDATA[</Предложение>]]><"),
    package(f"{OFFERS}<!DOCTYPE x>{OFFERS}"),
    package(f"{OFFERS}<?xml version='1.0'?>{OFFERS}"),
    package(f"{OFFERS}]]>{OFFERS}"),
    package(f"{OFFERS}<Предложение>{offer('inner', 5)}</Предложение></x>{OFFERS}"),
    package(f"{OFFERS}<x>{offer('inner', 5)}</y></x>{OFFERS}"),
    package(f"{OFFERS}<Предложение><Количество>-</Количество>{offer('inner', 5)}</y>{OFFERS}"),
    package(f"{OFFERS}</Предложения></ПакетПредложений><ПакетПредложений><Предложения>{OFFERS}"),
    package(f"{OFFERS}</Предложения><Предложения><Предложения>{OFFERS}</Предложения>"),
    document(in_package(container(OFFERS)), offer("outside", 5), "</x>"),
    document(in_package(container(OFFERS)), "<x><Предложение></x>"),
    package(f"{OFFERS}<Предложение>{'<x>' * 252}{'</x>' * 252}</Предложение>{OFFERS}"),
    package(f"{OFFERS}<Предложение>{'<x>' * 253}{'</x>' * 253}</Предложение>{OFFERS}"),
    package(f"{OFFERS}<Предложение>{'<x>' * 255}{'</x>' * 255}</Предложение>{OFFERS}"),
    f"{DECLARATION}<ПакетПредложений>{container(OFFERS)}</ПакетПредложений>",
    package(OFFERS).replace("<Ид>id 0</Ид>", "<Ид>x</Id>"),
    package(OFFERS).replace("<Ид>id 11</Ид>", "<Ид>x</Id>"),
]


@pytest.mark.parametrize("text", DOCUMENTS, ids=range(len(DOCUMENTS)))
def test_slices_make_no_difference(text: str) -> None:
    content = text.encode()
    whole = read_whole(content)
    for size in [*range(100, 1500, 37), len(content)]:
        assert_alike(read(content, chunk_bytes=size), whole)
        assert_alike(read_parsed(content, chunk_bytes=size), whole)


def test_bytes_that_are_no_utf8_are_told_as_in_the_whole_document() -> None:
    content = package(OFFERS).encode().replace(b"id 7", b"id \xff")
    assert "not well-formed XML" in read(content)
    assert read(content) == read_whole(content)


def test_other_encoding_is_not_cut() -> None:
    """Bytes that are offers as UTF-8 only are none in a document of another encoding."""
    mojibake = "".join(offer("b", 1) for _ in range(10)).encode()
    content = package("@").replace("UTF-8", "windows-1251").encode("cp1251").replace(b"@", mojibake)
    assert "not well-formed XML" in read(content)
    assert read(content) == read_whole(content)


@pytest.mark.parametrize("encoding", ["windows-1251", "KOI8-R", "UTF-16", "utf8", "UTF-8-SIG"])
def test_encoding_makes_no_difference(encoding: str) -> None:
    text = package(OFFERS).replace("UTF-8", encoding.removesuffix("-SIG"))
    assert read(text.encode(encoding)) == read(package(OFFERS).encode())


def test_fault_far_behind_the_cuts_is_told_with_line_and_column() -> None:
    lines = "\n" * 3_000_000
    content = package(f"{OFFERS}{lines}{OFFERS}   <Предложение><Ид>x</Id>").encode()
    with pytest.raises(DocumentError) as raised:
        list(XMLDataParser().parse_chunks(in_chunks(content, 100_000), name="rests.xml"))
    line = content[: content.index(b"</Id>")].count(b"\n") + 1
    assert str(raised.value) == (
        f"rests.xml: line {line}, column 27: not well-formed XML: the element <Ид> is closed by </Id>. "
        "Export the file again."
    )


def test_column_in_a_document_of_one_line_counts_what_was_read_in_pieces() -> None:
    content = package(f"{OFFERS * 20}<Предложение><Ид>x</Id>").replace("\n", "").encode()
    column = content[: content.index(b"</Id>")].decode().count("") - len(DECLARATION)
    with pytest.raises(DocumentError, match=r"line \d+, column (\d+)") as raised:
        list(XMLDataParser().parse_chunks(in_chunks(content, SLICE), name="rests.xml"))
    told = re.search(r"column (\d+)", str(raised.value))
    assert told
    assert abs(int(told[1]) - column) < 100


@pytest.mark.parametrize("size", [3_300_000, 4_000_000])
def test_long_element_behind_the_cuts_is_read(size: int) -> None:
    """Lines that stand for what was cut do not count as part of it."""
    lines = "\n" * 1_000_000
    content = package(f"{OFFERS}{lines}{OFFERS}<x>{'y' * size}</x>{OFFERS}").encode()
    assert read(content, chunk_bytes=131_072) == read_whole(content, chunk_bytes=131_072)
    assert len(read(content, chunk_bytes=131_072)) == 36


def test_document_that_follows_an_undeclared_entity_is_not_taken_for_the_whole() -> None:
    """libxml2 begins anew with the chunk after such an entity: two documents, of which the second was all there was."""
    broken = package(f"{OFFERS}&nothing;{OFFERS}").encode()
    content = broken + package(offer("other", 1)).encode()
    assert read(content, chunk_bytes=len(broken)) == read_whole(content, chunk_bytes=len(broken))
    assert "an entity that XML does not know" in read(content, chunk_bytes=len(broken))
    assert "an entity that XML does not know" in read_whole(content, chunk_bytes=len(broken))


@pytest.mark.parametrize("between", ["<", "&x;", "\x01", "]]>", "<?xml version='1.0'?>", "</x>"])
def test_fault_behind_the_cuts_is_near_the_offer_before_it(between: str) -> None:
    content = package(f"{OFFERS}{between}{OFFERS}").encode()
    assert ", near the offer id 11: not well-formed XML" in str(read(content))
    assert_alike(read(content), read_whole(content))


@pytest.mark.parametrize("broken", ["<c:x/>", "<x a='1' a='2'/>", "&nothing;", "<x>"])
def test_fault_is_near_its_offer_and_no_later_one_of_the_chunk(broken: str) -> None:
    """libxml2 reads on after some faults: the tree has the offers behind them too."""
    content = package(OFFERS).replace("id 5</Ид>", f"id 5</Ид><y/>{broken}").encode()
    for size in (SLICE, len(content)):
        assert ", near the offer id 5: not well-formed XML" in str(read(content, chunk_bytes=size))


@given(st.randoms())
@settings(deadline=None, max_examples=300)
def test_slices_make_no_difference_to_a_mutated_document(dice: Random) -> None:
    content = mutated(dice)
    assert_alike(read(content, chunk_bytes=120), read_whole(content, chunk_bytes=120))


@pytest.mark.slow
def test_slices_make_no_difference_to_many_mutated_documents() -> None:
    for dice in dices(6_000):
        content = mutated(dice)
        assert_alike(read(content, chunk_bytes=120), read_whole(content, chunk_bytes=120))
