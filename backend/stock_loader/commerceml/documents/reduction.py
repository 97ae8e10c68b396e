"""How a slice of usual offers is reduced to its values, and why what reduces is what lxml would read.

**Separators.** `</Ид>…<Остатки>…<Остаток>…<Склад>…<Ид>` is one, `…` being white space. `ROLES` names them all by their
tags: each is the end tag of a leaf, tags of no leaf, and the start tag of the next leaf. Their white space is learned
from slices that do not fit, of which the first is one (`Separators.learn`). Whatever such a slice holds, a separator
is nothing but tags that are spelled exactly as in `ROLES`, without attributes and with the prefix of the first offer,
which is declared (`slices`), and spaces, tabs, LF and CR LF between them: no text, comment or reference.

**Marks.** `Ид`, `Количество`, `Остатки` and `Остаток`, `Склад`, `Артикул` begin with different capitals, whose second
bytes in UTF-8 stand nowhere else in these names: the marks. Those of a separator are its code; `ИООСИ` is that of the
one above. The codes differ and none begins another (a test compares them all), so that a sequence of codes falls apart
into codes in one way only.

**Reducing** a slice leaves its values and codes between them. A slice begins with what stands between two offers (white
space, `<Предложение>`, white space, `<Ид>`) and ends with what stands before that: both together are the separator of
two offers and counted as one. There are two ways:

- `without_tags` deletes all bytes of the names, `<`, `/`, `>` and white space, and turns the marks into characters that
  XML forbids. It fits where no value has such a byte: GUIDs and numbers have none.
- `with_codes` replaces each separator by its code, one separator after the other. It takes three times as long, and
  fits values with Cyrillic letters and spaces, and names with a prefix.

**Why what reduces has this structure and no other.** Let the marks of the reduced text, which are all of its characters
below the space, be a sequence of codes that follows the grammar of offers (`OFFER`), with `c` of each code.

1. Separators lie apart. Each begins with the end tag of a leaf and has no other, and ends with the start tag of a leaf
   and has no other. Of two that overlap, the later begins with an end tag inside the earlier, which is where that one
   begins too; the shorter then ends with a start tag inside the longer, which is where that one ends: they are the
   same. So it is for the beginning and the end of the slice, which have one such tag each. `with_codes` needs no such
   argument: what was replaced is a code, and no separator has a character of one.
2. The slice has `c` of each separator: they were counted. What lies between them are the gaps. `without_tags` counts
   the bytes that it deleted: these separators have as many, so the gaps have no `<`, `/`, `>`, white space or byte of a
   name. `with_codes` looks for `<` and `>`. The marks are as many as those of `c` of each code, so the gaps have none:
   no character below the space, NUL included.
3. So the slice is separators and gaps by turns, and its codes, which fall apart in one way only, say in which order the
   separators come: that of the grammar. Every tag is closed where it must be; each offer has an `Ид`, perhaps an
   `Артикул`, and `Остатки` of one `Остаток` or more with what the grammar says in it. The slice is `content` of the
   container, does not end it, and leads five elements deeper.
4. A gap is the text of a leaf, has no `<`, no `>` (and so no `]]>`), no `&`, for which both ways look, and no control
   character (2). It is ASCII, or was decoded as UTF-8, which refuses surrogates, and has no U+FFFE or U+FFFF. Only
   documents that are UTF-8 by declaration or default come here (`slices`). So it is well-formed and stands for itself:
   nothing is to be expanded or normalised. It is shorter than the slice, and that is than the text that libxml2 allows.
5. No value is missing and none is in another's place: a gap gives one value, none if it is blank, and there are as many
   values as gaps.
"""

import re
from collections import Counter
from typing import NamedTuple

from stock_loader.commerceml.documents.separators import (
    NEXT,
    NO_MARKS,
    OFFER,
    QUANTITY,
    ROLE_OF_CODE,
    SEPARATOR,
    SKU,
    TAG_BYTES,
    TO_LINES,
    TO_MARKS,
    WAREHOUSE,
    Separators,
    code_of,
)
from stock_loader.commerceml.offers.batch import are_equal

MAX_SLICE_BYTES = 8_000_000
"""libxml2 refuses a text of 10,000,000 bytes."""

MAX_SHAPES = 64
"""Shapes of offers that are kept; there is one for every number of warehouses."""

_FORBIDDEN = re.compile("[<>&\ufffe\uffff]")


class Shape(NamedTuple):
    """What offers with the same marks have in common."""

    codes: dict[bytes, int]
    """How many of each separator, the one to the next offer included."""
    last: bytes
    """The code of that one."""
    roles: bytes
    """What the values are, in order."""
    skus: int
    warehouses: int
    quantities: int
    lines: int
    """Lines from the id of the offer to that of the next."""


