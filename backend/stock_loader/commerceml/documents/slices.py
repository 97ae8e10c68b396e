"""The middle of a document: its offers, read slice by slice.

The head of a document, and all from where no more slices can be read, is read as it grows (`whole`). The slices between
are nearly all of a usual file. A slice of whole offers that repeat one text is read without parsing (`templated`).
Any other is parsed as a small document by a second thread: libxml2 lets go of Python's lock while it parses, so that
this thread reads offers out of the tree of the last slice meanwhile.

Why a cut is safe. The first slice begins in the empty container, each other one where the slice before it ends. A slice
ends with the end tag of an offer, whatever these bytes mean there. It is parsed between start and end tags like those
of the container and its parents. So it is well-formed only if it is `content` in the sense of XML's grammar: whole
elements, text, comments. The end tag in a comment or a CDATA section, an offer inside an offer: each leaves something
open, which is a fault. A slice that ends the container is well-formed only if it opens another one; then there are two,
which is a fault too. What is `content` by itself is `content` in the container too.

A slice with a fault is not judged here: the parser of the whole document reads it and all that follows.
"""

import re
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from typing import NamedTuple

from lxml import etree
from lxml.etree import _Element

from stock_loader.commerceml.documents.slice_parser import SliceParser
from stock_loader.commerceml.documents.templated import TemplatedReader
from stock_loader.commerceml.documents.whole import WholeDocument
from stock_loader.commerceml.markup import OFFER
from stock_loader.commerceml.offers.container import ContainerReader
from stock_loader.commerceml.records import StockRecord

MAX_SLICE_BYTES = 1024 * 1024
"""After so many bytes without the end of an offer no more slices are cut."""

AHEAD = 2
"""How many slices are being parsed or wait for it. With 4 nothing was faster."""

MAX_TAG_BYTES = 256
"""Bytes of a start tag that the end of a chunk may part."""

_OFFER_START = re.compile(rb"<((?:[^\s<>:/]+:)?)%s(?=[\s/>])" % OFFER.encode())
_UTF8_DECLARATION = rb"xml\s(?:(?!encoding)[^>])*(?:encoding\s*=\s*[\"']utf-?8[\"'][^>]*)?>"
_NOT_PLAIN = re.compile(rb"<(?:!|\?(?!%s))|\0" % _UTF8_DECLARATION, re.IGNORECASE)
"""A comment, CDATA section, DOCTYPE or processing instruction begins; or this is not UTF-8. (lxml tells a document's
declared encoding only after its end.)"""


def read_offers(
    document: WholeDocument, reader: ContainerReader, chunks: Iterator[bytes]
) -> Generator[list[StockRecord]]:
    """Yield the records of a document as its chunks come, in order; `document.close` has the last ones.

    Memory: about three slices and two trees.
    """
    first_offer = yield from up_to_first_offer(document, chunks)
    left: Iterable[bytes] = [first_offer.rest]
    container = document.empty_container
    if container is not None and first_offer.is_plain and _is_declared(first_offer.prefix, container):
        slices = Slices(container, reader, first_offer)
        yield from slices.read(chain(left, chunks))
        document.skip(*slices.position, last_offer=slices.last_offer)
        left = slices.left
    for chunk in chain(left, chunks):
        yield document.feed(chunk)


class FirstOffer(NamedTuple):
    """Where the first offer begins, or the document ends without one."""

    rest: bytes
    """What was taken from the chunks and lies behind that place."""
    lines: int
    """Line ends before it."""
    prefix: bytes
    """That of the offer's name, with its colon."""
    is_plain: bool
    """Whether an offer begins there for all that bytes can tell: no comment or the like before it."""


def up_to_first_offer(
    document: WholeDocument, chunks: Iterable[bytes]
) -> Generator[list[StockRecord], None, FirstOffer]:
    """Feed the document with all that certainly lies before the first offer."""
    rest, lines, is_plain = b"", 0, True
    for chunk in chunks:
        content = rest + chunk
        found = _OFFER_START.search(content)
        end = found.start() if found else _start_of_parted_tag(content)
        before, rest = content[:end], content[end:]
        lines += before.count(b"\n")
        is_plain = is_plain and not _NOT_PLAIN.search(before)
        yield document.feed(before)
        if found:
            return FirstOffer(rest, lines, found.group(1), is_plain)
    return FirstOffer(rest, lines, b"", is_plain=False)


