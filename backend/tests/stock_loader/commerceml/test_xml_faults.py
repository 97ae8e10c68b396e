"""Faults of XML as an administrator reads them."""

import pytest
from django.utils.translation import gettext

from stock_loader.errors import DocumentError
from tests.stock_loader.commerceml.stock_files import BAD_PIECES, package, parse, refusal

SIZES = pytest.mark.parametrize("chunk_bytes", [1, 64, 100_000])
CORRECT = "Correct the text in 1C and export the file again."
AGAIN = "Export the file again."

WORDS = {
    "nul": f"it has the character U+0000, which XML forbids. {CORRECT}",
    "no utf-8": "the bytes are no text in the encoding of the file, which is UTF-8 where it declares no other. "
    "Have 1C write UTF-8.",
    "control character": f"it has the character U+000B, which XML forbids. {CORRECT}",
    "reference to a control character": f"it has the character U+000B, which XML forbids. {CORRECT}",
    "reference to nul": f"it has a character that XML forbids. {CORRECT}",
    "ampersand": f"an & must be written as &amp;. {CORRECT}",
    "undefined entity": f"an entity that XML does not know, such as &nbsp;. {CORRECT}",
    "undefined prefix": f"a prefix for which no namespace is declared. {AGAIN}",
    "attribute twice": f"an attribute stands twice in one element. {AGAIN}",
    "attribute twice by namespace": f"an attribute stands twice in one element. {AGAIN}",
    "attribute without quotes": f'an attribute is not written as name="value". {AGAIN}',
    "wrong end": f"the element <x> is closed by </y>. {AGAIN}",
    "open element": f"the element <x> is closed by </Наименование>. {AGAIN}",
    "end of cdata": f"]]> in a text must be written as ]]&gt;. {CORRECT}",
    "double hyphen": f"a comment that XML does not allow. {AGAIN}",
    "declaration inside": "an XML declaration stands elsewhere than at the beginning: something goes before it, "
    f"or two files were joined to one. {AGAIN}",
    "doctype inside": f"a < that begins no element must be written as &lt;. {CORRECT}",
}
CUT_OFF = "the file ends in the middle: it was cut off, or 1C has not finished writing it."


def with_name(name: bytes) -> bytes:
    """A document of two offers; the name of the second is in line 5."""
    offers = (
        "<Предложение><Ид>a</Ид></Предложение>\n<Предложение><Ид> b-2 </Ид><Наименование>@</Наименование></Предложение>"
    )
    return package(offers).encode().replace(b"@", name)


@SIZES
@pytest.mark.parametrize("name", WORDS)
def test_fault_is_told_in_own_words_with_its_offer(name: str, chunk_bytes: int) -> None:
    message = refusal(with_name(b"x" + BAD_PIECES[name] + b"y"), chunk_bytes=chunk_bytes)
    assert message.startswith("line 5, column ")
    assert message.partition(", near the offer ")[2] == f"b-2: not well-formed XML: {WORDS[name]}"


@SIZES
def test_forbidden_character_is_named_in_russian_without_english(chunk_bytes: int, russian: None) -> None:
    with pytest.raises(DocumentError) as refused:
        parse(with_name("Болт \x1d М8".encode()), chunk_bytes=chunk_bytes)
    assert refused.value.text(gettext).partition(": ")[2] == (
        "строка 5, столбец 49, около предложения b-2: XML повреждён: символ U+001D, запрещённый в XML. "
        "Исправьте текст в 1С и выгрузите файл заново."
    )


@SIZES
@pytest.mark.parametrize(
    "end", ["<Ид>", "b-2", "<Наименование>", "<Наименование>@", "</Предложение>", "</Предложения>"]
)
def test_file_that_ends_in_the_middle_is_cut_off(end: str, chunk_bytes: int) -> None:
    content = with_name(b"@")
    cut = content[: content.rindex(end.encode()) + len(end.encode())]
    for document in (
        cut,
        cut[:-1],
        cut + b"&",
        cut + b"&am",
        cut + b"&#1",
        cut + b"<",
        cut + b"<!--",
        cut + b"<![CDATA[",
    ):
        assert CUT_OFF in refusal(document, chunk_bytes=chunk_bytes)


@SIZES
@pytest.mark.parametrize("length", [1, 5, 20, 39, 40, 45, 60])
def test_file_that_ends_in_its_head_is_cut_off(length: int, chunk_bytes: int) -> None:
    assert CUT_OFF in refusal(with_name(b"@")[:length], chunk_bytes=chunk_bytes)


@SIZES
def test_id_that_a_fault_cuts_is_not_told(chunk_bytes: int) -> None:
    content = with_name(b"x").replace(b"b-2", b"b\x1d-2")
    assert "near the offer" not in refusal(content, chunk_bytes=chunk_bytes)


@SIZES
def test_unknown_encoding_is_told_as_such(chunk_bytes: int) -> None:
    content = with_name(b"x").replace(b"UTF-8", b"x-none")
    assert refusal(content, chunk_bytes=chunk_bytes).endswith(
        "it declares an encoding that cannot be read. Have 1C write UTF-8."
    )


def test_second_document_is_told_as_such() -> None:
    content = with_name(b"x")
    assert "two files were joined to one" in refusal(content + content)
    assert "something follows the end of the document" in refusal(content + b"<x/>")