class Reduced(NamedTuple):
    """The values of a slice, in order, and the shape of each of its offers."""

    values: list[str]
    shapes: list[Shape]


class Template:
    """The two ways to reduce a slice by the separators that are known."""

    def __init__(self, prefix: bytes) -> None:
        self._separators = Separators(prefix)
        self._shapes: dict[bytes, Shape] = {}

    @property
    def first_line(self) -> int:
        """The line of the first id in a slice."""
        return self._separators.begin.count(b"\n") + 1

    def learn(self, content: bytes) -> bool:
        """Learn the separators of a slice; tell whether any is new."""
        is_new = self._separators.learn(content)
        if is_new:
            self._shapes.clear()
        return is_new

    def frames(self, content: bytes) -> bool:
        """Tell whether a slice begins and ends as it must."""
        begin, ends = self._separators.begin, self._separators.ends
        return (
            bool(begin and ends)
            and len(content) <= MAX_SLICE_BYTES
            and content.startswith(begin)
            and content.endswith(ends)
        )

    def without_tags(self, content: bytes) -> Reduced | None:
        """Reduce a slice by deleting the bytes of tags."""
        text = content.translate(TO_MARKS, TAG_BYTES)
        found = self._offers(text.translate(None, NO_MARKS)[1:] + code_of("И"))
        if found is None or not text.isascii() or b"&" in text:
            return None
        shapes, codes = found
        values = text.decode("ascii").split()
        if len(values) != sum(codes.values()):
            return None
        deleted = sum((len(self._separators.by_code[code]) - len(code)) * count for code, count in codes.items())
        if len(content) - len(text) != deleted:
            return None
        codes[shapes[-1].last] -= 1  # the second half of it stands before the first offer
        if any(content.count(self._separators.by_code[code]) != count for code, count in codes.items()):
            return None
        return Reduced(values, shapes)

    def with_codes(self, content: bytes) -> Reduced | None:
        """Reduce a slice by putting codes in the place of separators."""
        text = content[len(self._separators.begin) :] + self._separators.begin
        replaced = {}
        for code, separator in self._separators.by_code.items():
            parts = text.split(separator)
            if len(parts) > 1:
                replaced[code] = len(parts) - 1
                text = code.join(parts)
        found = self._offers(text.translate(None, NO_MARKS))
        if found is None or found[1] != replaced:
            return None
        try:
            values = text.translate(TO_LINES).decode()
        except UnicodeDecodeError:
            return None
        if _FORBIDDEN.search(values):
            return None
        filled = list(filter(None, map(str.strip, values.split("\n"))))
        return Reduced(filled, found[0]) if len(filled) == sum(replaced.values()) else None

    def _offers(self, marks: bytes) -> tuple[list[Shape], dict[bytes, int]] | None:
        """Return the shapes of offers and how many of each code they have, None if any is unknown."""
        offers = marks.split(NEXT)
        if offers.pop() or not offers:
            return None
        shapes: dict[bytes, Shape] = {}
        codes: dict[bytes, int] = {}
        for offer, count in _counted(offers).items():
            shape = self._shape(offer)
            if shape is None:
                return None
            shapes[offer] = shape
            for code, times in shape.codes.items():
                codes[code] = codes.get(code, 0) + times * count
        return list(map(shapes.__getitem__, offers)), codes

    def _shape(self, marks: bytes) -> Shape | None:
        """Return the shape of an offer with these marks, None where that is none or has an unknown separator."""
        shape = self._shapes.get(marks)
        if shape is None and OFFER.fullmatch(marks):
            codes = SEPARATOR.findall(marks + NEXT)
            if self._separators.by_code.keys() >= set(codes):
                shape = _shape(codes, self._separators.by_code)
                if len(self._shapes) >= MAX_SHAPES:
                    self._shapes.clear()
                self._shapes[marks] = shape
        return shape


def _shape(codes: list[bytes], separators: dict[bytes, bytes]) -> Shape:
    roles = b"".join(ROLE_OF_CODE[code] for code in codes)
    return Shape(
        codes=Counter(codes),
        last=codes[-1],
        roles=roles,
        skus=roles.count(SKU),
        warehouses=roles.count(WAREHOUSE),
        quantities=roles.count(QUANTITY),
        lines=sum(separators[code].count(b"\n") for code in codes),
    )


def _counted(offers: list[bytes]) -> dict[bytes, int]:
    return {offers[0]: len(offers)} if are_equal(offers) else Counter(offers)
