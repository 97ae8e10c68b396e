"""A slice of a document as a small document of its own."""

from xml.sax.saxutils import quoteattr

from lxml import etree
from lxml.etree import _Element

from stock_loader.commerceml.markup import SAFE_OPTIONS, refuse_silent_fault


class SliceParser:
    """Parses slices between start tags like those of the container and its parents, with all their prefixes.

    The parents count towards the depth that libxml2 allows.
    """

    def __init__(self, container: _Element) -> None:
        elements = [container, *container.iterancestors()][::-1]
        self._start = "".join(f"<{_name(element)}{_namespaces(element)}>" for element in elements).encode()
        self._end = "".join(f"</{_name(element)}>" for element in reversed(elements)).encode()
        self._depth = len(elements) - 1
        self._parser = etree.XMLParser(encoding="utf-8", **SAFE_OPTIONS)

    def parse(self, content: bytes) -> _Element:
        """Return the container of the slice.

        Raises:
            XMLSyntaxError: not well-formed, or it closes the container and opens another one.
        """
        element = etree.fromstring(b"".join((self._start, content, self._end)), self._parser)
        refuse_silent_fault(self._parser.error_log)
        for _ in range(self._depth):
            if len(element) > 1:
                raise etree.XMLSyntaxError("the container ends", 0, 0, 0)
            element = element[0]
        return element


def _name(element: _Element) -> str:
    local_name = etree.QName(element).localname
    return f"{element.prefix}:{local_name}" if element.prefix else local_name


def _namespaces(element: _Element) -> str:
    return "".join(f" xmlns{':' + prefix if prefix else ''}={quoteattr(uri)}" for prefix, uri in element.nsmap.items())