def _is_declared(prefix: bytes, container: _Element) -> bool:
    return not prefix or prefix[:-1].decode(errors="replace") in container.nsmap


def _start_of_parted_tag(content: bytes) -> int:
    """Return where a tag begins that may go on behind the end of `content`, else where that ends."""
    start = content.rfind(b"<", max(len(content) - MAX_TAG_BYTES, 0))
    return len(content) if start < 0 or b">" in content[start:] else start


class Position(NamedTuple):
    """How far a place lies behind the beginning of the first offer."""

    lines: int
    columns: int
    """Characters after the last line end."""


class _Slice(NamedTuple):
    content: bytes
    start: Position
    records: list[StockRecord] | None
    """Those of a slice that was read by its template, else None."""
    parsing: "Future[_Element] | None"
    """The tree to come of a slice that was not; None if the system gave no thread."""


class Slices:
    """The offers in `container`, slice by slice.

    After the last one, `left` are the bytes taken from the chunks and not read; `position` is where they begin, and
    `last_offer` the id of the offer before.
    """

    def __init__(self, container: _Element, reader: ContainerReader, first_offer: FirstOffer) -> None:
        self._reader = reader
        self._lines_before = first_offer.lines
        self._end_tag = b"</%s%s>" % (first_offer.prefix, OFFER.encode())
        self._parser = SliceParser(container)
        self._templated = TemplatedReader(reader.batch_reader, prefix=first_offer.prefix)
        self._waiting: deque[_Slice] = deque()
        self._end = Position(0, 0)
        self._rest: list[bytes] = []
        self.last_offer = ""

    @property
    def position(self) -> Position:
        """Where the first slice begins that was not read."""
        return self._waiting[0].start if self._waiting else self._end

    @property
    def left(self) -> list[bytes]:
        """What was not read."""
        return [*(waiting.content for waiting in self._waiting), *self._rest]

    def read(self, chunks: Iterable[bytes]) -> Generator[list[StockRecord]]:
        """Yield the records of each slice.

        Ends early if a slice has a fault, if no offer ends for too long, or if the system gives no thread.
        """
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="slices") as thread:
            for content in self._cut(chunks):
                self._waiting.append(self._begin(content, thread))
                if not (yield from self._finished(keep=AHEAD - 1)):
                    return
            yield from self._finished(keep=0)

    def _cut(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield what ends with an offer; what is behind that stays in `_rest`."""
        size = 0
        for chunk in chunks:
            end = chunk.rfind(self._end_tag) + len(self._end_tag)
            if end < len(self._end_tag):
                self._rest.append(chunk)
                size += len(chunk)
                if size > MAX_SLICE_BYTES:
                    return
                continue
            content = b"".join((*self._rest, chunk[:end]))
            self._rest, size = [chunk[end:]], len(chunk) - end
            yield content

    def _begin(self, content: bytes, thread: ThreadPoolExecutor) -> _Slice:
        """Read the slice, or let `thread` parse it."""
        start = self._end
        fitted = self._templated.read(content, lines_before=self._lines_before + start.lines)
        lines = content.count(b"\n") if fitted is None else fitted.lines
        columns = len(content[content.rfind(b"\n") + 1 :].decode(errors="replace"))
        self._end = Position(start.lines + lines, columns + (0 if lines else start.columns))
        if fitted is not None:
            return _Slice(content, start, fitted.records, None)
        try:
            return _Slice(content, start, None, thread.submit(self._parser.parse, content))
        except RuntimeError:  # the system gives no thread
            return _Slice(content, start, None, None)

    def _finished(self, *, keep: int) -> Generator[list[StockRecord], None, bool]:
        """Yield the records of all waiting slices except the last `keep`; return whether they had no fault."""
        while len(self._waiting) > keep or (self._waiting and self._waiting[0].records is not None):
            records = self._records(self._waiting[0])
            if records is None:
                return False
            self._waiting.popleft()
            self.last_offer = records[-1].onec_id if records else ""
            yield records
        return True

    def _records(self, waiting: _Slice) -> list[StockRecord] | None:
        """Return the records of the slice, None where it has a fault or was not parsed."""
        if waiting.records is not None or waiting.parsing is None:
            return waiting.records
        if isinstance(waiting.parsing.exception(), etree.XMLSyntaxError):
            return None
        tree = waiting.parsing.result()
        return self._reader.take(tree, len(tree), lines_before=self._lines_before + waiting.start.lines)
