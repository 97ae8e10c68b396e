"""Where a document is cut into slices, and where its first offer begins."""

from collections.abc import Iterator
from contextlib import nullcontext
from unittest.mock import Mock, patch

import pytest
from lxml import etree

from stock_loader.commerceml.documents.slice_parser import SliceParser
from stock_loader.commerceml.documents.slices import MAX_SLICE_BYTES, FirstOffer, Slices, up_to_first_offer
from stock_loader.commerceml.documents.templated import TemplatedReader
from stock_loader.commerceml.offers.container import ContainerReader
from stock_loader.commerceml.records import StockRecord
from tests.stock_loader.commerceml.documents.parsing import offer
from tests.stock_loader.commerceml.documents.sliced import OFFERS, SLICE, in_chunks, read
from tests.stock_loader.commerceml.stock_files import package


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
