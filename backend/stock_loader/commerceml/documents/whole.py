"""A stock file as libxml2's pull parser builds it: slow, but right for every document; `slices` is faster."""

from itertools import islice

from lxml import etree
from lxml.etree import _Element

from stock_loader.commerceml.markup import (
    CHANGES,
    CONTAINER,
    NOT_TRUE,
    OFFER,
    ONLY_CHANGES,
    PACKAGES,
    ROOT,
    SAFE_OPTIONS,
    local_name,
    refuse_nested_offers,
    refuse_silent_fault,
)
from stock_loader.commerceml.offers.container import ContainerReader
from stock_loader.commerceml.records import StockRecord
from stock_loader.commerceml.xml_faults import is_in_the_middle, not_well_formed
from stock_loader.errors import DocumentError

MAX_SECTIONS = 20
"""Names of the root's children that a message repeats."""

MAX_ELEMENT_BYTES = 4 * 1024 * 1024
"""The largest offer, or element between offers, in bytes. Its tree stands in memory and takes up to 40 times as much.
A real offer has thousands of bytes; one of 20,000 warehouses passes."""

TAIL_BYTES = 32
"""Bytes before the end of the document that are looked at if it is cut off."""

SKIPPED_BYTES = 1024 * 1024
SKIPPED_NAME = "_"
SKIPPED_ELEMENT = b"<_/>"
"""`skip` feeds blanks in place of what it skips. libxml2 gathers blanks into one text, whose length it limits; this
element after each `SKIPPED_BYTES` of them begins a new text."""


