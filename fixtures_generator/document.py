"""Describe how a stock file is written, and write what stands around its offers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from xml.sax.saxutils import quoteattr

from fixtures_generator.layouts import FORMS, Layout
from fixtures_generator.markup import Lines, element, indented, leaf

NAMESPACES = {
    "2.04": "",
    "2.05": "urn:1C.ru:commerceml_205",
    "2.07": "urn:1C.ru:commerceml_2",
    "2.08": "urn:1C.ru:commerceml_208",
    "2.10": "urn:1C.ru:commerceml_210",
    "3.1": "urn:1C.ru:commerceml_3",
}
"""The namespace that files of a schema version usually have; empty: none."""
BYTE_ORDER_MARK = "\ufeff"


class Encoding(StrEnum):
    """The encodings that 1C and other programs write, as the XML declaration names them."""

    UTF_8 = "utf-8"
    WINDOWS_1251 = "windows-1251"
    UTF_16 = "utf-16"
    """Little-endian, always with a byte order mark, as XML demands it."""

    @property
    def codec(self) -> str:
        """Name of the Python codec, which must add no byte order mark of its own."""
        return "utf-16-le" if self is Encoding.UTF_16 else self.value


@dataclass(frozen=True, kw_only=True)
class Document:
    """The form of a stock file.

    Raises:
        ValueError: the schema version is not known, or the date is none.
    """

    layout: Layout = Layout.L1
    """Where an offer's quantity stands."""
    schema_version: str | None = None
    """`ВерсияСхемы`, a key of `NAMESPACES`; None: the version in which the layout occurs."""
    namespace: str | None = None
    """URI of the namespace, empty for none; None: that of the schema version."""
    encoding: Encoding = Encoding.UTF_8
    bom: bool = True
    """Whether UTF-8 begins with a byte order mark; UTF-16 always does, windows-1251 has none."""
    crlf: bool = False
    """Whether lines end with CR LF instead of LF."""
    compact: bool = False
    """Whether everything stands in one line, without indentation."""
    date: str = "2026-01-15T03:00:00"
    """`ДатаФормирования` of the first segment, ISO without a zone; each further segment is a second later."""

    def __post_init__(self) -> None:
        if self.schema_version not in {None, *NAMESPACES}:
            msg = f"the schema version must be one of {', '.join(NAMESPACES)}, not {self.schema_version}"
            raise ValueError(msg)
        if not _is_local_date(self.date):
            msg = f"the date must be in ISO form without a time zone, not {self.date!r}"
            raise ValueError(msg)

    def joined(self, lines: Lines) -> str:
        """Return the lines as text, with the indentation and the line ends of the document."""
        if self.compact:
            return "".join(line.lstrip("\t") for line in lines)
        line_end = "\r\n" if self.crlf else "\n"
        return "".join(line + line_end for line in lines)

    def encoded(self, text: str) -> bytes:
        """Return the text as bytes; what the encoding does not have becomes a character reference."""
        return text.encode(self.encoding.codec, "xmlcharrefreplace")

    def head(self, *, catalogue_id: str, warehouses: Sequence[str], segment: int) -> str:
        """Return what stands before the offers."""
        form = FORMS[self.layout]
        contains_changes = "false" if form.is_full_offer else "true"
        package = (
            leaf("Ид", f"#{catalogue_id}"),
            leaf("Наименование", "Пакет предложений (Товары 1С)"),
            leaf("ИдКаталога", catalogue_id),
            leaf("ИдКлассификатора", catalogue_id),
            _directory(warehouses) if form.has_directory and warehouses else (),
        )
        lines = (
            f'<?xml version="1.0" encoding="{self._declared_encoding}"?>',
            f"<КоммерческаяИнформация{self._root_attributes(segment)}>",
            f'\t<{form.package} СодержитТолькоИзменения="{contains_changes}">',
            *(line for child in package for line in indented(child, levels=2)),
            "\t\t<Предложения>",
        )
        return (BYTE_ORDER_MARK if self._has_bom else "") + self.joined(lines)

    def tail(self) -> str:
        """Return what stands after the offers; no line end is the last of it, as 1C writes it."""
        package = FORMS[self.layout].package
        lines = ("\t\t</Предложения>", f"\t</{package}>", "</КоммерческаяИнформация>")
        return self.joined(lines).rstrip("\r\n")

    @property
    def _declared_encoding(self) -> str:
        return self.encoding.value if self.encoding is Encoding.WINDOWS_1251 else self.encoding.value.upper()

    @property
    def _has_bom(self) -> bool:
        return self.encoding is Encoding.UTF_16 or (self.encoding is Encoding.UTF_8 and self.bom)

    def _root_attributes(self, segment: int) -> str:
        version = self.schema_version or FORMS[self.layout].schema_version
        namespace = NAMESPACES[version] if self.namespace is None else self.namespace
        date = datetime.fromisoformat(self.date) + timedelta(seconds=segment - 1)
        attributes = f' ВерсияСхемы="{version}" ДатаФормирования="{date.isoformat()}"'
        if version == "3.1":
            attributes += ' Ид="Обмен с сайтом"'
        if not namespace:
            return attributes
        return (
            f" xmlns={quoteattr(namespace)}"
            ' xmlns:xs="http://www.w3.org/2001/XMLSchema"'
            ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
            f"{attributes}"
        )


def _is_local_date(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False


def _directory(warehouses: Sequence[str]) -> Lines:
    """List the warehouses as 2.07 does; it has elements of the same names as stock, and is none."""
    return element(
        "Склады",
        *(
            element("Склад", leaf("Ид", warehouse), leaf("Наименование", f"Склад {number}"))
            for number, warehouse in enumerate(warehouses, 1)
        ),
    )
