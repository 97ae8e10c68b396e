import re
from xml.etree import ElementTree as ET

import pytest

from fixtures_generator import Catalogue, Document, Encoding, Layout, expected
from fixtures_generator.document import NAMESPACES
from fixtures_generator.tests.catalogues import MIXED, written
from fixtures_generator.tests.reading import read

BOM = b"\xef\xbb\xbf"

REAL_FILE = """\
\ufeff<?xml version="1.0" encoding="UTF-8"?>
<КоммерческаяИнформация xmlns="urn:1C.ru:commerceml_3" xmlns:xs="http://www.w3.org/2001/XMLSchema" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ВерсияСхемы="3.1" \
ДатаФормирования="2025-09-12T21:34:05" Ид="Обмен с сайтом">
	<ПакетПредложений СодержитТолькоИзменения="true">
		<Ид>#916c4658-6e57-4468-91e7-60d53e352890</Ид>
		<Наименование>Пакет предложений (Товары 1С)</Наименование>
		<ИдКаталога>916c4658-6e57-4468-91e7-60d53e352890</ИдКаталога>
		<ИдКлассификатора>916c4658-6e57-4468-91e7-60d53e352890</ИдКлассификатора>
		<Предложения>
			<Предложение>
				<Ид>069efcc9-a098-11ed-a325-04421a23d8e8</Ид>
				<Остатки>
					<Остаток>
						<Склад>
							<Ид>8f06f4f1-b3f0-11ea-81c3-00155d3cae02</Ид>
							<Количество>0</Количество>
						</Склад>
					</Остаток>
					<Остаток>
						<Склад>
							<Ид>b41f7acc-58e5-11f0-90b3-fa163ea88911</Ид>
							<Количество>215</Количество>
						</Склад>
					</Остаток>
				</Остатки>
			</Предложение>
			<Предложение>
				<Ид>018d777d-9094-11ec-a2ff-04421a23d8e8#018d7af3-9094-11ec-a2ff-04421a23d8e8</Ид>
				<Остатки>
					<Остаток>
						<Склад>
							<Ид>8f06f4f1-b3f0-11ea-81c3-00155d3cae02</Ид>
							<Количество>0</Количество>
						</Склад>
					</Остаток>
					<Остаток>
						<Склад>
							<Ид>b41f7acc-58e5-11f0-90b3-fa163ea88911</Ид>
							<Количество>0</Количество>
						</Склад>
					</Остаток>
				</Остатки>
			</Предложение>
		</Предложения>
	</ПакетПредложений>
</КоммерческаяИнформация>"""
"""The envelope and two offers of a rests.xml that 1C wrote."""


def masked(text: str) -> str:
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "GUID", text)
    return re.sub(r"<Количество>\d+<", "<Количество>N<", text)


def test_usual_file_is_what_1c_writes_to_the_byte() -> None:
    catalogue = Catalogue(offers=2, warehouses=2, composite_share=0.5)
    content = written(catalogue, Document(date="2025-09-12T21:34:05"))
    assert masked(content.decode()) == masked(REAL_FILE)


@pytest.mark.parametrize("version", NAMESPACES)
def test_namespace_follows_the_schema_version(version: str) -> None:
    root = ET.fromstring(written(Catalogue(offers=1), Document(schema_version=version)))
    assert root.get("ВерсияСхемы") == version
    namespace = f"{{{NAMESPACES[version]}}}" if NAMESPACES[version] else ""
    assert root.tag == f"{namespace}КоммерческаяИнформация"


@pytest.mark.parametrize(
    ("layout", "version"),
    [(Layout.L1, "3.1"), (Layout.L2, "3.1"), (Layout.L3, "2.04"), (Layout.L4, "2.07"), (Layout.L5, "2.10")],
)
def test_schema_version_follows_the_layout(layout: Layout, version: str) -> None:
    assert ET.fromstring(written(Catalogue(offers=1), Document(layout=layout))).get("ВерсияСхемы") == version


@pytest.mark.parametrize(
    ("namespace", "tag"),
    [
        ("", "КоммерческаяИнформация"),
        ('urn:a&"b<', '{urn:a&"b<}КоммерческаяИнформация'),
        ("urn:\u2603", "{urn:\u2603}КоммерческаяИнформация"),
    ],
)
@pytest.mark.parametrize("encoding", Encoding)
def test_any_namespace_can_be_given(namespace: str, tag: str, encoding: Encoding) -> None:
    document = Document(namespace=namespace, encoding=encoding)
    assert ET.fromstring(written(Catalogue(offers=1), document)).tag == tag


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("compact", [True, False])
@pytest.mark.parametrize("crlf", [True, False])
@pytest.mark.parametrize("bom", [True, False])
def test_form_of_the_document_leaves_the_offers_alone(encoding: Encoding, compact: bool, crlf: bool, bom: bool) -> None:
    document = Document(encoding=encoding, compact=compact, crlf=crlf, bom=bom)
    quantities = [reading.quantity for reading in read(written(MIXED, document), Layout.L1)]
    assert quantities == [offer.quantity for offer in expected(MIXED)]


@pytest.mark.parametrize(
    ("document", "beginning"),
    [
        (Document(), BOM + b'<?xml version="1.0" encoding="UTF-8"?>\n<'),
        (Document(bom=False), b'<?xml version="1.0" encoding="UTF-8"?>\n<'),
        (Document(crlf=True), BOM + b'<?xml version="1.0" encoding="UTF-8"?>\r\n<'),
        (Document(encoding=Encoding.WINDOWS_1251), b'<?xml version="1.0" encoding="windows-1251"?>\n<'),
        (
            Document(encoding=Encoding.UTF_16, bom=False),
            b"\xff\xfe" + '<?xml version="1.0" encoding="UTF-16"?>\n<'.encode("utf-16-le"),
        ),
    ],
)
def test_file_begins_with_mark_and_declaration(document: Document, beginning: bytes) -> None:
    assert written(Catalogue(offers=1), document).startswith(beginning)


def test_crlf_file_has_no_other_line_ends() -> None:
    content = written(Catalogue(offers=3), Document(crlf=True))
    assert content.count(b"\r\n") == content.count(b"\n") == content.count(b"\r") > 50
    assert content.replace(b"\r", b"") == written(Catalogue(offers=3))


def test_compact_file_is_one_line_without_tabs() -> None:
    content = written(Catalogue(offers=3), Document(compact=True))
    assert b"\n" not in content
    assert b"\t" not in content


def test_segments_differ_by_a_second() -> None:
    dates = [
        ET.fromstring(written(Catalogue(offers=2, segment=number, segments=2))).get("ДатаФормирования")
        for number in (1, 2)
    ]
    assert dates == ["2026-01-15T03:00:00", "2026-01-15T03:00:01"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"schema_version": "2.99"},
            "the schema version must be one of 2.04, 2.05, 2.07, 2.08, 2.10, 3.1, not 2.99",
        ),
        ({"date": "yesterday"}, "the date must be in ISO form without a time zone, not 'yesterday'"),
        (
            {"date": "2026-01-15T03:00:00+03:00"},
            "the date must be in ISO form without a time zone, not '2026-01-15T03:00:00+03:00'",
        ),
    ],
)
def test_impossible_document_is_refused(arguments: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Document(**arguments)  # type: ignore[arg-type]
