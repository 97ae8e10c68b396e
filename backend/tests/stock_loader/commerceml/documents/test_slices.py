"""A document read in slices against the same one read as a whole: the same records, and the same words on a fault."""

import re
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from random import Random
from unittest.mock import Mock, patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from stock_loader.commerceml.documents import slices
from stock_loader.commerceml.documents.parser import XMLDataParser
from stock_loader.commerceml.documents.slice_parser import SliceParser
from stock_loader.commerceml.documents.slices import MAX_SLICE_BYTES, FirstOffer, Slices, up_to_first_offer
from stock_loader.commerceml.documents.templated import TemplatedReader
from stock_loader.commerceml.offers.container import ContainerReader
from stock_loader.commerceml.records import StockRecord
from stock_loader.errors import DocumentError
from tests.stock_loader.commerceml.documents.parsing import container, document, in_package, offer
from tests.stock_loader.commerceml.documents.test_any_document import dices, mutated
from tests.stock_loader.commerceml.stock_files import DECLARATION, package

SLICE = 400
"""Bytes, as of two or three offers of the tests."""

OFFERS = "".join(offer(f"id {number}", number) for number in range(12))


def in_chunks(content: bytes, size: int) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


def read(content: bytes, *, chunk_bytes: int = SLICE) -> list[StockRecord] | str:
    """Return the records, or the message."""
    try:
        return list(XMLDataParser().parse_chunks(in_chunks(content, chunk_bytes), name="rests.xml"))
    except DocumentError as error:
        return str(error)


def read_whole(content: bytes, *, chunk_bytes: int = SLICE) -> list[StockRecord] | str:
    """Return the same of a document that is read as it grows."""
    with patch.object(slices, "_is_declared", return_value=False):
        return read(content, chunk_bytes=chunk_bytes)


def read_parsed(content: bytes, *, chunk_bytes: int = SLICE) -> list[StockRecord] | str:
    """Return the same of a document whose slices are all parsed."""
    with patch.object(TemplatedReader, "read", return_value=None):
        return read(content, chunk_bytes=chunk_bytes)


class AllOffers(ContainerReader):
    """Finds offers wherever they stand."""

    def take(self, container: etree._Element, count: int, *, lines_before: int = 0) -> list[StockRecord]:
        assert count == len(container)
        return [StockRecord(lines_before, "", "", 0) for _ in container.iter("Предложение")]


def slices_of(content: bytes, *, chunk_bytes: int = SLICE) -> tuple[list[int], bytes, tuple[int, int]]:
    """Cut `content`, the inside of a container; return the offers in each slice, what is left and where it begins."""
    chunks = in_chunks(content, chunk_bytes)
    cut = Slices(etree.fromstring("<Предложения/>"), AllOffers(None), FirstOffer(b"", 3, b"", is_plain=True))
    found = [len(records) for records in cut.read(chunks)]
    return found, b"".join((*cut.left, *chunks)), cut.position


# Cutting


@pytest.mark.parametrize("has_templates", [True, False])
def test_offers_are_read_in_slices_that_end_with_an_offer(*, has_templates: bool) -> None:
    with nullcontext() if has_templates else patch.object(TemplatedReader, "read", return_value=None):
        found, left, position = slices_of(f"{OFFERS}<end>".encode())
    assert sum(found) == 12
    assert len(found) > 3
    assert (left, position) == (b"\n<end>", (11, len(offer("id 11", 11)) - 1))


def test_lines_are_those_of_the_document() -> None:
    records = read(package(OFFERS).encode())
    assert [record.line for record in records if isinstance(record, StockRecord)] == list(range(4, 16))


@pytest.mark.parametrize(
    "fault",
    [
        "<!-- </Предложение> -->",
        "<![CDATA[</Предложение>]]>",
        "<?pi </Предложение>?>",
        "<Предложение><Предложение></Предложение>" + " " * SLICE + "</Предложение>",
        "</Предложения><Предложения>",
        "</Предложения></x><x><Предложения>",
        "&nothing;",
        "<a>&#0;</a>",
        "]]>",
    ],
)
def test_slice_with_a_fault_and_all_after_it_are_left(fault: str) -> None:
    content = f"{OFFERS}{fault}{OFFERS}".encode()
    for size in range(60, 700, 7):
        found, left, (lines, _) = slices_of(content, chunk_bytes=size)
        assert content.endswith(left)
        read_content = content.removesuffix(left)
        assert sum(found) == read_content.count("<Предложение>".encode())
        assert lines == read_content.count(b"\n")


@pytest.mark.parametrize("prefix", ["", "c:"])
def test_names_have_the_namespaces_of_the_document(prefix: str) -> None:
    colon = f":{prefix[:-1]}" if prefix else ""
    text = f"<к {'xmlns' + colon}='urn:a&amp;b' xmlns:d='urn:d'><{prefix}Предложения/></к>"
    root = etree.fromstring(text.encode())
    content = f"<{prefix}Предложение><d:x/></{prefix}Предложение>".encode()
    tree = SliceParser(root[0]).parse(content)
    assert (tree.tag, [parent.tag for parent in tree.iterancestors()]) == (root[0].tag, [root.tag])
    assert [element.tag for element in tree.iterdescendants()] == ["{urn:a&b}Предложение", "{urn:d}x"]


