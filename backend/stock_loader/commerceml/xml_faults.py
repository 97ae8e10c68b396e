"""Faults of XML in words of this project: what is wrong, where, and what an administrator can do.

libxml2 tells them apart by a number and says them in English, in its own terms. Its text stands only where the number
is a rare one.
"""

import re

from lxml import etree
from lxml.etree import ErrorTypes

from stock_loader.errors import DocumentError, Message

_AGAIN = Message("Export the file again.")
_IN_1C = Message("Correct the text in 1C and export the file again.")

CUT_OFF = Message(
    "the file ends in the middle: it was cut off, or 1C has not finished writing it. Have the export write to another "
    "name and rename the file when it is done."
)

_AMPERSAND = Message("an & must be written as &amp;. %(remedy)s", remedy=_IN_1C)
_LESS_THAN = Message("a < that begins no element must be written as &lt;. %(remedy)s", remedy=_IN_1C)
_ENTITY = Message("an entity that XML does not know, such as &nbsp;. %(remedy)s", remedy=_IN_1C)
_CHARACTER = Message("it has a character that XML forbids. %(remedy)s", remedy=_IN_1C)
_ATTRIBUTE = Message('an attribute is not written as name="value". %(remedy)s', remedy=_AGAIN)
_ATTRIBUTE_TWICE = Message("an attribute stands twice in one element. %(remedy)s", remedy=_AGAIN)
_ENCODING = Message(
    "the bytes are no text in the encoding of the file, which is UTF-8 where it declares no other. Have 1C write UTF-8."
)
_UNKNOWN_ENCODING = Message("it declares an encoding that cannot be read. Have 1C write UTF-8.")
_PREFIX = Message("a prefix for which no namespace is declared. %(remedy)s", remedy=_AGAIN)
_TAG = Message("a tag is not closed by >. %(remedy)s", remedy=_AGAIN)
_TAGS = Message("an element is closed by the end tag of another. %(remedy)s", remedy=_AGAIN)
_AFTER_THE_END = Message("something follows the end of the document. %(remedy)s", remedy=_AGAIN)
_DECLARATION = Message(
    "an XML declaration stands elsewhere than at the beginning: something goes before it, or two files were joined to "
    "one. %(remedy)s",
    remedy=_AGAIN,
)
_CDATA_END = Message("]]> in a text must be written as ]]&gt;. %(remedy)s", remedy=_IN_1C)
_COMMENT = Message("a comment that XML does not allow. %(remedy)s", remedy=_AGAIN)
_NO_ELEMENT = Message("no element follows the XML declaration. %(remedy)s", remedy=_AGAIN)
_TOO_LARGE = Message(
    "a text or name is longer, or elements lie deeper, than in any stock file. %(remedy)s", remedy=_AGAIN
)

_BY_CODE: dict[int, Message] = {
    ErrorTypes.ERR_INVALID_CHAR: _CHARACTER,
    ErrorTypes.ERR_INVALID_CHARREF: _CHARACTER,
    ErrorTypes.ERR_INVALID_DEC_CHARREF: _CHARACTER,
    ErrorTypes.ERR_INVALID_HEX_CHARREF: _CHARACTER,
    ErrorTypes.ERR_ENTITYREF_SEMICOL_MISSING: _AMPERSAND,
    ErrorTypes.ERR_ENTITYREF_NO_NAME: _AMPERSAND,
    ErrorTypes.ERR_NAME_REQUIRED: _LESS_THAN,
    ErrorTypes.ERR_LT_IN_ATTRIBUTE: _LESS_THAN,
    ErrorTypes.ERR_UNDECLARED_ENTITY: _ENTITY,
    ErrorTypes.WAR_UNDECLARED_ENTITY: _ENTITY,
    ErrorTypes.ERR_TAG_NAME_MISMATCH: _TAGS,
    ErrorTypes.ERR_LTSLASH_REQUIRED: _TAG,
    ErrorTypes.ERR_GT_REQUIRED: _TAG,
    ErrorTypes.ERR_ATTRIBUTE_REDEFINED: _ATTRIBUTE_TWICE,
    ErrorTypes.NS_ERR_ATTRIBUTE_REDEFINED: _ATTRIBUTE_TWICE,
    ErrorTypes.ERR_ATTRIBUTE_NOT_STARTED: _ATTRIBUTE,
    ErrorTypes.ERR_ATTRIBUTE_NOT_FINISHED: _ATTRIBUTE,
    ErrorTypes.ERR_ATTRIBUTE_WITHOUT_VALUE: _ATTRIBUTE,
    ErrorTypes.ERR_SPACE_REQUIRED: _ATTRIBUTE,
    ErrorTypes.NS_ERR_UNDEFINED_NAMESPACE: _PREFIX,
    ErrorTypes.ERR_INVALID_ENCODING: _ENCODING,
    ErrorTypes.ERR_UNSUPPORTED_ENCODING: _UNKNOWN_ENCODING,
    ErrorTypes.ERR_DOCUMENT_END: _AFTER_THE_END,
    ErrorTypes.ERR_RESERVED_XML_NAME: _DECLARATION,
    ErrorTypes.ERR_MISPLACED_CDATA_END: _CDATA_END,
    ErrorTypes.ERR_HYPHEN_IN_COMMENT: _COMMENT,
    ErrorTypes.ERR_DOCUMENT_EMPTY: _NO_ELEMENT,
    ErrorTypes.ERR_RESOURCE_LIMIT: _TOO_LARGE,
    ErrorTypes.ERR_NAME_TOO_LONG: _TOO_LARGE,
}
"""By libxml2's number of the fault; what its text tells besides is looked for in `_what`."""

