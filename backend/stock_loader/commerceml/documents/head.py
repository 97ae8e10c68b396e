"""The beginning of a document, which says what it is."""

import codecs
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from lxml import etree
from lxml.etree import _Element

from stock_loader.commerceml.markup import PACKAGES, ROOT, SAFE_OPTIONS, local_name, not_well_formed
from stock_loader.errors import DocumentError

HEAD_STEP_BYTES = 512
MAX_HEAD_BYTES = 1024 * 1024
"""Bytes within which the root element must begin."""


class Head(NamedTuple):
    """What is known of a document before it is read."""

    root: _Element
    """As far as its start tag."""
    chunks: list[bytes]
    """Those that were taken to find it, to be read again with the rest; about `MAX_HEAD_BYTES` at most."""


def read_head(chunks: Iterator[bytes]) -> Head:
    """Read as many chunks as it takes to see the root element.

    Raises:
        DocumentError: no XML, a DOCTYPE, or a root that no stock file has.
    """
    taken: list[bytes] = []
    root = _root(_noted(chunks, taken))
    return Head(root, taken)


def _noted(chunks: Iterator[bytes], taken: list[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        taken.append(chunk)
        yield chunk


def _root(chunks: Iterable[bytes]) -> _Element:
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
    return not_well_formed(error) if text.startswith("<?xml") else _not_a_stock_file(f"“{text[:60]}”")


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