def test_no_more_is_cut_where_no_offer_ends() -> None:
    chunks = iter([offer("a", 1).encode(), *[b" " * 100_000] * 20, offer("b", 1).encode()])
    cut = Slices(etree.fromstring("<Предложения/>"), ContainerReader(None), FirstOffer(b"", 0, b"", is_plain=True))
    assert len(list(cut.read(chunks))) == 1
    assert MAX_SLICE_BYTES < sum(map(len, cut.left)) < MAX_SLICE_BYTES + 200_000
    assert list(chunks)


def first_offer_in(chunks: Iterator[bytes]) -> tuple[bytes, FirstOffer]:
    """Return what the document is fed with before the first offer, and that."""
    document = Mock(feed=Mock(return_value=[]))
    search = up_to_first_offer(document, chunks)
    while True:
        try:
            next(search)
        except StopIteration as end:
            return b"".join(call.args[0] for call in document.feed.call_args_list), end.value


@pytest.mark.parametrize("chunk_bytes", [1, 5, 64, 10_000])
@pytest.mark.parametrize("head", ["<к>\n\n", "<к><Предложения a='>'>", "<п>Предложение\n", ""])
def test_first_offer_is_found_wherever_the_chunks_end(head: str, chunk_bytes: int) -> None:
    content = f"{head}<п:Предложение>5".encode()
    before, first_offer = first_offer_in(in_chunks(content, chunk_bytes))
    assert (before.decode(), first_offer.lines) == (head, head.count("\n"))
    assert (first_offer.prefix.decode(), first_offer.is_plain) == ("п:", True)
    assert content.startswith(before + first_offer.rest)


@pytest.mark.parametrize("head", ["<к><!-- -->", "<к><![CDATA[", "<!DOCTYPE x><к>", "<?xml-x?><к>", "<к><?x?>", "\0"])
def test_what_stands_behind_a_comment_is_not_cut(head: str) -> None:
    for chunk_bytes in (1, 7, 1000):
        _, first_offer = first_offer_in(in_chunks(f"{head}<Предложение>".encode(), chunk_bytes))
        assert not first_offer.is_plain


# The whole document


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


def test_reading_works_without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    expected = read(package(OFFERS).encode())
    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert read(package(OFFERS).encode()) == expected


def test_thread_ends_with_the_reading() -> None:
    before = threading.active_count()
    records = XMLDataParser().parse_chunks(in_chunks(package(OFFERS * 100).encode(), SLICE), name="rests.xml")
    next(records)
    assert threading.active_count() == before + 1
    del records
    assert threading.active_count() == before


@pytest.mark.parametrize("error", [SystemExit(143), KeyboardInterrupt(), MemoryError(), OSError("gone")])
def test_what_the_source_raises_passes_and_no_thread_is_left(error: BaseException) -> None:
    def chunks() -> Iterator[bytes]:
        yield from in_chunks(package(OFFERS * 100).encode()[:20_000], SLICE)
        raise error

    before = threading.active_count()
    with pytest.raises(type(error)) as raised:
        list(XMLDataParser().parse_chunks(chunks(), name="rests.xml"))
    assert raised.value is error
    assert threading.active_count() == before


def test_signal_while_a_file_is_read_leaves_no_thread(tmp_path: Path) -> None:
    def stop(_: int) -> None:
        calls.append(threading.active_count())
        if len(calls) == 20:
            raise SystemExit(143)

    calls: list[int] = []
    path = tmp_path / "rests.xml"
    path.write_bytes(package(OFFERS * 100).encode())
    before = threading.active_count()
    with pytest.raises(SystemExit):
        list(XMLDataParser(chunk_bytes=SLICE, on_read=stop).parse(str(path)))
    assert (calls[-1], threading.active_count()) == (before + 1, before)


def test_lack_of_memory_in_the_thread_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise MemoryError

    before = threading.active_count()
    monkeypatch.setattr(SliceParser, "parse", refuse)
    with pytest.raises(MemoryError):
        read(package(OFFERS).encode())
    assert threading.active_count() == before


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


def assert_alike(outcome: list[StockRecord] | str, expected: list[StockRecord] | str) -> None:
    """Compare records, or words on a fault: all of them but the column, and the offer where both tell one.

    libxml2 does not count the letters of end tags, which are spaces where they were cut. A fault of the first offer, or
    one after which libxml2 reads on, is told with an offer if its id stands in the same chunk.
    """
    if isinstance(outcome, str) and isinstance(expected, str):
        (words, offer), (expected_words, expected_offer) = _told(outcome), _told(expected)
        assert words == expected_words
        assert offer == expected_offer or "" in (offer, expected_offer)
    else:
        assert outcome == expected


def _told(outcome: str) -> tuple[str, str]:
    """The words without their place in the line, and the offer."""
    near = re.search(r", near the offer ([^:]*)", outcome)
    return re.sub(r"column \d+(, near the offer [^:]*)?", "column", outcome), near[1] if near else ""


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
