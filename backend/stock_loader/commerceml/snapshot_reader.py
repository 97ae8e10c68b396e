"""The documents of a snapshot as one stream of records, and what is known of them when it has ended."""

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import NamedTuple

from stock_loader.commerceml.dates import DateSpan, DocumentClock
from stock_loader.commerceml.documents.parser import XMLDataParser
from stock_loader.commerceml.files.chunks import StockFile
from stock_loader.commerceml.offers.numbers import WHOLE_PIECES, QuantityLimits, kept
from stock_loader.commerceml.offers.warehouses import ALL_WAREHOUSES, WarehouseChoice
from stock_loader.commerceml.records import Problem, StockRecord

HOLE_BYTES = 512
"""As many NULs are no letters in UTF-16 or UTF-32, where a few may follow one another; a read may be short."""


class ReadDocument(NamedTuple):
    """What a document says of itself."""

    name: str
    date: str
    """`ДатаФормирования` as it stands there; empty where there is none."""
    says_only_changes: bool
    """It does not hold the whole stock, it says."""


class SnapshotReader:
    """Reads the documents one after the other. It may begin more than once; what it tells is about the last time."""

    def __init__(  # noqa: PLR0913
        self,
        files: Sequence[StockFile],
        *,
        clock: DocumentClock,
        on_read: Callable[[int], object],
        on_offers: Callable[[int], object],
        on_reading_again: Callable[[], object],
        zeroes_no_stock_data: bool = False,
        warehouses: WarehouseChoice = ALL_WAREHOUSES,
        limits: QuantityLimits = WHOLE_PIECES,
    ) -> None:
        self.documents: tuple[ReadDocument, ...] = ()
        """Those that were read, in order."""
        self.sha256 = ""
        """Of one document, its digest; of several, the digest of theirs."""
        self.has_stock_data = False
        """Whether any offer had a quantity, readable or not, or a deletion mark."""
        self.seen_warehouses: frozenset[str] = frozenset()
        """Of the chosen and the excluded warehouses, those that an offer names."""
        self._warehouses = warehouses
        self._limits = limits
        self._files = files
        self._clock = clock
        self._on_read = on_read
        self._on_offers = on_offers
        self._on_reading_again = on_reading_again
        self._zeroes_no_stock_data = zeroes_no_stock_data
        self._first_numbers: list[int] = []

    @property
    def dates(self) -> DateSpan:
        """Return from when to when the dates of the documents reach."""
        return self._clock.span(document.date for document in self.documents)

    @property
    def document_date(self) -> str:
        """Return the latest date that is believed, as it stands in its document; without one, any that is seen."""
        return self.dates.latest or next((document.date for document in self.documents if document.date), "")

    @property
    def has_several_files(self) -> bool:
        """Tell whether an offer's line alone does not say where it stands."""
        return len(self._files) > 1

    def file_of(self, number: int) -> str:
        """Return the name of the document that holds the offer with this number; the first offer read is 1."""
        return self._files[bisect_right(self._first_numbers, number) - 1].name

    def open_records(self) -> Iterator[StockRecord]:
        """Yield the records of all documents in order.

        Raises:
            DocumentError: from any of them.
        """
        if self._first_numbers:
            self._on_reading_again()
        self._first_numbers.clear()
        self.seen_warehouses = frozenset()
        documents, digests, read = [], [], 0
        for file in self._files:
            parser, digest = XMLDataParser(warehouses=self._warehouses, limits=self._limits), hashlib.sha256()
            self._first_numbers.append(read + 1)
            with closing(self._watched(file, parser, digest.update, offers_before=read)) as chunks:
                yield from self._noting_stock_data(parser.parse_chunks(chunks, name=file.name))
            read += parser.offers_read
            self._on_offers(read)
            self.seen_warehouses |= parser.seen_warehouses
            documents.append(ReadDocument(file.name, parser.document_date, parser.says_only_changes))
            digests.append(digest)
        self.documents = tuple(documents)
        self.sha256 = _combined(digests)

    def _watched(
        self, file: StockFile, parser: XMLDataParser, update: Callable[[bytes], object], *, offers_before: int
    ) -> Generator[bytes]:
        """Yield the document's bytes; take their digest and tell how far it is."""
        with closing(file.chunks()) as chunks:
            for chunk in chunks:
                update(chunk)
                yield chunk
                self._on_read(len(chunk))
                self._on_offers(offers_before + parser.offers_read)

    def _noting_stock_data(self, records: Iterator[StockRecord]) -> Iterator[StockRecord]:
        """Yield the records; look at each only until one has stock data."""
        if self._zeroes_no_stock_data:
            records = self._with_zeros(records)
        elif not self.has_stock_data:
            for record in records:
                yield record
                if record.problem is not Problem.NO_STOCK_DATA:
                    self.has_stock_data = True
                    break
        yield from records

    def _with_zeros(self, records: Iterator[StockRecord]) -> Iterator[StockRecord]:
        """Yield the records; an offer without stock data has quantity 0, and its problem still."""
        zero, _ = kept(0, self._limits)
        for record in records:
            if record.problem is not Problem.NO_STOCK_DATA:
                self.has_stock_data = True
                yield record
            elif record.key:
                yield record.with_zero(zero)
            else:
                yield record


def digest_of(files: Sequence[StockFile]) -> str:
    """Return what `SnapshotReader.sha256` will be, by reading the documents once.

    Empty if one of them has a hole: such a file is no XML, as parsing it will tell, and may be longer than any disk.

    Raises:
        DocumentError: one of them cannot be read.
    """
    digests = []
    for file in files:
        digest = hashlib.sha256()
        with closing(file.chunks()) as chunks:
            for chunk in chunks:
                if _is_hole(chunk):
                    return ""
                digest.update(chunk)
        digests.append(digest)
    return _combined(digests)


def _is_hole(chunk: bytes) -> bool:
    """Tell whether all bytes are NUL, and more than follow one another in a document of any encoding."""
    return len(chunk) >= HOLE_BYTES and not chunk.strip(b"\0")


def _combined(digests: "Sequence[hashlib._Hash]") -> str:
    if len(digests) == 1:
        return digests[0].hexdigest()
    return hashlib.sha256(b"".join(digest.digest() for digest in digests)).hexdigest()
