"""What kind of CommerceML document it is: one with offers, or a catalogue, an order, anything else."""

from collections.abc import Iterable

from lxml import etree

from stock_loader.commerceml.markup import PACKAGES, SAFE_OPTIONS


def holds_offers(chunks: Iterable[bytes]) -> bool:
    """Tell whether a package of offers begins in the document; read no further. What is no XML has none.

    Memory: what stands before the package is dropped as it is read.
    """
    parser = etree.XMLPullParser(events=("start", "end"), **SAFE_OPTIONS)
    try:
        for chunk in chunks:
            parser.feed(chunk)
            for event, element in parser.read_events():
                if event == "start" and etree.QName(element).localname in PACKAGES:
                    return True
                if event == "end":
                    _drop(element)
    except etree.XMLSyntaxError:
        return False
    return False


def _drop(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        element.clear(keep_tail=False)
        while element.getprevious() is not None:
            del parent[0]
