"""None"""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures_generator import Catalogue, Document, Encoding, Kind, expected, write_file
from fixtures_generator.layouts import Layout
from fixtures_generator.tests.catalogues import MIXED
from stock_loader.commerceml.documents.parser import XMLDataParser
from stock_loader.commerceml.records import Problem, StockRecord
from tests.stock_loader.commerceml.documents.parsing import (
    REST,
    TWO_OFFERS,
    TWO_RECORDS,
    container,
    document,
    in_package,
    offer,
)
from tests.stock_loader.commerceml.stock_files import DECLARATION, package, parse, quantities

BACKEND = Path(__file__).parents[4]


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


def test_parser_imports_nothing_of_django() -> None:
    code = (
        "import sys; import stock_loader.commerceml.documents.parser; "
        "sys.exit(', '.join(name for name in sys.modules if name.split('.')[0] == 'django') or None)"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=BACKEND, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, "")
