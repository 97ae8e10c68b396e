"""A CommerceML stock file as a stream of records. All lxml of the project is here and in the two offer readers."""

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import chain, islice
from typing import Any

from lxml import etree
from lxml.etree import _Element

from apps.products.services.errors import DocumentError, one_line
from apps.products.services.offers import OfferReader, local_name
from apps.products.services.quantities import NumberCache
from apps.products.services.records import StockRecord
from apps.products.services.regular_offers import RegularBatchReader
from apps.products.services.source import CHUNK_BYTES, read_chunks
from apps.products.services.warehouses import ALL_WAREHOUSES, WarehouseChoice, WarehouseFilter

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

MAX_SECTIONS = 20
"""Names of the root's children that a message repeats."""

MAX_ELEMENT_BYTES = 4 * 1024 * 1024
"""Bytes of one offer, or of one element between offers, which stand in memory as a tree, at worst of 40 times the
size. A real offer has thousands of bytes; one of 20,000 warehouses passes."""


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
    ) -> None:
        self.document_date = ""
        self.offers_read = 0
        self._warehouses = WarehouseFilter(warehouses) if warehouses.is_active else None
        self._chunk_bytes = chunk_bytes
        self._on_read = on_read

    @property
    def seen_warehouses(self) -> frozenset[str]:
        """Return the chosen warehouses that occurred so far in an offer; one that is deleted is not looked into."""
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
            document = _Document(self._warehouses)
            for chunk in _chain(read, chunks):
                yield self._counted(document.feed(chunk))
            yield self._counted(document.close())
        except etree.XMLSyntaxError as error:
            refusal = _not_well_formed(error)
            refusal.file = name
            raise refusal from error
        except DocumentError as refusal:
            refusal.file = name
            raise

    def _counted(self, records: list[StockRecord]) -> list[StockRecord]:
        self.offers_read += len(records)
        return records


class _Document:
    """The document while it grows: hands out finished offers, drops what has been handed out and what is no offer."""

    def __init__(self, warehouses: WarehouseFilter | None) -> None:
        tags = [f"{{*}}{name}" for name in (ROOT, *PACKAGES, CONTAINER)]
        self._parser = etree.XMLPullParser(events=("start",), tag=tags, **SAFE_OPTIONS)
        self._root: _Element | None = None
        self._container: _Element | None = None
        self._has_package = False
        self._sections: dict[str, None] = {}
        self._bytes_since_progress = 0
        self._numbers = NumberCache()
        self._warehouses = warehouses
        self._offer_reader = OfferReader(self._numbers, warehouses)
        self._batch_readers: dict[str, RegularBatchReader] = {}

    def feed(self, chunk: bytes) -> list[StockRecord]:
        """Parse `chunk`; return the records of the offers that it finished."""
        self._parser.feed(chunk)
        self._bytes_since_progress += len(chunk)
        records = self._take_events()
        if self._container is not None:
            if self._is_open(self._container):
                records += self._take_offers(self._container, len(self._container) - 1)
            else:
                records += self._finish_container()
        self._drop_finished(keep=1)
        if self._bytes_since_progress > MAX_ELEMENT_BYTES:
            raise DocumentError(
                "more than %(limit)s MiB without the end of an offer or another element. A stock file has none such; "
                "export it again.",
                limit=MAX_ELEMENT_BYTES // 2**20,
            )
        return records

    def close(self) -> list[StockRecord]:
        """Parse the end; return the records that are left.

        Raises:
            DocumentError: no package of offers was seen.
        """
        self._parser.close()
        records = self._take_events() + self._finish_container()
        self._drop_finished(keep=0)
        if not self._has_package:
            raise DocumentError(
                "not a stock file: expected %(expected)s in it, saw %(seen)s. Give the file that 1C calls rests.xml.",
                expected=" / ".join(PACKAGES),
                seen=", ".join(self._sections) or "nothing",
            )
        return records

    def _take_events(self) -> list[StockRecord]:
        """Note packages and containers that began; return the records of containers that another one follows."""
        records: list[StockRecord] = []
        for _, element in self._parser.read_events():
            parent = element.getparent()
            if parent is None:
                self._root = element
            if self._is_package(element):
                self._has_package = True
            elif parent is not None and local_name(element) == CONTAINER and self._is_package(parent):
                records += self._finish_container()
                self._container = element
        return records

    def _is_package(self, element: _Element) -> bool:
        return local_name(element) in PACKAGES and (element is self._root or element.getparent() is self._root)

    def _is_open(self, container: _Element) -> bool:
        """Tell whether the document may go on inside `container`: nothing follows it or what is around it."""
        node: _Element | None = container
        while node is not None and node.getnext() is None:
            node = node.getparent()
        return node is None

    def _finish_container(self) -> list[StockRecord]:
        container, self._container = self._container, None
        return [] if container is None else self._take_offers(container, len(container))

    def _take_offers(self, container: _Element, count: int) -> list[StockRecord]:
        """Return the records of the first `count` children and drop these."""
        if count < 1:
            return []
        self._bytes_since_progress = 0
        namespace = etree.QName(container).namespace or ""
        reader = self._batch_readers.get(namespace)
        if reader is None:
            reader = self._batch_readers[namespace] = RegularBatchReader(self._numbers, namespace, self._warehouses)
        records = reader.read(container, count)
        if records is None:
            _refuse_nested_offers(container)
            records = self._read_one_by_one(container, count)
        del container[:count]
        return records

    def _read_one_by_one(self, container: _Element, count: int) -> list[StockRecord]:
        read = self._offer_reader.read
        return [read(element) for element in islice(container, count) if local_name(element) == OFFER]

    def _drop_finished(self, *, keep: int) -> None:
        """Drop what is finished and no offer, from the root down to the container of offers."""
        node = self._root
        while node is not None and node is not self._container:
            finished = len(node) - keep
            _refuse_offers_in(node, finished)
            if node is self._root:
                self._sections |= dict.fromkeys(local_name(element) for element in node[:MAX_SECTIONS])
            if finished > 0:
                self._bytes_since_progress = 0
                del node[:finished]
            node = node[-1] if len(node) else None


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


def _refuse_offers_in(parent: _Element, count: int) -> None:
    """Raise where the first `count` children are or hold offers, rather than pass these over."""
    for element in islice(parent, max(count, 0)):
        for offer in element.iter(f"{{*}}{OFFER}"):
            raise DocumentError(
                "line %(line)s: an offer (Предложение) outside of %(expected)s. The file is broken; export it again.",
                line=offer.sourceline,
                expected=f"{PACKAGES[0]}/{CONTAINER}",
            )


def _refuse_nested_offers(container: _Element) -> None:
    """Raise where an offer stands deeper than among the children of `container`."""
    for offer in container.iterdescendants(f"{{*}}{OFFER}"):
        if offer.getparent() is not container:
            raise DocumentError(
                "line %(line)s: an offer (Предложение) stands inside another element of %(container)s. "
                "The file is broken; export it again.",
                line=offer.sourceline,
                container=CONTAINER,
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
