"""The names of a CommerceML stock file, and how lxml has to read one from a stranger."""

from typing import Any

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
