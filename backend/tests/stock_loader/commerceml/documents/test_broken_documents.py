"""Documents that are broken, or change while they are read."""

import os
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from stock_loader.commerceml.documents.parser import XMLDataParser
from stock_loader.errors import DocumentError
from tests.stock_loader.commerceml.documents.parsing import (
    GOOD,
    NESTED,
    NOT_XML,
    TWO_OFFERS,
    TWO_RECORDS,
    container,
    document,
    in_package,
    offer,
)
from tests.stock_loader.commerceml.stock_files import BAD_PIECES, package, parse, quantities, refusal

OUTSIDE = (
    "line %d: an offer (Предложение) outside of ПакетПредложений/Предложения. The file is broken; export it again."
)


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
