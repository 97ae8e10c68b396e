"""The names of a CommerceML stock file, and how lxml has to read one from a stranger."""

from typing import Any

from lxml import etree

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


def refuse_silent_fault(log: etree._ListErrorLog) -> None:
    """Refuse what libxml2 calls an error and lxml passes over.

    lxml forgets an error that a warning follows. After an entity that is not declared it feeds on to a parser that has
    stopped, which then takes the next bytes for the beginning of another document.

    Raises:
        XMLSyntaxError: there is a fault in the log; it is the first.
    """
    for fault in log.filter_from_errors():
        raise etree.XMLSyntaxError(fault.message, fault.type, fault.line, fault.column)
