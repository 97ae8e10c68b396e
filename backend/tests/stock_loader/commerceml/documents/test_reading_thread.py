"""The thread that reads ahead ends with the reading, however that ends, and what it meets is told."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from stock_loader.commerceml.documents.parser import XMLDataParser
from stock_loader.commerceml.documents.slice_parser import SliceParser
from tests.stock_loader.commerceml.documents.sliced import OFFERS, SLICE, in_chunks, read
from tests.stock_loader.commerceml.stock_files import package


def test_reading_works_without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    expected = read(package(OFFERS).encode())
    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert read(package(OFFERS).encode()) == expected


def test_thread_ends_with_the_reading() -> None:
    before = threading.active_count()
    records = XMLDataParser().parse_chunks(in_chunks(package(OFFERS * 100).encode(), SLICE), name="rests.xml")
    next(records)
    assert threading.active_count() == before + 1
    del records
    assert threading.active_count() == before


@pytest.mark.parametrize("error", [SystemExit(143), KeyboardInterrupt(), MemoryError(), OSError("gone")])
def test_what_the_source_raises_passes_and_no_thread_is_left(error: BaseException) -> None:
    def chunks() -> Iterator[bytes]:
        yield from in_chunks(package(OFFERS * 100).encode()[:20_000], SLICE)
        raise error

    before = threading.active_count()
    with pytest.raises(type(error)) as raised:
        list(XMLDataParser().parse_chunks(chunks(), name="rests.xml"))
    assert raised.value is error
    assert threading.active_count() == before


def test_signal_while_a_file_is_read_leaves_no_thread(tmp_path: Path) -> None:
    def stop(_: int) -> None:
        calls.append(threading.active_count())
        if len(calls) == 20:
            raise SystemExit(143)

    calls: list[int] = []
    path = tmp_path / "rests.xml"
    path.write_bytes(package(OFFERS * 100).encode())
    before = threading.active_count()
    with pytest.raises(SystemExit):
        list(XMLDataParser(chunk_bytes=SLICE, on_read=stop).parse(str(path)))
    assert (calls[-1], threading.active_count()) == (before + 1, before)


def test_lack_of_memory_in_the_thread_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise MemoryError

    before = threading.active_count()
    monkeypatch.setattr(SliceParser, "parse", refuse)
    with pytest.raises(MemoryError):
        read(package(OFFERS).encode())
    assert threading.active_count() == before
