"""A CommerceML stock file as a stream of records. All lxml of the project is here and in the two offer readers."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from lxml import etree
from lxml.etree import _Element

from apps.products.services.errors import DocumentError, one_line
from apps.products.services.offers import OfferReader, local_name
from apps.products.services.quantities import NumberCache
from apps.products.services.records import StockRecord
from apps.products.services.regular_offers import RegularBatchReader
from apps.products.services.source import CHUNK_BYTES, read_chunks

ROOT = "КоммерческаяИнформация"
PACKAGES = ("ПакетПредложений", "ИзмененияПакетаПредложений")
CONTAINER = "Предложения"
OFFER = "Предложение"

SAFE_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "attribute_defaults": False,
    "huge_tree": False,
    "recover": False,
    "remove_comments": True,
    "remove_pis": True,
    "remove_blank_text": True,
}
"""Nothing outside the file is read, limits of libxml2 stay on, an error is an error."""

HEAD_STEP_BYTES = 512
MAX_HEAD_BYTES = 1024 * 1024
"""Bytes within which the root element must begin."""

MAX_OFFER_BYTES = 64 * 1024 * 1024
"""Bytes of one offer, or of one element between offers, which stand in memory as a tree; a real offer has thousands."""


class XMLDataParser:
    """Reads one stock file.

    `document_date` (the text of `ДатаФормирования`, empty where there is none) is known as soon as the first record is.
    """

    def __init__(
        self, *, chunk_bytes: int = CHUNK_BYTES, on_read: Callable[[int], object] | None = None
    ) -> None:
        self.document_date = ""
        self._chunk_bytes = chunk_bytes
        self._on_read = on_read

    def parse(self, path: str) -> Iterator[StockRecord]:
        """Yield one record per offer, in file order, while the file is being read.

        Memory: one chunk and the offers in it, whatever the length of the file. What was yielded may be used only
        when the iterator has ended: an error in the last byte means that the file must not be believed.

        Raises:
            DocumentError: the file cannot be read, is not well-formed, has a DOCTYPE, changed, or is no stock file.
        """
        chunks = read_chunks(path, chunk_bytes=self._chunk_bytes, on_read=self._on_read)
        try:
            yield from self._records(chunks)
        except etree.XMLSyntaxError as error:
            refusal = _not_well_formed(error)
            refusal.file = path
            raise refusal from error
        except DocumentError as refusal:
            refusal.file = path
            raise

    def _records(self, chunks: Iterator[bytes]) -> Iterator[StockRecord]:
        read: list[bytes] = []
        root = _read_head(_remembered(chunks, read))
        self.document_date = _attribute(root, "ДатаФормирования")
        document = _Document()
        for chunk in _chain(read, chunks):
            yield from document.feed(chunk)
        yield from document.close()


class _Document:
    """The document while it grows: hands out finished offers, drops what has been handed out and what is no offer."""

    def __init__(self) -> None:
        tags = [f"{{*}}{name}" for name in (ROOT, *PACKAGES, CONTAINER)]
        self._parser = etree.XMLPullParser(events=("start",), tag=tags, **SAFE_OPTIONS)
        self._root: _Element | None = None
        self._container: _Element | None = None
        self._has_package = False
        self._sections: dict[str, None] = {}
        self._bytes_since_progress = 0
        self._numbers = NumberCache()
        self._offer_reader = OfferReader(self._numbers)
        self._batch_readers: dict[str, RegularBatchReader] = {}

    def feed(self, chunk: bytes) -> Iterator[StockRecord]:
        """Parse `chunk`; yield the records of the offers that it finished."""
        self._parser.feed(chunk)
        yield from self._take_events()
        self._bytes_since_progress += len(chunk)
        if self._container is not None:
            if self._is_open(self._container):
                yield from self._take_offers(self._container, len(self._container) - 1)
            else:
                yield from self._finish_container()
        self._drop_finished()
        if self._bytes_since_progress > MAX_OFFER_BYTES:
            raise DocumentError(
                "one element is larger than %(limit)s MiB. A stock file has no such element; export it again.",
                limit=MAX_OFFER_BYTES // 2**20,
            )

    def close(self) -> Iterator[StockRecord]:
        """Parse the end; yield the records that are left.

        Raises:
            DocumentError: no package of offers was seen.
        """
        self._parser.close()
        yield from self._take_events()
        yield from self._finish_container()
        self._drop_finished(keep=0)
        if not self._has_package:
            raise DocumentError(
                "not a stock file: expected %(expected)s in it, saw %(seen)s. Give the file that 1C calls rests.xml.",
                expected=" / ".join(PACKAGES),
                seen=", ".join(self._sections) or "nothing",
            )

    def _take_events(self) -> Iterator[StockRecord]:
        for _, element in self._parser.read_events():
            name = local_name(str(element.tag))
            parent = element.getparent()
            if parent is None:
                self._root = element
            if name in PACKAGES and (parent is None or parent is self._root):
                self._has_package = True
            elif name == CONTAINER and parent is not None and local_name(str(parent.tag)) in PACKAGES:
                yield from self._finish_container()
                self._container = element

    def _is_open(self, container: _Element) -> bool:
        """Tell whether the document goes on inside `container`: it is the last child of the last child … of the root."""
        node: _Element | None = container
        while node is not None and node.getnext() is None:
            node = node.getparent()
        return node is None

    def _finish_container(self) -> Iterator[StockRecord]:
        container, self._container = self._container, None
        if container is not None:
            yield from self._take_offers(container, len(container))

    def _take_offers(self, container: _Element, count: int) -> Iterator[StockRecord]:
        """Yield the records of the first `count` children and drop these."""
        if count < 1:
            return
        self._bytes_since_progress = 0
        namespace = etree.QName(container).namespace or ""
        reader = self._batch_readers.get(namespace)
        if reader is None:
            reader = self._batch_readers[namespace] = RegularBatchReader(self._numbers, namespace)
        records = reader.read(container, count)
        if records is None:
            records = self._read_one_by_one(container, count)
        del container[:count]
        yield from records

    def _read_one_by_one(self, container: _Element, count: int) -> list[StockRecord]:
        records = []
        for element in container[:count]:
            if local_name(str(element.tag)) == OFFER:
                records.append(self._offer_reader.read(element))
            else:
                _refuse_offers_in(element)
        return records

    def _drop_finished(self, *, keep: int = 1) -> None:
        """Drop what is finished and no offer, from the root down to the container of offers."""
        node = self._root
        while node is not None and node is not self._container:
            finished = node[: len(node) - keep]
            for element in finished:
                _refuse_offers_in(element)
            if node is self._root:
                self._sections |= dict.fromkeys(local_name(str(element.tag)) for element in list(node)[:20])
            if finished:
                self._bytes_since_progress = 0
                del node[: len(finished)]
            node = node[-1] if len(node) else None


def _read_head(chunks: Iterable[bytes]) -> _Element:
    """Return the root element as far as its start tag.

    Raises:
        DocumentError: a DOCTYPE, or a root that no stock file has.
    """
    head = etree.XMLPullParser(events=("start",), **SAFE_OPTIONS)
    root = next(_first_elements(head, chunks), None)
    if root is None:
        raise DocumentError("not a stock file: expected XML, saw an empty file.")
    name = local_name(str(root.tag))
    if name not in (ROOT, *PACKAGES):
        raise DocumentError(
            "not a stock file: expected the root element %(expected)s, saw %(seen)s.",
            expected=ROOT,
            seen=f"<{name}>",
        )
    if root.getroottree().docinfo.internalDTD is not None:
        raise DocumentError("the file has a DOCTYPE, which a stock file never has; it is refused as unsafe.")
    return root


def _first_elements(head: "etree.XMLPullParser[Any]", chunks: Iterable[bytes]) -> Iterator[_Element]:
    fed = 0
    for chunk in chunks:
        for start in range(0, len(chunk), HEAD_STEP_BYTES):
            head.feed(chunk[start : start + HEAD_STEP_BYTES])
            yield from (element for _, element in head.read_events())
        fed += len(chunk)
        if fed > MAX_HEAD_BYTES:
            raise DocumentError("not a stock file: no element within its first %(limit)s bytes.", limit=fed)
    if fed:
        head.close()


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
    return next((str(value) for key, value in element.items() if local_name(str(key)) == name), "").strip()


def _refuse_offers_in(element: _Element) -> None:
    """Raise where offers stand where no reader looks for them, rather than pass them over."""
    offer = next(element.iter(f"{{*}}{OFFER}"), None)
    if offer is not None:
        raise DocumentError(
            "line %(line)s: an offer (Предложение) outside of %(expected)s. The file is broken; export it again.",
            line=offer.sourceline,
            expected=f"{PACKAGES[0]}/{CONTAINER}",
        )


_POSITION = re.compile(r", line \d+, column \d+( \([^)]*\))?$")


def _not_well_formed(error: etree.XMLSyntaxError) -> DocumentError:
    line, column = error.position
    return DocumentError(
        "line %(line)s, column %(column)s: not well-formed XML: %(reason)s. Export the file again.",
        line=line,
        column=column,
        reason=_POSITION.sub("", one_line(error.msg or "unknown error")),
    )
