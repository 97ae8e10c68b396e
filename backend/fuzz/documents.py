"""Feed the parser documents that a coverage-guided fuzzer makes: `make fuzz`.

    python -m fuzz.documents CORPUS [OPTION OF LIBFUZZER …]

A document must be refused with the project's own error or read as expat reads it, and all the same in small chunks, in
one, and without templates. The first finding ends the run: its document lies as `crash-…` in the current directory;
give that path in the place of CORPUS to see it again. atheris sees branches of Python; the C of libxml2 is not
instrumented. `fuzz.slices` makes more of what templates may take for regular.
"""

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

from fixtures_generator import Catalogue, Document, Encoding, write_file
from fixtures_generator.layouts import Layout

FEW_OFFERS = Catalogue(offers=4, sku_share=0.5, fractional_share=0.3, deleted_share=0.2, invalid_share=0.2)
REGULAR_OFFERS = Catalogue(offers=5, sku_share=0.4, fractional_share=0.4)
"""Of these the reader by template reads all but the first slice."""
WORDS = (
    "<", ">", "</", "/>", "&lt;", "&#32;", "&#0;", "&x;", "<!--", "-->", "<![CDATA[", "]]>", "<!DOCTYPE x>", "<?x?>",
    "КоммерческаяИнформация", "ПакетПредложений", "Предложения", "<Предложение>", "</Предложение>", "<Предложение/>",
    "<Ид>", "</Ид>", "<Артикул>", "<Остатки>", "<Остаток>", "<Склад>", "<Количество>", "</Количество>", "ИдСклада=''",
    "<Статус>Удален</Статус>", "windows-1251", "xmlns:p='u'", "UTF-16", "-1", "0,5", "1e5", "2147483648", "\u00a0",
)  # fmt: skip
"""What a mutation may put in; libFuzzer calls it a dictionary."""

CHANGED_BY_ELEMENTS = 0.9
"""Share of the mutations that know elements (`mutations`); any others leave hardly a document well-formed."""


def write_corpus(folder: Path) -> None:
    """Write a document of each layout and encoding to begin with."""
    folder.mkdir(parents=True, exist_ok=True)
    for layout in Layout:
        for encoding in Encoding:
            form = Document(layout=layout, encoding=encoding)
            write_file(FEW_OFFERS, folder / f"{layout.name}-{encoding.name}.xml", document=form)
    for layout in (Layout.L1, Layout.L2):
        for name, form in (("lf", Document(layout=layout)), ("crlf", Document(layout=layout, crlf=True))):
            write_file(REGULAR_OFFERS, folder / f"{layout.name}-{name}-regular.xml", document=form)


def write_dictionary(path: Path) -> None:
    """Write `WORDS` as libFuzzer reads them."""
    escaped = ("".join(rf"\x{byte:02x}" for byte in word.encode()) for word in WORDS)
    path.write_text("".join(f'"{word}"\n' for word in escaped))


def chunks(content: bytes) -> Iterator[bytes]:
    """Cut at a place and into pieces that only the bytes themselves decide, so that a finding can be seen again."""
    size = sum(content) % 200 + 1
    return (content[start : start + size] for start in range(0, len(content), size))


def comparable(records: list[Any] | None) -> list[Any] | None:
    """Return the records but for blanks around a value that was seen, which libxml2 drops or not as chunks end."""
    return None if records is None else [(*record[:-1], record.seen.strip()) for record in records]


def checked(
    parse: Callable[..., Iterator[Any]],
    without_templates: AbstractContextManager[object],
    differences: Callable[[bytes, list[Any]], list[str]],
    refused: type[Exception],
) -> Callable[[bytes], None]:
    """Return the function that atheris calls with each document; `without_templates` can be entered again and again."""

    def read(pieces: Iterator[bytes]) -> list[Any] | None:
        try:
            return list(parse(pieces, name="fuzz"))
        except refused as refusal:
            str(refusal).encode()
            return None

    def check(content: bytes) -> None:
        records, at_once = read(chunks(content)), read(iter([content]))
        with without_templates:
            parsed = read(iter([content]))
        if not comparable(records) == comparable(at_once) == comparable(parsed):
            raise AssertionError(f"read in chunks: {records}, at once: {at_once}, without templates: {parsed}")
        if records is not None and (found := differences(content, records)):
            raise AssertionError(found)

    return check


def main(arguments: list[str]) -> None:
    """Fuzz until libFuzzer's own options say to stop."""
    atheris: Any = import_module("atheris")
    corpus, *options = arguments
    if Path(corpus).is_dir() or not Path(corpus).exists():
        write_corpus(Path(corpus))
        dictionary = Path(corpus).with_suffix(".dict")
        write_dictionary(dictionary)
        options.append(f"-dict={dictionary}")
    with atheris.instrument_imports(include=["stock_loader"]):
        parser = import_module("stock_loader.commerceml.documents.parser")
        errors = import_module("stock_loader.errors")
        templated = import_module("stock_loader.commerceml.documents.templated")
    mutations = import_module("fuzz.mutations")
    reader = import_module("tests.stock_loader.commerceml.expat_reader")

    def parse(pieces: Iterator[bytes], *, name: str) -> Iterator[Any]:
        records: Iterator[Any] = parser.XMLDataParser().parse_chunks(pieces, name=name)
        return records

    def mutate(content: bytes, max_size: int, seed: int) -> bytes:
        dice = random.Random(seed)  # not a secret
        by_elements = dice.random() < CHANGED_BY_ELEMENTS
        mutated: bytes = mutations.mutate(content, dice) if by_elements else atheris.Mutate(content, max_size)
        return mutated[:max_size]

    without_templates = patch.object(templated.TemplatedReader, "read", return_value=None)
    check = checked(parse, without_templates, reader.differences, errors.DocumentError)
    atheris.Setup([sys.argv[0], corpus, *options], check, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
