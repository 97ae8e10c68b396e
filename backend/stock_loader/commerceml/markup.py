"""The names of a CommerceML stock file, and how lxml has to read one from a stranger."""

from typing import Any

from lxml import etree
from lxml.etree import _Element

from stock_loader.commerceml.bounded_cache import BoundedCache
from stock_loader.errors import DocumentError

ROOT = "КоммерческаяИнформация"
CHANGES = "ИзмененияПакетаПредложений"
PACKAGES = ("ПакетПредложений", CHANGES)
CONTAINER = "Предложения"
OFFER = "Предложение"
DATE = "ДатаФормирования"
ONLY_CHANGES = "СодержитТолькоИзменения"
"""Attribute or child of the package; `true` says that the document does not hold the whole stock."""
NOT_TRUE = frozenset({"", "0", "false", "нет", "ложь"})

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


def refuse_silent_fault(log: etree._ListErrorLog) -> None:
    """Refuse what libxml2 calls an error and lxml passes over.

    lxml forgets an error if a warning follows it. If an entity is not declared, the parser stops, but lxml feeds it
    further; it then takes the next bytes for the beginning of another document.

    Raises:
        XMLSyntaxError: there is a fault in the log; it is the first.
    """
    for fault in log.filter_from_errors():
        raise etree.XMLSyntaxError(fault.message, fault.type, fault.line, fault.column)


LOCAL_NAMES = BoundedCache(lambda tag: tag.rpartition("}")[2], max_entries=1024, max_length=256)
"""Names by tags, without namespaces: real files disagree about these, so that they say nothing."""


def local_name(element: _Element) -> str:
    """Return the element's name without its namespace."""
    return LOCAL_NAMES[element.tag]  # type: ignore[index]  # comments, which have no str here, are left out


def refuse_nested_offers(container: _Element, *, lines_before: int = 0) -> None:
    """Refuse a container in which an offer stands deeper than among the children.

    Raises:
        DocumentError: there is one.
    """
    for offer in container.iterdescendants(f"{{*}}{OFFER}"):
        if offer.getparent() is not container:
            raise DocumentError(
                "line %(line)s: an offer (Предложение) stands inside another element of %(container)s. "
                "The file is broken; export it again.",
                line=(offer.sourceline or 0) + lines_before,
                container=CONTAINER,
            )
