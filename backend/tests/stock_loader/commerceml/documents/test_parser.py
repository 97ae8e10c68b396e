import io
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures_generator import Catalogue, Document, Encoding, Kind, expected, write_file
from fixtures_generator.layouts import Layout
from fixtures_generator.tests.catalogues import MIXED
from stock_loader.commerceml.documents.parser import XMLDataParser
from stock_loader.commerceml.records import Problem, StockRecord
from stock_loader.errors import DocumentError
from tests.stock_loader.commerceml.expat_reader import differences
from tests.stock_loader.commerceml.stock_files import BAD_PIECES, DECLARATION, package, parse, quantities, refusal

BACKEND = Path(__file__).parents[4]

NOT_XML = "not a stock file: expected XML with the root element КоммерческаяИнформация, saw "
OUTSIDE = (
    "line %d: an offer (Предложение) outside of ПакетПредложений/Предложения. The file is broken; export it again."
)
NESTED = (
    "line %d: an offer (Предложение) stands inside another element of Предложения. The file is broken; export it again."
)

REST = "<Остатки><Остаток><Склад><Ид>w1</Ид><Количество>%s</Количество></Склад></Остаток></Остатки>"


def offer(onec_id: str, quantity: object) -> str:
    return f"<Предложение><Ид>{onec_id}</Ид>{REST % quantity}</Предложение>\n"


def document(*parts: str, root: str = "КоммерческаяИнформация", attributes: str = "") -> str:
    return f"{DECLARATION}<{root}{attributes}>{''.join(parts)}</{root}>"


def in_package(*parts: str, name: str = "ПакетПредложений") -> str:
    return f"<{name}>{''.join(parts)}</{name}>"


def container(*offers: str) -> str:
    return f"<Предложения>{''.join(offers)}</Предложения>"


TWO_OFFERS = container(offer("a", 5), offer("b", 7))
TWO_RECORDS = [("a", 5), ("b", 7)]


# What is read


def test_offers_become_records_in_the_order_of_the_file() -> None:
    assert parse(package(offer("b", 5) + offer("a", "нет") + "<Предложение/>\n" + offer("b", 7))) == [
        StockRecord(4, "b", "", 5),
        StockRecord(5, "a", "", None, problem=Problem.NOT_A_NUMBER, seen="нет"),
        StockRecord(6, "", "", None, problem=Problem.NO_STOCK_DATA),
        StockRecord(7, "b", "", 7),
    ]


def test_records_come_while_the_file_is_being_read(tmp_path: Path) -> None:
    path = tmp_path / "rests.xml"
    path.write_text(package("".join(offer(str(number), number) for number in range(1000))))
    read: list[int] = []
    records = XMLDataParser(chunk_bytes=1000, on_read=read.append).parse(str(path))
    assert read == []
    assert next(records) == StockRecord(4, "0", "", 0)
    assert sum(read) < 4000
    assert len(list(records)) == 999
    assert sum(read) == path.stat().st_size


@pytest.mark.parametrize("date", ["2026-01-15T03:00:00", "2014-06-01T0:36:33", ""])
def test_date_is_known_with_the_first_record(tmp_path: Path, date: str) -> None:
    path = tmp_path / "rests.xml"
    path.write_text(document(in_package(TWO_OFFERS), attributes=f' ДатаФормирования=" {date}"' if date else ""))
    parser = XMLDataParser()
    next(parser.parse(str(path)))
    assert parser.document_date == date


def check_generated(path: Path, catalogue: Catalogue, *, chunk_bytes: int) -> None:
    records = list(XMLDataParser(chunk_bytes=chunk_bytes).parse(str(path)))
    last = {record.onec_id: number for number, record in enumerate(records)}
    offers = list(expected(catalogue))
    read = [
        (record.onec_id, record.sku or None, record.quantity if last[record.onec_id] == number else None)
        for number, record in enumerate(records)
    ]
    assert read == [(offer.onec_id, offer.sku, offer.quantity) for offer in offers]
    no_stock = [record.problem is Problem.NO_STOCK_DATA for record in records]
    assert no_stock == [offer.kind is Kind.NO_STOCK for offer in offers]
    invalid = [record.problem not in {None, Problem.NO_STOCK_DATA} for record in records]
    assert invalid == [offer.kind is Kind.INVALID for offer in offers]


