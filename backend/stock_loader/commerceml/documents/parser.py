"""A CommerceML stock file as a stream of records.

The head says what the document is. Up to the first offer, and from where no more pieces can be cut, it is read as it
grows (`growing_document`); what lies between is read in pieces (`pieces`), which is nearly all of a usual file.
"""

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import chain
from typing import Any

from lxml import etree
from lxml.etree import _Element

from stock_loader.commerceml.documents.slices import FirstOffer, Pieces
from stock_loader.commerceml.documents.whole import GrowingDocument
from stock_loader.commerceml.files.chunks import CHUNK_BYTES, read_chunks
from stock_loader.commerceml.markup import PACKAGES, ROOT, SAFE_OPTIONS
from stock_loader.commerceml.offers.any_layout import local_name
from stock_loader.commerceml.offers.container import ContainerReader
from stock_loader.commerceml.offers.numbers import WHOLE_PIECES, QuantityLimits
from stock_loader.commerceml.offers.warehouses import ALL_WAREHOUSES, WarehouseChoice, WarehouseFilter
from stock_loader.commerceml.records import StockRecord
from stock_loader.errors import DocumentError, one_line

HEAD_STEP_BYTES = 512
MAX_HEAD_BYTES = 1024 * 1024
"""Bytes within which the root element must begin."""


class XMLDataParser:
    """Reads one stock file.

    `document_date` (the text of `ДатаФормирования`, empty where there is none) is known as soon as the first record is;
    `offers_read` grows while the file is being read.
    """

    def __init__(
        self,
        *,
        chunk_bytes: int = CHUNK_BYTES,
        on_read: Callable[[int], object] | None = None,
        warehouses: WarehouseChoice = ALL_WAREHOUSES,
        limits: QuantityLimits = WHOLE_PIECES,
    ) -> None:
        self.document_date = ""
        self.offers_read = 0
        self._warehouses = WarehouseFilter(warehouses) if warehouses.is_active else None
        self._limits = limits
        self._chunk_bytes = chunk_bytes
        self._on_read = on_read

    @property
    def seen_warehouses(self) -> frozenset[str]:
        """Return the chosen and excluded warehouses that offers named so far; a deleted offer is not looked into."""
        return frozenset() if self._warehouses is None else frozenset(self._warehouses.seen)

    def parse(self, path: str) -> Iterator[StockRecord]:
        """Yield one record per offer, in file order, while the file is being read.

        Memory: one chunk and the offers in it, whatever the length of the file. What was yielded may be used only
        when the iterator has ended: an error in the last byte means that the file must not be believed.

        Raises:
            DocumentError: the file cannot be read, is not well-formed, has a DOCTYPE, changed, or is no stock file.
        """
        return chain.from_iterable(self._batches_of_file(path))

    def parse_chunks(self, chunks: Iterator[bytes], *, name: str) -> Iterator[StockRecord]:
        """Yield the records of a document that comes as bytes; `name` is what messages call it. See `parse`."""
        return chain.from_iterable(self._batches(chunks, name))

    def _batches_of_file(self, path: str) -> Iterator[list[StockRecord]]:
        with closing(read_chunks(path, chunk_bytes=self._chunk_bytes, on_read=self._on_read)) as chunks:
            yield from self._batches(chunks, path)

    def _batches(self, chunks: Iterator[bytes], name: str) -> Iterator[list[StockRecord]]:
        read: list[bytes] = []
        try:
            root = _read_head(_remembered(chunks, read))
            self.document_date = _attribute(root, "ДатаФормирования")
            for records in self._content(_chain(read, chunks)):
                self.offers_read += len(records)
                yield records
        except etree.XMLSyntaxError as error:
            refusal = _not_well_formed(error)
            refusal.file = name
            raise refusal from error
        except DocumentError as refusal:
            refusal.file = name
            raise

    def _content(self, chunks: Iterator[bytes]) -> Iterator[list[StockRecord]]:
        reader = ContainerReader(self._warehouses, limits=self._limits)
        document = GrowingDocument(reader)
        first_offer = FirstOffer()
        for chunk in chunks:
            yield document.feed(first_offer.before(chunk))
            if first_offer.end_tag:
                break
        left = [first_offer.rest]
        container = document.empty_container
        if container is not None and first_offer.can_be_cut:
            pieces = Pieces(container, first_offer.end_tag)
            with closing(pieces.parsed(chain(left, chunks))) as parsed:
                for piece, lines in parsed:
                    yield reader.take(piece, len(piece), lines_before=first_offer.lines + lines)
            document.skip(pieces.lines, pieces.columns)
            left = pieces.left
        for chunk in chain(left, chunks):
            yield document.feed(chunk)
        yield document.close()


