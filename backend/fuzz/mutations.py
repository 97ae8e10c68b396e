"""Change documents of UTF-8 so that many stay well-formed; of those that libFuzzer changes the parser refuses 98 %."""

import re
from collections.abc import Callable, Sequence
from random import Random

from stock_loader.commerceml.markup import CONTAINER, OFFER, PACKAGES, ROOT
from stock_loader.commerceml.offers.any_layout import IDS, MARKS
from stock_loader.commerceml.offers.layouts import STOCK_READERS

NAMES = sorted(
    {
        ROOT,
        *PACKAGES,
        CONTAINER,
        OFFER,
        *IDS,
        *MARKS,
        *STOCK_READERS,
        "Остаток",
        "ИдСклада",
        "СкладИД",
        "КоличествоОстаток",
        "x",
    }
)
TEXTS = [
    *("", " ", "\n", "\r\n", "\r", "\u00a0", "\u2028", "&#13;", "&#10;", "&#x20;", "&#48;", "&lt;", "]]&gt;"),
    *("a", "ё", "\U0001f4e6", "true", "Удален", "0", "-1", "5", "1,5", "1 000", "1\u00a0000", "2147483648"),
]
ATTRIBUTES = [
    *('xmlns="u"', 'xmlns:c="u"', 'xmlns="urn:1"', 'xmlns:c="urn:1"', 'xmlns=""', 'xml:space="preserve"', "c:x=''"),
    *('Статус="Удален"', 'ПометкаУдаления="true"', 'ИдСклада="w"', 'КоличествоНаСкладе="5"', 'a=">"', 'a="&#10;"'),
]
END = f"</{OFFER}>"
CONTAINER_ENDS = f"</{CONTAINER}><{CONTAINER}>"
PACKAGE_ENDS = f"</{CONTAINER}></{PACKAGES[0]}><{PACKAGES[0]}><{CONTAINER}>"
PIECES = [
    *(
        "<!---->",
        f"<!--{END}-->",
        "<![CDATA[5]]>",
        f"<![CDATA[{END}]]>",
        "<?x?>",
        f"<?x {END}?>",
        "<?xml-x?>",
        "\n" * 50,
    ),
    *(f"<{OFFER}/>", f"<{OFFER} />", f"<{OFFER}><Ид>b</Ид><Количество>7</Количество>{END}", f"<x a='{END[1:]}'/>"),
    *(CONTAINER_ENDS, PACKAGE_ENDS, f"{END}{CONTAINER_ENDS}<{OFFER}>", END.replace(">", " >")),
]

_TOKEN = re.compile(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<[^>]*>|[^<]+|<", re.DOTALL)
_NAME = re.compile(r"(?<=<)[^\s<>/?!]+|(?<=</)[^\s<>/]+")

Tokens = list[str]


def mutate(content: bytes, random: Random) -> bytes:
    """Return the document with one or two changes."""
    tokens = _TOKEN.findall(content.decode("utf-8", "surrogateescape"))
    for _ in range(random.randint(1, 2)):
        if tokens:
            random.choice(CHANGES)(tokens, random)
    return "".join(tokens).encode("utf-8", "surrogateescape")


def _insert(tokens: Tokens, random: Random) -> None:
    tokens.insert(random.randrange(len(tokens) + 1), random.choice(PIECES))


def _say_otherwise(tokens: Tokens, random: Random) -> None:
    place = _element(tokens, random).start + 1
    has_text = place < len(tokens) and not tokens[place].startswith("<")
    tokens[place : place + has_text] = [random.choice(TEXTS)]


def _repeat(tokens: Tokens, random: Random) -> None:
    element = _element(tokens, random)
    place = random.choice((element.stop, random.randrange(len(tokens) + 1)))
    tokens[place:place] = tokens[element]


def _move(tokens: Tokens, random: Random) -> None:
    element = _element(tokens, random)
    moved, tokens[element] = tokens[element], []
    place = random.randrange(len(tokens) + 1)
    tokens[place:place] = moved


def _drop(tokens: Tokens, random: Random) -> None:
    del tokens[_element(tokens, random)]


def _wrap(tokens: Tokens, random: Random) -> None:
    element = _element(tokens, random)
    name = random.choice(NAMES)
    tokens[element] = [f"<{name}>", *tokens[element], f"</{name}>"]


def _rename(tokens: Tokens, random: Random) -> None:
    element = _element(tokens, random)
    name = random.choice(("", "", "c:")) + random.choice(NAMES)
    for place in {element.start, element.stop - 1}:
        tokens[place] = _NAME.sub(name, tokens[place], count=1)


def _add_attribute(tokens: Tokens, random: Random) -> None:
    start = _element(tokens, random).start
    tokens[start] = _NAME.sub(rf"\g<0> {random.choice(ATTRIBUTES)}", tokens[start], count=1)


CHANGES: Sequence[Callable[[Tokens, Random], None]] = (
    *(_insert, _say_otherwise, _repeat, _move),
    *(_drop, _wrap, _rename, _add_attribute),
)


def _element(tokens: Tokens, random: Random) -> slice:
    """Return from where to where an element goes; where there is none, one token."""
    starts = [place for place, token in enumerate(tokens) if _NAME.match(token, 1)]
    start = random.choice(starts or range(len(tokens)))
    depth = 0
    for place in range(start, len(tokens)):
        depth += _depth(tokens[place])
        if depth <= 0:
            return slice(start, place + 1)
    return slice(start, start + 1)


def _depth(token: str) -> int:
    """Return by how much the token leads into elements."""
    if not token.startswith("<") or token.startswith(("<!", "<?")) or token.endswith("/>"):
        return 0
    return -1 if token.startswith("</") else 1