@pytest.mark.parametrize("layout", Layout)
@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("chunk_bytes", [997, 256 * 1024])
def test_generated_file_reads_as_it_was_meant(
    tmp_path: Path, layout: Layout, encoding: Encoding, chunk_bytes: int
) -> None:
    form = Document(layout=layout, encoding=encoding, crlf=chunk_bytes == 997, bom=chunk_bytes == 997)
    catalogue = replace(MIXED, offers=300)
    write_file(catalogue, tmp_path / "rests.xml", document=form)
    check_generated(tmp_path / "rests.xml", catalogue, chunk_bytes=chunk_bytes)


@pytest.mark.parametrize("compact", [False, True])
def test_plain_generated_file_reads_as_it_was_meant(tmp_path: Path, compact: bool) -> None:
    catalogue = Catalogue(offers=2000, warehouses=4, fractional_share=0.1, negative_share=0.1)
    write_file(catalogue, tmp_path / "rests.xml", document=Document(compact=compact))
    check_generated(tmp_path / "rests.xml", catalogue, chunk_bytes=64 * 1024)


# Envelopes


@pytest.mark.parametrize("name", ["ПакетПредложений", "ИзмененияПакетаПредложений"])
def test_both_packages_are_read(name: str) -> None:
    assert quantities(parse(document(in_package(TWO_OFFERS, name=name)))) == TWO_RECORDS


def test_package_may_be_the_root() -> None:
    assert quantities(parse(document(TWO_OFFERS, root="ПакетПредложений"))) == TWO_RECORDS


def test_directory_of_warehouses_is_no_stock() -> None:
    directory = "<Склады><Склад><Ид>w1</Ид><Количество>99</Количество></Склад></Склады>"
    assert quantities(parse(document(in_package(directory, TWO_OFFERS, directory)))) == TWO_RECORDS


def test_what_stands_around_the_offers_is_passed_over() -> None:
    classifier = "<Классификатор><Ид>c</Ид><Группы><Группа><Ид>g</Ид></Группа></Группы></Классификатор>"
    package_ = in_package("<Ид>p</Ид>text", TWO_OFFERS, "<Цены><Цена/></Цены>")
    assert quantities(parse(document(classifier, package_, "<Каталог/>"))) == TWO_RECORDS


def test_foreign_elements_between_offers_are_passed_over() -> None:
    foreign = "<Комментарий><Количество>9</Количество></Комментарий>text"
    assert quantities(parse(package(f"{foreign}{offer('a', 5)}{foreign}{offer('b', 7)}{foreign}"))) == TWO_RECORDS


@pytest.mark.parametrize("chunk_bytes", [1, 7, 100_000])
@pytest.mark.parametrize(
    "body",
    [
        in_package(container(offer("a", 5)), container(offer("b", 7))),
        in_package(container(offer("a", 5))) + in_package(container(offer("b", 7))),
        in_package(container(), "<x/>", container(offer("a", 5)), "<x/>", container(), container(offer("b", 7))),
        in_package(container(offer("a", 5))) + in_package(container(offer("b", 7)), name="ИзмененияПакетаПредложений"),
    ],
)  # fmt: skip
def test_all_containers_are_read(body: str, chunk_bytes: int) -> None:
    assert quantities(parse(document(body), chunk_bytes=chunk_bytes)) == TWO_RECORDS


@pytest.mark.parametrize("chunk_bytes", [1, 100_000])
@pytest.mark.parametrize("body", [in_package(), in_package(container()), in_package(container("<x/>"), "<y/>")])
def test_package_without_offers_has_no_records(body: str, chunk_bytes: int) -> None:
    assert parse(document(body), chunk_bytes=chunk_bytes) == []


NAMESPACES = [
    "urn:1C.ru:commerceml_2",
    "urn:1C.ru:commerceml_3",
    "urn:1C.ru:commerceml_205",
    "urn:1C.ru:commerceml_210",
]


