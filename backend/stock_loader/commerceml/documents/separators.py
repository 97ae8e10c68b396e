"""The separators of a document: what stands between two values of its offers, by their tags and as it writes them.

`reduction` says what they are for, and what its proof asks of them.
"""

import re
from collections.abc import Iterator

MAX_SEPARATOR_BYTES = 4096
"""The tags of the longest are 200 bytes."""

_MARKS = dict(zip("ИКОСА", (b"\x0b", b"\x0c", b"\x1c", b"\x1d", b"\x1e"), strict=True))
"""What the capitals become: characters that XML forbids, and that `str.split` takes for blanks."""

_NAMES = ("Предложение", "Ид", "Артикул", "Остатки", "Остаток", "Склад", "Количество")
_LEAVES = frozenset(("<Ид>", "<Артикул>", "<Количество>"))
_SECOND_BYTES = b"".join(letter.encode()[1:] for letter in _MARKS)
TO_MARKS = bytes.maketrans(_SECOND_BYTES, b"".join(_MARKS.values()))
TO_LINES = bytes.maketrans(b"".join(_MARKS.values()), b"\n" * len(_MARKS))
TAG_BYTES = bytes(set("".join(_NAMES).encode() + b"</> \t\r\n") - set(_SECOND_BYTES))
NO_MARKS = bytes(range(ord(" "), 256))
_TAG = re.compile(rb"<([^<>]*)>([^<]*)")


def code_of(text: str) -> bytes:
    """Return the marks of tags, or of their capitals."""
    return text.encode().translate(TO_MARKS, TAG_BYTES)


_OFFER_END = "</Предложение>"
_BEGIN = "<Предложение><Ид>"
_END = "</Количество></Остаток></Остатки></Предложение>"
_END_IN_WAREHOUSE = "</Количество></Склад></Остаток></Остатки></Предложение>"

ID, SKU, WAREHOUSE, QUANTITY = ALL_ROLES = (b"i", b"s", b"w", b"q")
ROLE_MASKS = [bytes(byte == ord(role) for byte in range(256)) for role in ALL_ROLES]

ROLES = {
    "</Ид><Артикул>": ID,
    "</Ид><Остатки><Остаток><Склад><Ид>": ID,
    "</Ид><Остатки><Остаток><Количество>": ID,
    "</Артикул><Остатки><Остаток><Склад><Ид>": SKU,
    "</Артикул><Остатки><Остаток><Количество>": SKU,
    "</Ид><Количество>": WAREHOUSE,
    "</Количество></Склад></Остаток><Остаток><Склад><Ид>": QUANTITY,
    "</Количество></Склад><Склад><Ид>": QUANTITY,
    "</Количество></Остаток><Остаток><Количество>": QUANTITY,
    _END_IN_WAREHOUSE + _BEGIN: QUANTITY,
    _END + _BEGIN: QUANTITY,
}
"""The tags of each separator, and what the value before it is."""

ROLE_OF_CODE = {code_of(tags): role for tags, role in ROLES.items()}
_KNOWN = frozenset((*ROLES, _BEGIN, _END, _END_IN_WAREHOUSE))
NEXT = code_of("ООИ")
"""With these marks, and only with these, a separator of two offers ends."""

SEPARATOR = re.compile(b"|".join(map(re.escape, ROLE_OF_CODE)))
OFFER = re.compile(
    b"(?:%s|%s)(?:%s(?:(?:%s|%s)%s)*%s|%s(?:%s)*%s)"
    % tuple(map(code_of, ("ИОО", "ИААОО", "СИИК", "КСООСИ", "КССИ", "ИК", "КС", "К", "КООК", "К")))
)
"""The marks of one offer, without `NEXT`: its id, perhaps its sku, its rests with warehouses or without."""


class Separators:
    """Those of one document that are known; names have the prefix, which ends with a colon or is empty."""

    def __init__(self, prefix: bytes) -> None:
        self.by_code: dict[bytes, bytes] = {}
        self.begin = b""
        """What stands before the first id of a slice."""
        self.ends: tuple[bytes, ...] = ()
        """What may stand behind the last quantity of a slice."""
        self._by_tags: dict[str, bytes] = {}
        """Separators, beginning and ends."""
        self._tags = {
            slash.encode() + prefix + name.encode(): f"<{slash}{name}>" for name in _NAMES for slash in ("", "/")
        }
        """Tags as the document writes them, and as they stand in `ROLES`."""

    def learn(self, content: bytes) -> bool:
        """Note what stands in a slice, up to where it holds anything else; tell whether any of it is new."""
        by_tags = self._by_tags | dict(self._walk(content))
        if by_tags == self._by_tags:
            return False
        self._by_tags = by_tags
        self.begin = by_tags.get(_BEGIN, b"")
        ends = {end: by_tags[end] for end in (_END, _END_IN_WAREHOUSE) if end in by_tags}
        self.ends = tuple(ends.values())
        inside = {tags: text for tags, text in by_tags.items() if tags in ROLES}
        between = {end + _BEGIN: text + self.begin for end, text in ends.items()} if self.begin else {}
        self.by_code = {code_of(tags): text for tags, text in (inside | between).items()}
        return True

    def _walk(self, content: bytes) -> Iterator[tuple[str, bytes]]:
        """Yield tags and text of separators, and of what slices begin and end with."""
        position = content.find(b"<")
        tags, text = "", content[: max(position, 0)]
        if not _is_blank(text):
            return
        for found in _TAG.finditer(content):
            name, behind = found.groups()
            tag = self._tags.get(name)
            if tag is None or found.start() != position or len(text) > MAX_SEPARATOR_BYTES:
                return
            position = found.end()
            tags, text = tags + tag, text + b"<%s>" % name
            if tag in _LEAVES or tag == _OFFER_END:
                if tags not in _KNOWN:
                    return
                yield tags, text
                tags, text = "", b""
            if tag not in _LEAVES:
                if not _is_blank(behind):
                    return
                text += behind


def _is_blank(text: bytes) -> bool:
    """Tell whether a text is white space in which each CR stands before an LF."""
    return not text.replace(b"\r\n", b"").strip(b" \t\n")