class WholeDocument:
    """The document while it grows: hands out finished offers, drops those, and whatever is no offer."""

    def __init__(self, reader: ContainerReader) -> None:
        tags = [f"{{*}}{name}" for name in (ROOT, *PACKAGES, CONTAINER, ONLY_CHANGES)]
        self._parser = etree.XMLPullParser(events=("start", "end"), tag=tags, **SAFE_OPTIONS)
        self._root: _Element | None = None
        self._container: _Element | None = None
        self._has_root_ended = False
        self._tail = b""
        self._has_container_ended = False
        self._has_package = False
        self.says_only_changes = False
        """Whether what was read so far says that the document holds only changes."""
        self._sections: dict[str, None] = {}
        self._bytes_since_progress = 0
        self._skipped_offer = ""
        self._reader = reader

    def feed(self, chunk: bytes) -> list[StockRecord]:
        """Parse `chunk`; return the records of the offers that it finished."""
        self._parse(chunk)
        self._bytes_since_progress += len(chunk)
        records = self._take_events()
        if self._container is not None:
            if not self._has_container_ended:
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

    @property
    def empty_container(self) -> _Element | None:
        """Return the container in which the document stands now, None where it stands anywhere else."""
        container = self._container
        return container if container is not None and not len(container) and not self._has_container_ended else None

    def skip(self, lines: int, columns: int, *, last_offer: str = "") -> None:
        """Go on after content that others have read: so many lines, and so many columns in the last one.

        `last_offer` is the id of the last offer in it.
        """
        self._skipped_offer = last_offer
        for blank, count in ((b"\n", lines), (b" ", columns)):
            for start in range(0, count, SKIPPED_BYTES):
                size = min(count - start, SKIPPED_BYTES)
                self.feed(SKIPPED_ELEMENT + blank * size if blank == b"\n" else (SKIPPED_ELEMENT + blank * size)[:size])
        self._bytes_since_progress = 0

    def close(self) -> list[StockRecord]:
        """Parse the end; return the records that are left.

        Raises:
            DocumentError: no package of offers was seen.
        """
        self._parse(None)
        records = self._take_events() + self._finish_container()
        self._drop_finished(keep=0)
        if not self._has_package:
            raise DocumentError(
                "not a stock file: expected %(expected)s in it, saw %(seen)s. Give the file that 1C calls rests.xml.",
                expected=" / ".join(PACKAGES),
                seen=", ".join(self._sections) or "nothing",
            )
        return records

    def _parse(self, chunk: bytes | None) -> None:
        """Parse `chunk`, or the end.

        If a fault follows an offer out of place, report the offer, wherever chunks end.

        Raises:
            DocumentError: not well-formed.
        """
        try:
            if chunk is None:
                self._parser.close()
            else:
                self._tail = (self._tail + chunk)[-TAIL_BYTES:]
                self._parser.feed(chunk)
            refuse_silent_fault(self._parser.feed_error_log)
        except etree.XMLSyntaxError as error:
            self._take_events()
            offer = self._offer_near(error.position[0] or 0)
            if self._container is not None:
                refuse_nested_offers(self._container)
                if self._has_container_ended:
                    del self._container[:]
            self._drop_finished(keep=1)
            is_cut_off = chunk is None and not self._has_root_ended and not is_in_the_middle(error, self._tail)
            raise not_well_formed(error, offer=offer, is_cut_off=is_cut_off) from error

    def _offer_near(self, line: int) -> str:
        """Return the id of the last offer that began by this line, empty where it is not known to be complete.

        After some faults libxml2 goes on to the end of the chunk, and later offers stand in the tree too.
        """
        if self._container is None or self._has_container_ended:
            return ""
        offers = (child for child in reversed(self._container) if (child.sourceline or 0) <= line)
        offer = next(offers, None)
        if offer is None or local_name(offer) == SKIPPED_NAME:
            return self._skipped_offer
        for child in offer:
            if local_name(child) == "Ид" and child.getnext() is not None:
                return (child.text or "").strip()
        return ""

    def _take_events(self) -> list[StockRecord]:
        """Note packages and containers that began; return the records of containers that another one follows."""
        records: list[StockRecord] = []
        for event, element in self._parser.read_events():
            parent = element.getparent()
            if event == "end":
                self._has_container_ended |= element is self._container
                self.says_only_changes |= self._is_claim(element) and _is_true(element.text)
                self._has_root_ended |= element is self._root
                continue
            if parent is None:
                self._root = element
            if parent is None or self._is_package(element):
                self.says_only_changes |= _says_only_changes(element)
            if self._is_package(element):
                self._has_package = True
            elif parent is not None and local_name(element) == CONTAINER and self._is_package(parent):
                records += self._finish_container()
                self._container, self._has_container_ended = element, False
        return records

    def _is_package(self, element: _Element) -> bool:
        return local_name(element) in PACKAGES and (element is self._root or element.getparent() is self._root)

    def _is_claim(self, element: _Element) -> bool:
        """Tell whether the element says of the whole document whether it holds only changes."""
        parent = element.getparent()
        of_document = parent is self._root or (parent is not None and self._is_package(parent))
        return of_document and local_name(element) == ONLY_CHANGES

    def _finish_container(self) -> list[StockRecord]:
        container, self._container = self._container, None
        return [] if container is None else self._take_offers(container, len(container))

    def _take_offers(self, container: _Element, count: int) -> list[StockRecord]:
        """Return the records of the first `count` children and drop these."""
        if count > 0:
            self._bytes_since_progress = 0
        return self._reader.take(container, count)

    def _drop_finished(self, *, keep: int) -> None:
        """Drop finished elements that are no offers, from the root down to the container of offers."""
        node = self._root
        while node is not None and node is not self._container:
            if local_name(node) == OFFER:
                raise _offer_outside(node)
            finished = len(node) - keep
            _refuse_offers_in(node, finished)
            if node is self._root:
                self._sections |= dict.fromkeys(local_name(element) for element in node[:MAX_SECTIONS])
            if finished > 0:
                self._bytes_since_progress = 0
                del node[:finished]
            node = node[-1] if len(node) else None


def _says_only_changes(element: _Element) -> bool:
    """Tell whether a root or package says by its name or its attribute that it holds only changes."""
    claims = (str(value) for name, value in element.items() if str(name).rpartition("}")[2] == ONLY_CHANGES)
    return local_name(element) == CHANGES or any(_is_true(claim) for claim in claims)


def _is_true(text: str | None) -> bool:
    return (text or "").strip().casefold() not in NOT_TRUE


def _refuse_offers_in(parent: _Element, count: int) -> None:
    """Raise where the first `count` children are or hold offers, rather than pass these over."""
    for element in islice(parent, max(count, 0)):
        for offer in element.iter(f"{{*}}{OFFER}"):
            raise _offer_outside(offer)


def _offer_outside(offer: _Element) -> DocumentError:
    return DocumentError(
        "line %(line)s: an offer (Предложение) outside of %(expected)s. The file is broken; export it again.",
        line=offer.sourceline,
        expected=f"{PACKAGES[0]}/{CONTAINER}",
    )