@pytest.mark.parametrize("namespace", NAMESPACES)
@pytest.mark.parametrize(
    "rests", [REST, "<Количество>%s</Количество>", '<Склад ИдСклада="w" КоличествоНаСкладе="%s"/>']
)
def test_namespace_and_prefix_make_no_difference(namespace: str, rests: str) -> None:
    offers = f"<Предложение><Ид>a</Ид>{rests % 5}</Предложение><Предложение><Ид>b</Ид>{rests % 7}</Предложение>"
    plain = document(in_package(container(offers)))
    by_default = plain.replace("<КоммерческаяИнформация", f'<КоммерческаяИнформация xmlns="{namespace}"')
    prefixed = plain.replace("<", "<c:").replace("<c:/", "</c:").replace("<c:?", "<?")
    by_prefix = prefixed.replace("<c:КоммерческаяИнформация", f'<c:КоммерческаяИнформация xmlns:c="{namespace}"')
    assert (
        parse(plain)
        == parse(by_default)
        == parse(by_prefix)
        == [StockRecord(2, "a", "", 5), StockRecord(2, "b", "", 7)]
    )


def test_namespaces_may_differ_within_a_document() -> None:
    other = offer("b", 7).replace("<Предложение", '<Предложение xmlns="urn:other"')
    assert quantities(parse(package(offer("a", 5) + other))) == TWO_RECORDS
    strange = offer("b", 7).replace("<Количество", '<Количество xmlns="urn:other"')
    assert quantities(parse(package(offer("a", 5) + strange))) == TWO_RECORDS


@pytest.mark.parametrize("chunk_bytes", [1, 2, 3, 100_000])
@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("UTF-8", "utf-8"),
        ("UTF-8", "utf-8-sig"),
        ("UTF-16", "utf-16"),
        ("windows-1251", "cp1251"),
        ("KOI8-R", "koi8-r"),
        ("ISO-8859-5", "iso8859-5"),
    ],
)
def test_declared_encoding_is_read(declared: str, codec: str, chunk_bytes: int) -> None:
    text = package(offer("товар 1", 5)).replace("UTF-8", declared)
    assert parse(text.encode(codec), chunk_bytes=chunk_bytes) == [StockRecord(4, "товар 1", "", 5)]


def test_no_declaration_means_utf8() -> None:
    assert quantities(parse(package(offer("товар", 5)).removeprefix(DECLARATION))) == [("товар", 5)]


# Files that are no stock files


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


# Broken documents


@pytest.mark.parametrize("chunk_bytes", [1, 100_000])
@pytest.mark.parametrize(
    ("body", "message"),
    [
        (in_package(container(offer("a", 5), f"<Предложение>{offer('b', 7)}</Предложение>")), NESTED % 3),
        (in_package(container(offer("a", 5), f"<x><y>{offer('b', 7)}</y></x>")), NESTED % 3),
        (in_package(container(f"<Предложение>{in_package(TWO_OFFERS)}</Предложение>")), NESTED % 2),
        (in_package(offer("a", 5)), OUTSIDE % 2),
        (in_package(TWO_OFFERS, offer("c", 9)), OUTSIDE % 4),
        (in_package(TWO_OFFERS) + offer("c", 9), OUTSIDE % 4),
        (TWO_OFFERS, OUTSIDE % 2),
        (TWO_OFFERS + in_package(TWO_OFFERS), OUTSIDE % 2),
        (f"<Документ>{in_package(TWO_OFFERS)}</Документ>{in_package()}", OUTSIDE % 2),
        (in_package(f"<x>{TWO_OFFERS}</x>"), OUTSIDE % 2),
        (in_package(f"<x>{in_package(TWO_OFFERS)}</x>", TWO_OFFERS), OUTSIDE % 2),
    ],
)
def test_offer_where_no_reader_looks_is_refused(body: str, message: str, chunk_bytes: int) -> None:
    assert refusal(document(body), chunk_bytes=chunk_bytes) == message


def test_offer_in_another_namespace_inside_an_offer_is_refused() -> None:
    nested = offer("b", 7).replace("<Предложение", '<Предложение xmlns="urn:other"')
    assert refusal(package(f"<Предложение>{nested}</Предложение>")) == NESTED % 4


GOOD = package(offer("a", 5) + offer("b", 7))
BYTES = GOOD.encode()


