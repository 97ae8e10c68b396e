"""The beginning of a document, which says what it is."""

import codecs
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from lxml import etree
from lxml.etree import _Element

from stock_loader.commerceml.markup import PACKAGES, ROOT, SAFE_OPTIONS, local_name
from stock_loader.commerceml.xml_faults import not_well_formed
from stock_loader.errors import DocumentError, Message

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


def _root(chunks: Iterator[bytes]) -> _Element:
    parser = etree.XMLPullParser(events=("start",), **SAFE_OPTIONS)
    fed = bytearray()
    is_at_end = False
    try:
        root = next(_first_elements(parser, chunks, fed), None)
        if root is None and fed:
            is_at_end = True
            parser.close()
    except etree.XMLSyntaxError as error:
        is_cut_off = is_at_end and not _decoded(bytes(fed)).endswith(">")
        root = None if is_cut_off else next((element for _, element in parser.read_events()), None)
        if root is None:
            fed += b"".join(islice(chunks, max(HEAD_STEP_BYTES - len(fed), 0)))  # chunks may be of a byte
            raise _no_root(bytes(fed), error, is_at_end=is_at_end) from error
    if root is None:
        raise _empty()
    _refuse_foreign(root)
    return root


def _first_elements(parser: "etree.XMLPullParser[Any]", chunks: Iterable[bytes], fed: bytearray) -> Iterator[_Element]:
    """Yield elements as they begin; `fed` receives the bytes read so far.

    The steps are small: a document that is refused for its head is read no further.
    """
    for chunk in chunks:
        for start in range(0, len(chunk), HEAD_STEP_BYTES):
            step = chunk[start : start + HEAD_STEP_BYTES]
            fed += step
            parser.feed(step)
            yield from (element for _, element in parser.read_events())
        if len(fed) > MAX_HEAD_BYTES:
            raise DocumentError("not a stock file: no element within its first %(limit)s bytes.", limit=MAX_HEAD_BYTES)


def _refuse_foreign(root: _Element) -> None:
    """Refuse a root that no stock file has, and a DOCTYPE; of a foreign document repeat no more than a name."""
    has_doctype = root.getroottree().docinfo.internalDTD is not None
    if local_name(root) not in (ROOT, *PACKAGES):
        name = f"<{local_name(root)}>"
        raise _not_a_stock_file(Message("%(name)s after a DOCTYPE", name=name) if has_doctype else name)
    if has_doctype:
        raise _has_doctype()


def _empty() -> DocumentError:
    return _not_a_stock_file(Message("an empty file"))


def _no_root(head: bytes, error: etree.XMLSyntaxError, *, is_at_end: bool) -> DocumentError:
    """Return what to say of a document that breaks before its root element begins."""
    text = _decoded(head)
    if not text:
        return _empty()
    if "<!DOCTYPE" in text:
        return _has_doctype()
    if text.startswith("<") and not _HTML.match(text):
        return not_well_formed(error, is_cut_off=is_at_end)
    return _not_a_stock_file(kind_of(head, text))


def kind_of(head: bytes, text: str) -> Message:
    """Return what a file that is no XML looks like, by its first bytes.

    Not a word of it is repeated: a link in the exchange folder may lead to a file of passwords.
    """
    for magic, kind in _BY_MAGIC.items():
        if head.startswith(magic):
            return kind
    if _HTML.match(text):
        return Message("an HTML page")
    if text.startswith(("{", "[")):
        return Message("JSON")
    return Message("plain text") if all(char.isprintable() or char.isspace() for char in text) else _BINARY


_HTML = re.compile(r"<(!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_BINARY = Message("binary data")
_BY_MAGIC = {
    b"PK\x03\x04": Message(
        "the beginning of a zip archive: either an incomplete zip, as the first of the pieces in which 1C sends a "
        "large one (join them in their order), or a zip in a place where none is unpacked (unpack it)"
    ),
    b"\x1f\x8b": Message("gzip data (unpack it)"),
    b"Rar!": Message("a RAR archive (unpack it)"),
    b"7z\xbc\xaf\x27\x1c": Message("a 7z archive (unpack it)"),
    b"BZh": Message("bzip2 data (unpack it)"),
    b"\xfd7zXZ": Message("xz data (unpack it)"),
}


def _decoded(head: bytes) -> str:
    """Return the beginning of a file as text, to tell what it is."""
    encoding = "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    return head.decode(encoding, "replace").strip()


def _not_a_stock_file(seen: Message | str) -> DocumentError:
    return DocumentError(
        "not a stock file: expected XML with the root element %(expected)s, saw %(seen)s.", expected=ROOT, seen=seen
    )


def _has_doctype() -> DocumentError:
    return DocumentError("the file has a DOCTYPE, which a stock file never has; it is refused as unsafe.")
