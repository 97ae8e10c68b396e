"""Files that are no stock files."""

import io
import zipfile

import pytest

from tests.stock_loader.commerceml.documents.parsing import GOOD, NOT_XML, document, offer
from tests.stock_loader.commerceml.stock_files import DECLARATION, package, refusal


@pytest.mark.parametrize("chunk_bytes", [1, 100_000])
@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (b"", "an empty file"),
        (b"\xef\xbb\xbf", "an empty file"),
        (b"\xff\xfe", "an empty file"),
        (b" \r\n\t", "an empty file"),
        (b'{"error": "not found"}', "JSON"),
        (b"[1]", "JSON"),
        (b"db.example:5432:shop:stocks:secret\n", "plain text"),
        ("Остатки;5\n".encode("utf-16"), "plain text"),
        ("\ufeffтекст".encode(), "plain text"),
        (b"x" * 1000, "plain text"),
        (b"PATH=/bin\0PASSWORD=secret\0", "binary data"),
        (b"\x1f\x8b\x08\x00", "gzip data (unpack it)"),
        (b"<html><body>502 Bad Gateway<br></body></html>", "<html>"),
        (b"<!doctype html><html></html>", "an HTML page"),
        (b"<!DOCTYPE html><html><body/></html>", "<html> after a DOCTYPE"),
        (b"<configuration password='secret'/>", "<configuration>"),
        (b"<x>", "<x>"),
        (b"<yml_catalog/>", "<yml_catalog>"),
        ("<Предложения/>".encode(), "<Предложения>"),
    ],
)  # fmt: skip
def test_other_file_is_named_by_its_kind_or_root(content: bytes, seen: str, chunk_bytes: int) -> None:
    assert refusal(content, chunk_bytes=chunk_bytes) == f"{NOT_XML}{seen}."


@pytest.mark.parametrize("chunk_bytes", [1, 100_000])
def test_first_piece_of_a_zip_is_an_incomplete_zip(chunk_bytes: int) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("rests.xml", GOOD)
    message = refusal(archive.getvalue()[:200], chunk_bytes=chunk_bytes)
    assert message.startswith(f"{NOT_XML}the beginning of a zip archive: either an incomplete zip, ")


@pytest.mark.parametrize(
    "content", [b"secret", b"secret<\0", b"<secret", b"<?xml version='1.0'?>secret", b"<!-- secret", b"<?xml secret"]
)
def test_no_word_of_a_file_without_an_element_is_repeated(content: bytes) -> None:
    assert "secret" not in refusal(content)


def test_catalogue_is_named_by_its_sections() -> None:
    goods = "<Каталог><Товары><Товар><Ид>a</Ид><Количество>5</Количество></Товар></Товары></Каталог>"
    assert refusal(document("<Классификатор/>", goods)) == (
        "not a stock file: expected ПакетПредложений / ИзмененияПакетаПредложений in it, "
        "saw Классификатор, Каталог. Give the file that 1C calls rests.xml."
    )


def test_empty_root_is_no_stock_file() -> None:
    assert refusal(document()) == (
        "not a stock file: expected ПакетПредложений / ИзмененияПакетаПредложений in it, "
        "saw nothing. Give the file that 1C calls rests.xml."
    )


def test_sections_in_the_message_are_few() -> None:
    sections = "".join(f"<x{number}/>" for number in range(5000))
    for chunk_bytes in (1000, 10**6):
        assert len(refusal(document(sections), chunk_bytes=chunk_bytes)) < 500


def test_undeclared_windows_1251_is_not_well_formed() -> None:
    content = package(offer("a", 5)).removeprefix(DECLARATION).encode("cp1251")
    assert "not well-formed XML: the bytes are no text in the encoding of the file" in refusal(content)
    declared = DECLARATION.encode() + content
    assert "not well-formed XML: " in refusal(declared)


def test_koi8_declared_as_windows_1251_is_no_stock_file() -> None:
    content = package(offer("a", 5)).replace("UTF-8", "windows-1251").encode("koi8-r")
    assert refusal(content) == NOT_XML + "<лПННЕТЮЕУЛБСйОЖПТНБГЙС>."
