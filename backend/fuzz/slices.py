"""Slices that nearly fit a template, made by chance: `python -m fuzz.slices [EXECUTIONS [SEED]]`.

Whatever the template reads must be well-formed to lxml and to expat, and read by the reader for any layout to the same
records in the same lines; where both ways of reducing fit, they must agree. Beside `fuzz.documents`, which knows what
branches it reached, this one makes many more slices in the same time. The first finding ends the run.
"""

import random
import sys
from collections import Counter
from collections.abc import Callable

from stock_loader.commerceml.documents import separators
from stock_loader.commerceml.documents.templated import Fitted, TemplatedReader
from stock_loader.commerceml.offers.batch import BatchReader
from stock_loader.commerceml.offers.numbers import NumberCache
from tests.stock_loader.commerceml.documents.repeated_offers import FORMS, LINES_BEFORE, STYLES, parsed, rest, total

DEFAULT_EXECUTIONS = 100_000
REPORTED_EVERY = 100_000

SPLICES = [
    *(b"<", b">", b"/", b"&", b"&amp;", b"&#53;", b"]]>", b"<!---->", b"<!-- </", b"<![CDATA[5]]>", b"<x/>", b"<?x?>"),
    *(b" ", b"\t", b"\n", b"\r", b"\r\n", b"\0", b"\x0b", b"\x0c", b"\x1c", b"\x1d", b"\x1e", b"\x1f", b"\x7f"),
    *(b"\x85", b"\xff", b"\x98", b"\x9a", b"\xd0", b"\xd0\x98", b"\xef\xbf\xbe", b"\xed\xa0\x80", b"\xc2\xa0"),
    *(b"0", b"5", b"-", b",", b"w1", b"w2", b"c:", b"1e5", b" x=''", "Я".encode()),
    *map(str.encode, ("Ид", "<Ид>", "</Ид>", "<Количество>", "</Количество>", "<Склад>", "</Склад>", "<Артикул>")),
    *map(str.encode, ("</Предложение>", "<Предложение>", "</Предложения><Предложения>", "<Артикул>S</Артикул>")),
    *map(str.encode, (rest("w1", "3"), rest("w3", "3"), total("9"))),
    *(separators.code_of(tags) for tags in separators.ROLES),
]
SLICES = [STYLES[style](form).encode() for style in STYLES for form in FORMS.values()]


def _splice(content: bytes, start: int, _: int, dice: random.Random) -> bytes:
    return content[:start] + dice.choice(SPLICES) + content[start:]


def _replace(content: bytes, start: int, _: int, dice: random.Random) -> bytes:
    return content[:start] + dice.choice(SPLICES)[:1] + content[start + 1 :]


def _drop(content: bytes, start: int, end: int, _: random.Random) -> bytes:
    return content[:start] + content[end:]


def _repeat(content: bytes, start: int, end: int, _: random.Random) -> bytes:
    return content[:end] + content[start:end] + content[end:]


def _move(content: bytes, start: int, end: int, dice: random.Random) -> bytes:
    others = content[:start] + content[end:]
    place = _place(others, dice)
    return others[:place] + content[start:end] + others[place:]


def _swap(content: bytes, start: int, end: int, dice: random.Random) -> bytes:
    """Swap two neighbouring parts."""
    middle = dice.randint(start, end)
    return content[:start] + content[middle:end] + content[start:middle] + content[end:]


def _other_line_ends(content: bytes, start: int, end: int, _: random.Random) -> bytes:
    part = content[start:end]
    changed = part.replace(b"\r\n", b"\n") if b"\r\n" in part else part.replace(b"\n", b"\r\n")
    return content[:start] + changed + content[end:]


CHANGES: list[Callable[[bytes, int, int, random.Random], bytes]] = [
    *(_splice, _splice, _replace, _drop, _repeat, _move, _swap, _other_line_ends),
]


def _place(content: bytes, dice: random.Random) -> int:
    """Return a place, more often one beside a tag."""
    place = dice.randint(0, len(content))
    if dice.random() < 0.3:  # noqa: PLR2004
        return place
    beside = content.find(dice.choice((b"<", b">")), place)
    return place if beside < 0 else beside + (content[beside : beside + 1] == b">")


def nearly_fitting(dice: random.Random) -> bytes:
    """Return slices of known forms with up to three changes."""
    content = b"".join(dice.choices(SLICES, k=dice.randint(1, 2)))
    for _ in range(dice.randint(0, 3)):
        start, end = sorted((_place(content, dice), _place(content, dice)))
        content = dice.choice(CHANGES)(content, start, end, dice)
    return content


class _SlowerReader(TemplatedReader):
    """Reduces in the slower way only."""

    def __init__(self, batch_reader: BatchReader) -> None:
        super().__init__(batch_reader)
        self._has_prefix = True


def _read(readers: type[TemplatedReader], content: bytes, taught_by: list[bytes]) -> Fitted | None:
    reader = readers(BatchReader(NumberCache()))
    for teacher in taught_by:
        reader.read(teacher)
    return reader.read(content, lines_before=LINES_BEFORE)


def check(content: bytes, taught_by: list[bytes]) -> Fitted | None:
    """Return what the template says of a slice.

    Raises:
        AssertionError: parsers say otherwise.
    """
    fast, slow = (_read(readers, content, taught_by) for readers in (TemplatedReader, _SlowerReader))
    if fast and slow and fast != slow:
        raise AssertionError(f"{content!r} after {taught_by!r}: one way {fast}, the other {slow}")
    fitted = fast or slow
    if fitted and (fitted.records != parsed(content) or fitted.lines != content.count(b"\n")):
        raise AssertionError(f"{content!r} after {taught_by!r}: by template {fitted}, parsed {parsed(content)}")
    return fitted


def main(executions: str = str(DEFAULT_EXECUTIONS), seed: str = "1") -> None:
    """Check so many slices; tell how many the template read."""
    dice = random.Random(int(seed))  # not a secret
    outcomes: Counter[bool] = Counter()
    for number in range(1, int(executions) + 1):
        outcomes[check(nearly_fitting(dice), dice.choices(SLICES, k=dice.randint(0, 2))) is not None] += 1
        if number % REPORTED_EVERY == 0 or number == int(executions):
            sys.stdout.write(f"{number} slices, {outcomes[True]} read by their template\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
