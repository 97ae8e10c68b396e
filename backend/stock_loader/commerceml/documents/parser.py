"""A CommerceML stock file as a stream of records.

The head says what the document is. Up to the first offer, and from where no more slices can be cut, it is read as it
grows (`whole`); what lies between is read in slices (`slices`), which is nearly all of a usual file.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import chain

from lxml.etree import _Element

from stock_loader.commerceml.documents.head import read_head
from stock_loader.commerceml.documents.slices import read_offers
from stock_loader.commerceml.documents.whole import WholeDocument
from stock_loader.commerceml.files.chunks import CHUNK_BYTES, read_chunks
from stock_loader.commerceml.markup import DATE
from stock_loader.commerceml.offers.container import ContainerReader
from stock_loader.commerceml.offers.numbers import WHOLE_PIECES, QuantityLimits
from stock_loader.commerceml.offers.warehouses import ALL_WAREHOUSES, WarehouseChoice, WarehouseFilter
from stock_loader.commerceml.records import StockRecord
from stock_loader.errors import DocumentError


class XMLDataParser:
    """Reads one stock file.

    `document_date` (the text of `ДатаФормирования`, empty where there is none) is known as soon as the first record is;
    `offers_read` grows while the file is being read, `says_only_changes` is known at its end.
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
        self.says_only_changes = False
        """Whether the document says of itself that it does not hold the whole stock."""
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
        with _naming(name):
            head = read_head(chunks)
            self.document_date = _attribute(head.root, DATE)
            for records in self._content(chain(head.chunks, chunks)):
                self.offers_read += len(records)
                yield records

    def _content(self, chunks: Iterator[bytes]) -> Iterator[list[StockRecord]]:
        reader = ContainerReader(self._warehouses, limits=self._limits)
        document = WholeDocument(reader)
        yield from read_offers(document, reader, chunks)
        yield document.close()
        self.says_only_changes = document.says_only_changes


def read_document_date(chunks: Iterator[bytes], *, name: str) -> str:
    """Return `ДатаФормирования` of a document, empty where it has none; read no further than its root element.

    Raises:
        DocumentError: it cannot be read, or is no stock file.
    """
    with _naming(name):
        return _attribute(read_head(chunks).root, DATE)


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Say of a refusal in which document it is."""
    try:
        yield
    except DocumentError as refusal:
        refusal.in_file(name)
        raise


def _attribute(element: _Element, name: str) -> str:
    return next((str(value) for key, value in element.items() if str(key).rpartition("}")[2] == name), "").strip()