@pytest.mark.parametrize("encoded", [BYTES, GOOD.replace("UTF-8", "UTF-16").encode("utf-16")], ids=["utf-8", "utf-16"])
@pytest.mark.parametrize("chunk_bytes", [64, 100_000])
def test_every_prefix_of_a_document_fails(encoded: bytes, chunk_bytes: int) -> None:
    assert quantities(parse(encoded, chunk_bytes=chunk_bytes)) == TWO_RECORDS
    for length in range(len(encoded)):
        refusal(encoded[:length], chunk_bytes=chunk_bytes)


@pytest.mark.parametrize("tail", [" ", "\n", "\r\n\n", "<!-- the end -->", "<?the end?>"])
def test_blank_end_is_no_fault(tail: str) -> None:
    assert quantities(parse(GOOD + tail)) == TWO_RECORDS


@pytest.mark.parametrize("tail", [b"\0", b"\0" * 5000, b"x", b"<x/>", BYTES, b"\xff", b"&amp;", b"<", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("chunk_bytes", [1, len(BYTES), 100_000])
def test_anything_after_the_end_is_refused(tail: bytes, chunk_bytes: int) -> None:
    assert "not well-formed XML: " in refusal(BYTES + tail, chunk_bytes=chunk_bytes)


@pytest.mark.parametrize("piece", BAD_PIECES.values(), ids=BAD_PIECES.keys())
@pytest.mark.parametrize("place", ["<Количество>", "</Предложение>", "</ПакетПредложений>"])
@pytest.mark.parametrize("chunk_bytes", [1, 100_000])
def test_fault_of_xml_anywhere_is_refused(piece: bytes, place: str, chunk_bytes: int) -> None:
    before, found, after = BYTES.rpartition(place.encode())
    assert "not well-formed XML: " in refusal(before + found + piece + after, chunk_bytes=chunk_bytes)


def test_fault_is_told_with_its_place() -> None:
    broken = GOOD.replace("<Количество>7", "<Количество>7&")
    assert refusal(broken) == (
        "line 5, column 78, near the offer b: not well-formed XML: an & must be written as &amp;. "
        "Correct the text in 1C and export the file again."
    )


def test_message_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "rests\n.xml"
    path.write_text("text")
    with pytest.raises(DocumentError) as caught:
        list(XMLDataParser().parse(str(path)))
    assert str(caught.value) == f"{tmp_path}/rests .xml: {NOT_XML}plain text."


@pytest.mark.parametrize("name", ["rests\0.xml", "rests\udced.xml"])
def test_message_about_an_odd_name_is_printable(name: str) -> None:
    with pytest.raises(DocumentError) as caught:
        list(XMLDataParser().parse(f"/nowhere/{name}"))
    assert str(caught.value).isprintable()
    str(caught.value).encode()


def test_file_is_closed_at_once_when_it_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rests.xml"
    path.write_text(GOOD + "x" * 10_000)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(DocumentError) as caught:
        list(XMLDataParser(chunk_bytes=100).parse(str(path)))
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert caught.value.file == str(path)


@pytest.fixture
def long_file(tmp_path: Path) -> Path:
    path = tmp_path / "rests.xml"
    path.write_text(package("".join(offer(f"{number:03}", 1) for number in range(100))))
    return path


def rewrite(path: Path) -> None:
    content = path.read_text().replace(">1<", ">2<")
    with path.open("r+") as file:
        file.write(content)
    os.utime(path, ns=(0, 0))  # kernels stamp with a clock of 4 ms: what was written above may bear the old time


def grow(path: Path) -> None:
    with path.open("a") as file:
        file.write(GOOD)


@pytest.mark.parametrize("change", [rewrite, grow])
def test_file_that_changes_is_refused_for_that(long_file: Path, change: Callable[[Path], None]) -> None:
    records = XMLDataParser(chunk_bytes=200).parse(str(long_file))
    assert next(records).quantity == 1
    change(long_file)
    with pytest.raises(DocumentError) as caught:
        list(records)
    assert str(caught.value) == (
        f"{long_file}: changed while being read. Let the export write to another name and rename it when it is done."
    )


def test_file_renamed_over_is_read_as_it_was(long_file: Path) -> None:
    records = XMLDataParser(chunk_bytes=200).parse(str(long_file))
    assert next(records).quantity == 1
    long_file.with_name("new").write_text(GOOD)
    long_file.with_name("new").replace(long_file)
    assert [record.quantity for record in records] == [1] * 99


def test_failure_of_any_read_is_a_failure_of_the_document(long_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real_read = os.read
    reads_of_a_load = long_file.stat().st_size // 700 + 2  # the last chunk is short, and one read finds the end

    def fail_at(failing: int) -> None:
        reads = count(1)

        def read(descriptor: int, size: int) -> bytes:
            if next(reads) == failing:
                raise OSError(5, "Input/output error")
            return real_read(descriptor, size)

        monkeypatch.setattr(os, "read", read)

    for failing in range(1, reads_of_a_load + 1):
        fail_at(failing)
        with pytest.raises(DocumentError) as caught:
            list(XMLDataParser(chunk_bytes=700).parse(str(long_file)))
        assert str(caught.value) == f"{long_file}: cannot be read: Input/output error."
    fail_at(reads_of_a_load + 1)
    assert len(list(XMLDataParser(chunk_bytes=700).parse(str(long_file)))) == 100


# Lines


def test_lines_are_right_past_the_16_bits_of_libxml2() -> None:
    count = 70_000
    regular = "".join(offer(str(number), 1) for number in range(count))
    records = parse(package(regular + "<Предложение><Артикул>S</Артикул><Количество>1</Количество></Предложение>\n"))
    assert [record.line for record in records] == list(range(4, count + 5))


def test_lines_of_offers_read_one_by_one_are_right_past_the_16_bits() -> None:
    blank = "\n" * 70_000
    ids = "<Предложение>\n<Ид>%s</Ид>\n<Количество>5</Количество></Предложение>\n"
    skus = "<Предложение><Артикул>%s</Артикул>\n<Количество>5</Количество></Предложение>\n"
    records = parse(package(f"{blank}{ids % 'a'}{skus % 'b'}{ids % 'c'}{skus % 'd'}"))
    assert [record.line - 70_004 for record in records] == [1, 3, 6, 8]


def test_line_of_an_offer_without_text_is_near_past_the_16_bits() -> None:
    records = parse(package("\n" * 70_000 + offer("a", 5) + "<Предложение/>\n" * 3 + offer("b", 5)))
    assert [record.line - 70_004 for record in records][::4] == [0, 4]
    assert {record.line - 70_004 for record in records[1:4]} <= {0, 1, 2, 3, 4, 65_535 - 70_004}


@pytest.mark.parametrize("chunk_bytes", [1, 7, 64, 10_000])
def test_entity_that_is_not_declared_is_told_with_its_place(chunk_bytes: int) -> None:
    """lxml goes on after it, and would tell of something else at the end."""
    text = package(offer("a", 5) + "\n<Предложение><Ид>&nothing;</Ид></Предложение>\n" + offer("b", 7))
    assert refusal(text, chunk_bytes=chunk_bytes).startswith("line 6, column ")
    assert ": not well-formed XML: an entity that XML does not know, such as &nbsp;. " in refusal(
        text, chunk_bytes=chunk_bytes
    )


@pytest.mark.parametrize("chunk_bytes", [1, 2, 10, 100, 10_000])
@pytest.mark.parametrize("empty", ["<Предложения/>", "<Предложения></Предложения>", "<Предложения> </Предложения>\n"])
def test_offer_behind_an_empty_container_is_outside(empty: str, chunk_bytes: int) -> None:
    behind_container = document(in_package(empty, offer("a", 5)))
    behind_package = document(in_package(empty), offer("a", 5))
    for text in (behind_container, behind_package):
        assert "an offer (Предложение) outside of" in refusal(text, chunk_bytes=chunk_bytes)


@pytest.mark.parametrize("chunk_bytes", [50, 200, 10_000])
@pytest.mark.parametrize("before", ["", "<!-- -->"])
def test_fault_that_a_warning_follows_is_a_fault(before: str, chunk_bytes: int) -> None:
    """lxml forgets an error that a warning follows, such as the one for a relative namespace."""
    text = package(before + offer("a", 5) + "<p:x/>" + "<y xmlns='relative'/>" + offer("b", 7))
    assert "a prefix for which no namespace is declared." in refusal(text, chunk_bytes=chunk_bytes)


def test_lines_of_faults_are_right_past_the_16_bits() -> None:
    blank = "\n" * 70_000
    assert refusal(package(f"{blank}<x>&</x>")).startswith("line 70004, column ")
    assert refusal(package(f"{blank}<x>{offer('a', 5)}</x>")) == NESTED % 70_004


# Pieces


PIECES = [
    package(offer("a", 5) + offer("b", "7,5") + "<Предложение/>" + offer("a", "x")),
    document("<x><y/></x>", in_package("<Ид>1</Ид>", TWO_OFFERS, TWO_OFFERS), in_package(), "<z>5</z>"),
    package(f"<Предложение>{offer('a', 5)}</Предложение>"),
    document(in_package(TWO_OFFERS, offer("c", 1))),
    document("<Каталог><Товар/></Каталог>"),
    GOOD.replace("</Ид>", "</Id>"),
    GOOD.replace("<Коммер", "<!DOCTYPE x><Коммер", 1),
    GOOD.replace(">5<", "> <!-- 1 -->5<![CDATA[0]]>&#32;<"),
]


def outcome(content: bytes, *, chunk_bytes: int) -> list[StockRecord] | type[DocumentError]:
    try:
        return parse(content, chunk_bytes=chunk_bytes)
    except DocumentError:
        return DocumentError


@pytest.mark.parametrize("text", PIECES)
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_boundaries_of_reads_make_no_difference(text: str, codec: str) -> None:
    content = text.replace("UTF-8", codec.removesuffix("-sig")).encode(codec)
    whole = outcome(content, chunk_bytes=len(content))
    sizes = {*range(1, 40), *range(40, len(content), 61)}
    assert {size for size in sizes if outcome(content, chunk_bytes=size) != whole} == set()


def cut_in_two(content: bytes, place: int) -> list[StockRecord] | type[DocumentError]:
    try:
        return list(XMLDataParser().parse_chunks(iter((content[:place], content[place:])), name="cut"))
    except DocumentError:
        return DocumentError


@pytest.mark.parametrize("text", [PIECES[0], PIECES[1], PIECES[7]], ids=["offers", "containers", "values"])
def test_boundary_at_any_byte_makes_no_difference(text: str) -> None:
    content = text.encode()
    whole = outcome(content, chunk_bytes=len(content))
    assert {place for place in range(len(content)) if cut_in_two(content, place) != whole} == set()


# Mutations


def generated(layout: Layout, folder: Path) -> bytes:
    few = Catalogue(offers=4, sku_share=0.5, fractional_share=0.3, deleted_share=0.2, invalid_share=0.2)
    write_file(few, folder / "rests.xml", document=Document(layout=layout))
    return (folder / "rests.xml").read_bytes()


SEED = package(
    offer("a-1", 5) + offer("b-2", 17) + "<Предложение><Ид>c-3</Ид><Количество>8</Количество></Предложение>\n"
).encode()
with TemporaryDirectory() as folder:
    SEEDS = [SEED, *(generated(layout, Path(folder)) for layout in Layout)]
TAGS = [b"<", b">", b"</", b"/>", b"&lt;", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<!DOCTYPE x>", b"&x;"]
MARKUP = [*TAGS, *(name.encode() for name in ("<Ид>", "</Ид>", "<Предложение>", "</Предложение>"))]
TEXT = [b"5", b"-", b",", b" ", b"\n", b"0", "н".encode()]


def mutated(dice: Random) -> bytes:
    """A document with up to three pieces of it replaced by markup, text, any bytes, or another piece of it."""
    seed = dice.choice(SEEDS)
    content = seed
    for _ in range(dice.randint(1, 3)):
        start = dice.randint(0, len(content))
        end = dice.choice([start, dice.randint(start, min(start + 60, len(content)))])
        source = dice.randint(0, len(seed))
        splices = [
            lambda: dice.choice(MARKUP),
            lambda: dice.choice(TEXT),
            lambda: dice.randbytes(dice.randint(0, 3)),
            lambda: seed[source : source + dice.randint(1, 120)],  # noqa: B023  # called in this turn only
        ]
        content = content[:start] + dice.choice(splices)() + content[end:]
    return content


ELEMENT = re.compile(rb"<([^\s<>/!?]+)[^<>]*>(?:[^<>]*|.*?)</\1>", re.DOTALL)
NUMBER = re.compile(rb"(?<=>)[0-9.,-]+(?=<)")
NUMBERS = (b"7", b"0", b"-3", b"2.5", b"1 234", b"2147483647", b"2147483648", b"1e5", b"", b"&#57;", b"0<!-- -->5")


def rearranged(dice: Random) -> bytes:
    """Elements dropped, doubled, moved, numbers exchanged: what mostly stays well-formed."""
    content = dice.choice(SEEDS)
    for _ in range(dice.randint(1, 4)):
        is_number = dice.random() < 0.5
        pattern, start = (NUMBER, 0) if is_number else (ELEMENT, dice.randint(0, len(content)))
        places = list(pattern.finditer(content, start))
        if not places:
            continue
        place, source = dice.choice(places), dice.choice(places)
        piece = dice.choice(NUMBERS if is_number else (b"", source.group() * 2))
        content = content[: place.start()] + piece + content[place.end() :]
    return content


def dices(count: int) -> Iterator[Random]:
    """Dice of which each makes a document; other ones in every run, each told by its seed."""
    first = Random().randrange(2**32)
    return (Random(seed) for seed in range(first, first + count))


def check_mutation(content: bytes, chunk_bytes: int) -> bool:
    """Check the document; tell whether it was read rather than refused."""
    try:
        records = parse(content, chunk_bytes=chunk_bytes)
    except DocumentError:
        return False
    assert b"<!DOCTYPE" not in content.partition("<КоммерческаяИнформация".encode())[0].replace(b"<!--", b"")
    assert differences(content, records) == []
    return True


CHUNKS = (64, 300, 5000)


@given(st.randoms(), st.sampled_from([mutated, rearranged]), st.sampled_from(CHUNKS))
@settings(deadline=None, max_examples=400)
def test_mutated_document_is_refused_or_reads_as_expat_reads_it(
    dice: Random, change: Callable[[Random], bytes], chunk_bytes: int
) -> None:
    check_mutation(change(dice), chunk_bytes)


@pytest.mark.slow
def test_many_mutated_documents_are_refused_or_read_as_expat_reads_them() -> None:
    """Without hypothesis, whose drawing takes longer than the reading: what is found is not made small."""
    for dice in dices(2_000):
        content, chunk_bytes = dice.choice([mutated, rearranged])(dice), dice.choice(CHUNKS)
        try:
            check_mutation(content, chunk_bytes)
        except Exception as error:
            error.add_note(f"read in chunks of {chunk_bytes}: {content!r}")
            raise


@pytest.mark.parametrize("seed", SEEDS, ids=["own", *(layout.name for layout in Layout)])
def test_documents_that_are_mutated_are_good_ones(seed: bytes) -> None:
    assert check_mutation(seed, 300)


WRONG = [StockRecord(4, "a-1", "", 6), StockRecord(5, "b-2", "", 17), StockRecord(6, "c-3", "", 8)]


@pytest.mark.parametrize(
    ("content", "records", "difference"),
    [
        (SEED, WRONG[:2], "2 records, 3 offers"),
        (SEED, WRONG, "offer 0: expected ('a-1', 5), read "),
        (SEED + b"x", WRONG, "expat refuses what was accepted: "),
    ],
    ids=["offer lost", "wrong quantity", "not well-formed"],
)
def test_comparison_with_expat_finds_what_is_wrong(content: bytes, records: list[StockRecord], difference: str) -> None:
    (found,) = differences(content, records)
    assert found.startswith(difference)


# Dependencies


def test_parser_imports_nothing_of_django() -> None:
    code = (
        "import sys; import stock_loader.commerceml.documents.parser; "
        "sys.exit(', '.join(name for name in sys.modules if name.split('.')[0] == 'django') or None)"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=BACKEND, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, "")