def _read_head(chunks: Iterable[bytes]) -> _Element:
    """Return the root element as far as its start tag.

    Raises:
        DocumentError: no XML, a DOCTYPE, or a root that no stock file has.
    """
    head = etree.XMLPullParser(events=("start",), **SAFE_OPTIONS)
    fed = bytearray()
    try:
        root = next(_first_elements(head, chunks, fed), None)
    except etree.XMLSyntaxError as error:
        root = next((element for _, element in head.read_events()), None)
        if root is None:
            raise _no_root(bytes(fed), error) from error
    if root is None:
        raise _empty()
    name = local_name(root)
    has_doctype = root.getroottree().docinfo.internalDTD is not None
    if name not in (ROOT, *PACKAGES):
        raise _not_a_stock_file(f"<{name}> after a DOCTYPE" if has_doctype else f"<{name}>")
    if has_doctype:
        raise _has_doctype()
    return root


def _first_elements(head: "etree.XMLPullParser[Any]", chunks: Iterable[bytes], fed: bytearray) -> Iterator[_Element]:
    """Yield elements as they begin; `fed` receives the bytes read so far.

    Small steps, so that a document that is refused for its head is read no further than that.
    """
    for chunk in chunks:
        for start in range(0, len(chunk), HEAD_STEP_BYTES):
            step = chunk[start : start + HEAD_STEP_BYTES]
            fed += step
            head.feed(step)
            yield from (element for _, element in head.read_events())
        if len(fed) > MAX_HEAD_BYTES:
            raise DocumentError("not a stock file: no element within its first %(limit)s bytes.", limit=MAX_HEAD_BYTES)
    if fed:
        head.close()


def _empty() -> DocumentError:
    return DocumentError(
        "not a stock file: expected XML with the root element %(expected)s, saw an empty file.", expected=ROOT
    )


def _no_root(head: bytes, error: etree.XMLSyntaxError) -> DocumentError:
    """Return what to say of a document that breaks before its root element begins."""
    text = _decoded(head)
    if not text:
        return _empty()
    if "<!DOCTYPE" in text:
        return _has_doctype()
    return _not_well_formed(error) if text.startswith("<?xml") else _not_a_stock_file(f"“{text[:60]}”")


def _decoded(head: bytes) -> str:
    """Return the beginning of a file as text, for a message."""
    encoding = "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    return head.decode(encoding, "replace").strip()


def _not_a_stock_file(seen: str) -> DocumentError:
    return DocumentError(
        "not a stock file: expected XML with the root element %(expected)s, saw %(seen)s.",
        expected=ROOT,
        seen=seen,
    )


def _has_doctype() -> DocumentError:
    return DocumentError("the file has a DOCTYPE, which a stock file never has; it is refused as unsafe.")


def _remembered(chunks: Iterator[bytes], read: list[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        read.append(chunk)
        yield chunk


def _chain(read: list[bytes], chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what was read already, letting go of it, and then the rest."""
    while read:
        yield read.pop(0)
    yield from chunks


def _attribute(element: _Element, name: str) -> str:
    return next((str(value) for key, value in element.items() if str(key).rpartition("}")[2] == name), "").strip()


_POSITION = re.compile(r", line \d+, column \d+( \([^)]*\))?$")


def _not_well_formed(error: etree.XMLSyntaxError) -> DocumentError:
    line, column = error.position
    return DocumentError(
        "line %(line)s, column %(column)s: not well-formed XML: %(reason)s. Export the file again.",
        line=line,
        column=column,
        reason=_POSITION.sub("", one_line(error.msg or "unknown error")),
    )
