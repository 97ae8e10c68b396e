import pytest

from stock_loader.commerceml.documents.whole import MAX_ELEMENT_BYTES, WholeDocument
from stock_loader.commerceml.offers.container import ContainerReader
from stock_loader.errors import DocumentError
from tests.stock_loader.commerceml.stock_files import package, quantities

OFFERS = [
    f"<Предложение><Ид>{onec_id}</Ид><Количество>{n}</Количество></Предложение>" for n, onec_id in enumerate("abc")
]
CONTENT = package("".join(OFFERS)).encode()
START = CONTENT[: CONTENT.index("<Предложение>".encode())]
END = CONTENT[CONTENT.index("</Предложения>".encode()) :]
ALL = [("a", 0), ("b", 1), ("c", 2)]


def document() -> WholeDocument:
    return WholeDocument(ContainerReader(None))


@pytest.mark.parametrize("size", [1, 7, 100, len(CONTENT)])
def test_offers_come_as_they_are_finished(size: int) -> None:
    whole = document()
    parts = [whole.feed(CONTENT[start : start + size]) for start in range(0, len(CONTENT), size)]
    parts.append(whole.close())
    assert [pair for part in parts for pair in quantities(part)] == ALL


def test_container_is_empty_only_before_its_first_offer() -> None:
    whole = document()
    assert whole.empty_container is None
    whole.feed(START)
    assert whole.empty_container is not None
    whole.feed(OFFERS[0].encode() + b"<x>")
    assert whole.empty_container is None


def test_fault_behind_content_that_others_have_read_is_told_with_its_place() -> None:
    whole = document()
    whole.feed(START)
    whole.skip(lines=1_000_000, columns=20)
    with pytest.raises(DocumentError, match=r"^line 1000004, column 2\d: not well-formed XML: "):
        whole.feed(b"<a></b>")


def test_element_without_an_end_is_refused() -> None:
    whole = document()
    whole.feed(START + "<Предложение>".encode())
    with pytest.raises(DocumentError, match="more than 4 MiB without the end of an offer"):
        whole.feed(b"<x/>" * (MAX_ELEMENT_BYTES // 4))


def test_document_without_a_package_is_told_by_its_sections() -> None:
    whole = document()
    whole.feed("<КоммерческаяИнформация><Каталог/></КоммерческаяИнформация>".encode())
    with pytest.raises(DocumentError, match=r"saw Каталог\. Give the file"):
        whole.close()


def test_cut_document_is_told_as_such() -> None:
    whole = document()
    whole.feed(CONTENT[: -len(END)])
    with pytest.raises(DocumentError, match="the file ends in the middle"):
        whole.close()
