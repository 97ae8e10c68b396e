"""Slices that nearly fit their template, for Hypothesis to draw from."""

import re

from hypothesis import strategies as st

from stock_loader.commerceml.documents import separators
from tests.stock_loader.commerceml.documents.repeated_offers import FORMS, STYLES, USUAL, rest, total

SPLICES = st.sampled_from(
    [
        *(
            b"",
            b"<",
            b">",
            b"/",
            b"&",
            b"&amp;",
            b"&#53;",
            b"]]>",
            b"<!---->",
            b"<!-- </",
            b"<![CDATA[",
            b"<x/>",
            b"<?x?>",
        ),
        *(
            b" ",
            b"\t",
            b"\n",
            b"\r",
            b"\r\n",
            b"\0",
            b"\x0b",
            b"\x0c",
            b"\x1c",
            b"\x1d",
            b"\x1e",
            b"\x1f",
            b"\x7f",
            b"\x85",
        ),
        *(
            b"\xff",
            b"\x98",
            b"\x9a",
            b"\xd0",
            b"\xd0\x98",
            b"\xef\xbf\xbe",
            b"\xed\xa0\x80",
            b"\xc2\xa0",
            b"\xe2\x80\xa8",
        ),
        *(b"0", b"5", b"-", b",", b"w1", b"w2", b"c:", b"1e5", b" x=''"),
        *map(
            str.encode, ("Ид", "<Ид>", "</Ид>", "<Количество>", "</Количество>", "<Склад>", "</Склад>", "И", "К", "О")
        ),
        *map(str.encode, ("</Предложение>", "<Предложение>", "</Предложения><Предложения>", "<Артикул>S</Артикул>")),
        *map(str.encode, (USUAL, rest("w1", "3"), rest("w3", "3"), total("9"), *FORMS.values())),
        *(separators.code_of(tags) for tags in separators.ROLES),
    ]
)


@st.composite
def nearly_fitting(draw: st.DrawFn) -> bytes:
    """Draw offers of known forms, changed in some places: a byte, a splice, a part repeated, dropped or moved."""
    forms = draw(st.lists(st.sampled_from(list(FORMS.values())), min_size=1, max_size=3))
    content: bytes = STYLES[draw(st.sampled_from(list(STYLES)))]("".join(forms)).encode()
    for _ in range(draw(st.integers(0, 3))):
        places = [0, *(found.start() for found in re.finditer(rb"(?<=>)|(?=<)", content)), len(content)]
        place = st.one_of(st.sampled_from(places), st.integers(0, len(content)))
        start, end = sorted((draw(place), draw(place)))
        match draw(st.sampled_from(["splice", "splice", "byte", "drop", "repeat", "move"])):
            case "splice":
                content = content[:start] + draw(SPLICES) + content[start:]
            case "byte":
                content = content[:start] + draw(SPLICES)[:1] + content[start + 1 :]
            case "drop":
                content = content[:start] + content[end:]
            case "repeat":
                content = content[:end] + content[start:end] + content[end:]
            case "move":
                part, others = content[start:end], content[:start] + content[end:]
                target = draw(st.integers(0, len(others)))
                content = others[:target] + part + others[target:]
    return content