_POSITION = re.compile(r", line \d+, column \d+( \([^)]*\))?$")
"""How the text of a fault ends that already says where."""
_CODE_POINT = re.compile(r"Char value (\d+)|xmlChar value (\d+)|Char 0x([0-9A-Fa-f]+)")
_PARTED_REFERENCE = re.compile(rb"&#?\w*\Z")
_TAG_NAMES = re.compile(r"mismatch: (\S+) line \d+ and (\S+)$")


def is_in_the_middle(error: etree.XMLSyntaxError, tail: bytes) -> bool:
    """Tell of a fault that was found when the document ended, with these bytes, whether it stands before the end.

    libxml2 looks for the `;` of a reference to the end of the document before it says that there is none.
    """
    return "Ref:" in (error.msg or "") and not _PARTED_REFERENCE.search(tail)


def not_well_formed(error: etree.XMLSyntaxError, *, offer: str = "", is_cut_off: bool = False) -> DocumentError:
    """Return what to say of a fault.

    `offer` is the id of the offer that the fault stands in or after, if it is known. `is_cut_off` says that the
    document ended within an element; then libxml2's own words do not count.
    """
    line, column = error.position
    where = (
        Message("line %(line)s, column %(column)s, near the offer %(offer)s", line=line, column=column, offer=offer)
        if offer
        else Message("line %(line)s, column %(column)s", line=line, column=column)
    )
    what = CUT_OFF if is_cut_off else _what(error.code, _POSITION.sub("", error.msg or ""))
    return DocumentError("%(where)s: not well-formed XML: %(what)s", where=where, what=what)


def _what(code: int, said: str) -> Message:
    """Return the words for a fault; `said` are those of libxml2."""
    if character := _forbidden_character(said):
        return Message(
            "it has the character %(character)s, which XML forbids. %(remedy)s", character=character, remedy=_IN_1C
        )
    if tags := _TAG_NAMES.search(said):
        return Message(
            "the element <%(opened)s> is closed by </%(closed)s>. %(remedy)s",
            opened=tags[1],
            closed=tags[2],
            remedy=_AGAIN,
        )
    if code == ErrorTypes.ERR_NAME_REQUIRED and "EntityRef" in said:
        return _AMPERSAND
    rare = Message("%(reason)s. %(remedy)s", reason=said.partition("\n")[0] or "?", remedy=_AGAIN)
    return _BY_CODE.get(code, rare)


def _forbidden_character(said: str) -> str:
    """Return the character as Unicode writes its number; empty if `said` names none, or 0 because it is no number."""
    found = _CODE_POINT.search(said)
    if not found:
        return ""
    code_point = int(found[3], 16) if found[3] else int(found[1] or found[2])
    is_named = code_point or found[3]
    return f"U+{code_point:04X}" if is_named else ""
