"""Keeps the Russian catalogue in step with the code: `python backend/translations.py` updates and compiles it.

New texts arrive in `django.po` without a translation and must be translated there; a test fails until they are, and
until the compiled catalogue is that of the `.po` file. Babel does it, so that no gettext need be installed.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

BACKEND = Path(__file__).resolve().parent
PO_FILE = BACKEND / "stock_loader" / "locale" / "ru" / "LC_MESSAGES" / "django.po"
MO_FILE = PO_FILE.with_suffix(".mo")

ERROR_CLASSES = (
    "AnotherLoadRunsError",
    "DatabaseFailedError",
    "DocumentError",
    "LoadRefusedError",
    "NothingToUndoError",
    "OlderFileError",
    "PreviewOutdatedError",
    "RefusedByGuardError",
    "SessionClosedError",
    "StockLoadError",
    "WrongSettingError",
)
"""Their first argument is a text that the command translates."""

TRANSLATED_CLASSES = (*ERROR_CLASSES, "LoadWarning", "Message")

TEMPLATE_TEXT = re.compile(r'{% translate "([^"]+)"')

KEYWORDS = DEFAULT_KEYWORDS | dict.fromkeys(("gettext_lazy", "translatable", *TRANSLATED_CLASSES))


def texts_of_template(
    file: IO[bytes], _keywords: object, _tags: object, options: object
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield the texts of a template of Django, as an extraction method of Babel does; it takes no options."""
    del options
    for number, line in enumerate(file.read().decode().splitlines(), 1):
        for text in TEMPLATE_TEXT.findall(line):
            yield number, "gettext", text, []


METHODS: list[Any] = [("**.py", "python"), ("**.html", texts_of_template)]


def extracted() -> Catalog:
    """Return the texts of the code, without translations."""
    catalog = Catalog(project="stock loader", charset="utf-8")
    for folder in ("apps", "stock_loader"):
        found = extract_from_dir(str(BACKEND / folder), method_map=METHODS, keywords=KEYWORDS)
        for file, line, message, comments, context in found:
            catalog.add(message, None, [(f"{folder}/{file}", line)], auto_comments=comments, context=context)
    return catalog


def translated() -> Catalog:
    """Return the catalogue as it stands in the `.po` file."""
    with PO_FILE.open("rb") as file:
        return read_po(file, locale="ru")


def compiled(catalog: Catalog) -> bytes:
    """Return what belongs into the `.mo` file."""
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def main() -> None:
    """Bring the `.po` file up to date with the code, keep its translations, compile it."""
    catalog = translated() if PO_FILE.exists() else Catalog(locale="ru", project="stock loader", charset="utf-8")
    catalog.update(extracted(), no_fuzzy_matching=True, update_creation_date=False)
    catalog.header_comment = "# Russian texts of the stock loader."
    catalog.fuzzy = False
    catalog.obsolete.clear()
    PO_FILE.parent.mkdir(parents=True, exist_ok=True)
    with PO_FILE.open("wb") as file:
        write_po(file, catalog, width=120, sort_output=True, no_location=True, omit_header=False)
    MO_FILE.write_bytes(compiled(catalog))


if __name__ == "__main__":
    main()
