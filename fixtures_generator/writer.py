"""Write stock files, a few hundred offers at a time, and put them in place only when they are complete."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from fixtures_generator.catalogue import Catalogue
from fixtures_generator.document import Document
from fixtures_generator.identity import Guids
from fixtures_generator.layouts import check_warehouses
from fixtures_generator.offers import offers
from fixtures_generator.rendering import OfferWriter

OFFERS_PER_WRITE = 64
"""About 50 KB of text; four times as many are not faster."""
USUAL_DOCUMENT = Document()


def write(catalogue: Catalogue, stream: BinaryIO, *, document: Document = USUAL_DOCUMENT) -> int:
    """Write a stock file to a stream while its offers are being made: memory does not grow with their number.

    Returns:
        The number of bytes written.

    Raises:
        ValueError: the document's layout needs warehouses and the catalogue has none; nothing was written.
        OSError: the stream cannot be written.
    """
    check_warehouses(document.layout, catalogue.warehouses)
    size = 0
    for text in _texts(catalogue, document):
        content = document.encoded(text)
        stream.write(content)
        size += len(content)
    return size


def write_file(catalogue: Catalogue, path: Path, *, document: Document = USUAL_DOCUMENT) -> int:
    """Write a stock file that appears under its name when it is complete, and not at all after an error.

    Until then it has a hidden name in the same directory. What is no file, such as a device, is written to
    directly.

    Returns:
        The number of bytes written.

    Raises:
        ValueError: the document's layout needs warehouses and the catalogue has none.
        OSError: the file cannot be written.
    """
    with _complete_or_absent(path) as stream:
        return write(catalogue, stream, document=document)


def _texts(catalogue: Catalogue, document: Document) -> Iterator[str]:
    guids = Guids(catalogue.seed, "warehouse")
    warehouses = [guids.guid(number) for number in range(catalogue.warehouses)]
    catalogue_id = Guids(catalogue.seed, "catalogue").guid(0)
    yield document.head(catalogue_id=catalogue_id, warehouses=warehouses, segment=catalogue.segment)
    texts = map(OfferWriter(document, warehouses=warehouses).text, offers(catalogue))
    while batch := "".join(islice(texts, OFFERS_PER_WRITE)):
        yield batch
    yield document.tail()


@contextmanager
def _complete_or_absent(path: Path) -> Iterator[BinaryIO]:
    target = path.resolve()
    if target.exists() and not target.is_file():
        with target.open("wb") as stream:
            yield stream
        return
    unfinished = target.with_name(f".{token_hex(8)}.tmp")
    try:
        with unfinished.open("xb") as stream:
            yield stream
        unfinished.replace(target)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
