"""Offers cut out of the bytes of a document, parsed as small documents by a second thread.

libxml2 lets go of Python's lock while it parses: a second thread parses the next piece while this one reads offers out
of the tree of the last. On two cores reading takes two thirds of the time; on one, as long as before.

Why a cut is safe. The first piece begins in the empty container, each other one where the piece before it ends. A piece
ends with the end tag of an offer, whatever these bytes mean there. Between start and end tags like those of the
container and what that stands in, it is well-formed only if it is `content` as the grammar of XML has it: whole
elements, text, comments. The end tag in a comment or a CDATA section, an offer inside an offer: each leaves something
open, which is a fault. So is an end of the container in the middle: only if another one begins is the piece well-formed
in spite of it, and then there are two. What is `content` by itself is that in the container too. A
piece with a fault is not judged here: it and all that follows is for the parser of the whole document, whose words on
it are the only ones.
"""

import re
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from xml.sax.saxutils import quoteattr

from lxml import etree
from lxml.etree import _Element

from stock_loader.commerceml.markup import OFFER, SAFE_OPTIONS, refuse_silent_fault

MAX_PIECE_BYTES = 1024 * 1024
"""Bytes without the end of an offer after which no more are cut."""

AHEAD = 2
"""Pieces that are being parsed or wait for it. With 4 nothing is faster."""

MAX_TAG_BYTES = 256
"""Bytes of a start tag that the end of a chunk may part."""

_OFFER_START = re.compile(rb"<((?:[^\s<>:/]+:)?%s)(?=[\s/>])" % OFFER.encode())
_UTF8_DECLARATION = rb"xml\s(?:(?!encoding)[^>])*(?:encoding\s*=\s*[\"']utf-?8[\"'][^>]*)?>"
_NO_ELEMENT = re.compile(rb"<(?:!|\?(?!%s))|\0" % _UTF8_DECLARATION, re.IGNORECASE)
"""A comment, CDATA section, DOCTYPE or processing instruction begins; or this is no UTF-8. lxml knows what encoding a
document declares only when that has ended."""


class FirstOffer:
    """Looks for the place from which pieces can be cut: where the first offer begins.

    `rest` are the bytes that were taken and not returned, `lines` the number of line ends before them.
    """

    def __init__(self) -> None:
        self.rest = b""
        self.lines = 0
        self.end_tag = b""
        self._is_plain = True

    @property
    def can_be_cut(self) -> bool:
        """Tell whether `rest` begins with an offer for all that bytes can tell: no comment or the like before it."""
        return bool(self.end_tag) and self._is_plain

    def before(self, chunk: bytes) -> bytes:
        """Return what can be told to lie before the first offer of `rest` and `chunk`."""
        chunk = self.rest + chunk
        found = _OFFER_START.search(chunk)
        end = found.start() if found else _start_of_parted_tag(chunk)
        before, self.rest = chunk[:end], chunk[end:]
        self.lines += before.count(b"\n")
        self._is_plain = self._is_plain and not _NO_ELEMENT.search(before)
        if found:
            self.end_tag = b"</%s>" % found.group(1)
        return before


class Pieces:
    """The offers in `container`, piece by piece.

    When they have ended, `left` are the bytes that were taken from the chunks and not parsed, `lines` the number of
    line ends in the pieces and `columns` the characters after the last of these, before `left`.
    """

    def __init__(self, container: _Element, end_tag: bytes) -> None:
        self.left: list[bytes] = []
        self.lines = 0
        self.columns = 0
        self._start, self._end = _tags(container)
        self._depth = len(list(container.iterancestors()))
        self._end_tag = end_tag
        self._parser = etree.XMLParser(encoding="utf-8", **SAFE_OPTIONS)

    def parsed(self, chunks: Iterable[bytes]) -> Generator[tuple[_Element, int]]:
        """Yield per piece what stands for the container and the number of lines before it (see `lines`).

        Memory: about three pieces and two trees. Ends before the chunks do where a piece has a fault, where no offer
        ends for too long, and where the system gives no thread.
        """
        waiting: deque[tuple[bytes, Future[_Element]]] = deque()
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="pieces") as thread:
            for piece in self._cut(chunks):
                try:
                    waiting.append((piece, thread.submit(self._parse, piece)))
                except RuntimeError:  # the system gives no thread; what waits is empty
                    self.left.insert(0, piece)
                    return
                if len(waiting) < AHEAD:
                    continue
                if not self._is_well_formed(waiting):
                    return
                yield self._take(waiting)
            while waiting:
                if not self._is_well_formed(waiting):
                    return
                yield self._take(waiting)

    def _cut(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield what ends with an offer; what is left keeps waiting in `left`."""
        size = 0
        for chunk in chunks:
            end = chunk.rfind(self._end_tag) + len(self._end_tag)
            if end < len(self._end_tag):
                self.left.append(chunk)
                size += len(chunk)
                if size > MAX_PIECE_BYTES:
                    return
                continue
            piece = b"".join((*self.left, chunk[:end]))
            self.left, size = [chunk[end:]], len(chunk) - end
            yield piece

    def _parse(self, piece: bytes) -> _Element:
        """Return the container of the piece.

        Raises:
            XMLSyntaxError: not well-formed, or it closes the container and opens another one.
        """
        element = etree.fromstring(b"".join((self._start, piece, self._end)), self._parser)
        refuse_silent_fault(self._parser.error_log)
        for _ in range(self._depth):
            if len(element) > 1:
                raise etree.XMLSyntaxError("the container ends", 0, 0, 0)
            element = element[0]
        return element

    def _is_well_formed(self, waiting: "deque[tuple[bytes, Future[_Element]]]") -> bool:
        """Tell whether the next piece is; if not, it and all that wait are left."""
        if not isinstance(waiting[0][1].exception(), etree.XMLSyntaxError):
            return True
        self.left = [*(piece for piece, _ in waiting), *self.left]
        return False

    def _take(self, waiting: "deque[tuple[bytes, Future[_Element]]]") -> tuple[_Element, int]:
        piece, parsing = waiting.popleft()
        lines_before = self.lines
        lines = piece.count(b"\n")
        self.columns = len(piece[piece.rfind(b"\n") + 1 :].decode()) + (0 if lines else self.columns)
        self.lines += lines
        return parsing.result(), lines_before


def _tags(container: _Element) -> tuple[bytes, bytes]:
    """Return start tags like those of `container` and what it stands in, with all their prefixes, and the end tags.

    What it stands in counts towards the depth that libxml2 allows.
    """
    elements = [container, *container.iterancestors()][::-1]
    starts = "".join(f"<{_name(element)}{_namespaces(element)}>" for element in elements)
    return starts.encode(), "".join(f"</{_name(element)}>" for element in reversed(elements)).encode()


def _name(element: _Element) -> str:
    local_name = etree.QName(element).localname
    return f"{element.prefix}:{local_name}" if element.prefix else local_name


def _namespaces(element: _Element) -> str:
    return "".join(f" xmlns{':' + prefix if prefix else ''}={quoteattr(uri)}" for prefix, uri in element.nsmap.items())


def _start_of_parted_tag(chunk: bytes) -> int:
    """Return where a tag begins that may go on behind the end of `chunk`, else where that ends."""
    start = chunk.rfind(b"<", max(len(chunk) - MAX_TAG_BYTES, 0))
    return len(chunk) if start < 0 or b">" in chunk[start:] else start
