import os
import socket
from collections.abc import Callable, Iterator
from itertools import count, islice
from pathlib import Path

import pytest

from stock_loader.commerceml.files.chunks import file_size, plain_file, read_chunks
from stock_loader.errors import DocumentError

CHANGED = "changed while being read. Let the export write to another name and rename it when it is done."


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "rests.xml"
    path.write_bytes(b"0123456789")
    return path


def refusal(path: str) -> str:
    with pytest.raises(DocumentError) as caught:
        list(read_chunks(path))
    return str(caught.value)


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize(("chunk_bytes", "lengths"), [(3, [3, 3, 3, 1]), (5, [5, 5]), (10, [10]), (99, [10])])
def test_bytes_come_in_order_and_are_announced(path: Path, chunk_bytes: int, lengths: list[int]) -> None:
    announced: list[int] = []
    chunks = list(read_chunks(str(path), chunk_bytes=chunk_bytes, on_read=announced.append))
    assert b"".join(chunks) == b"0123456789"
    assert announced == lengths == [len(chunk) for chunk in chunks]


def test_empty_file_has_no_chunks(path: Path) -> None:
    path.write_bytes(b"")
    assert list(read_chunks(str(path))) == []


def test_missing_file_is_refused(tmp_path: Path) -> None:
    assert refusal(str(tmp_path / "none.xml")) == "cannot be read: No such file or directory."


def test_directory_is_refused(tmp_path: Path) -> None:
    assert refusal(str(tmp_path)) == "not a regular file. Give the path of a rests.xml file."


def test_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert refusal(str(tmp_path / "pipe")) == "not a regular file. Give the path of a rests.xml file."


def test_device_is_refused() -> None:
    assert refusal("/dev/zero") == "not a regular file. Give the path of a rests.xml file."


def test_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        assert refusal("socket") == "cannot be read: No such device or address."


def test_link_is_followed_and_a_loop_refused(path: Path) -> None:
    link, loop = path.with_name("link"), path.with_name("loop")
    link.symlink_to(path)
    loop.symlink_to(loop)
    assert list(read_chunks(str(link))) == [b"0123456789"]
    assert refusal(str(loop)) == "cannot be read: Too many levels of symbolic links."


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file_is_refused(path: Path) -> None:
    path.chmod(0)
    assert refusal(str(path)) == "cannot be read: Permission denied."


def test_file_below_a_file_is_refused(path: Path) -> None:
    assert refusal(f"{path}/rests.xml") == "cannot be read: Not a directory."


def test_empty_name_is_refused() -> None:
    assert refusal("") == "cannot be read: No such file or directory."


@pytest.mark.parametrize("name", ["rests\0.xml", "\0"])
def test_name_with_nul_is_refused(name: str) -> None:
    assert refusal(name) == "cannot be read: embedded null byte."


def test_name_that_is_no_utf8_is_opened(tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xed\xe0\xeb.xml")
    Path(name).write_bytes(b"0123456789")
    assert list(read_chunks(name)) == [b"0123456789"]


def test_name_that_cannot_be_encoded_is_refused() -> None:
    assert refusal("\ud800.xml").startswith("cannot be read: ")


def test_name_too_long_is_refused() -> None:
    assert refusal("x" * 5000) == "cannot be read: File name too long."


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"x")


def shrink(path: Path) -> None:
    os.truncate(path, 5)


def rewrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"9876543210")
    os.utime(path, ns=(0, 0))  # kernels stamp with a clock of 4 ms: what was written above may bear the old time


def replace_by_rename(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(b"new file, longer")
    other.replace(path)


def delete(path: Path) -> None:
    path.unlink()


def read_with_a_change_after_the_first_chunk(path: Path, change: Callable[[Path], None]) -> Iterator[bytes]:
    chunks = read_chunks(str(path), chunk_bytes=4)
    yield next(chunks)
    change(path)
    yield from chunks


@pytest.mark.parametrize("change", [grow, shrink, rewrite])
@pytest.mark.parametrize("reads_before", [1, 2, 3])
def test_file_changed_in_place_is_refused_at_the_next_read(
    path: Path, change: Callable[[Path], None], reads_before: int
) -> None:
    chunks = read_chunks(str(path), chunk_bytes=4)
    read = b"".join(islice(chunks, reads_before))
    change(path)
    assert read == b"0123456789"[: 4 * reads_before]
    with pytest.raises(DocumentError) as caught:
        next(chunks)
    assert str(caught.value) == CHANGED


@pytest.mark.parametrize("change", [replace_by_rename, delete])
def test_file_renamed_over_or_deleted_is_read_to_its_old_end(path: Path, change: Callable[[Path], None]) -> None:
    assert b"".join(read_with_a_change_after_the_first_chunk(path, change)) == b"0123456789"


@pytest.mark.parametrize("failing", [1, 2, 3, 4])
def test_failed_read_is_an_error_of_the_document(path: Path, monkeypatch: pytest.MonkeyPatch, failing: int) -> None:
    reads = count(1)
    real_read = os.read

    def read(descriptor: int, size: int) -> bytes:
        if next(reads) == failing:
            raise OSError(5, "Input/output error")
        return real_read(descriptor, size)

    monkeypatch.setattr(os, "read", read)
    chunks = read_chunks(str(path), chunk_bytes=4)
    assert b"".join(islice(chunks, failing - 1)) == b"0123456789"[: 4 * (failing - 1)]
    with pytest.raises(DocumentError) as caught:
        next(chunks)
    assert str(caught.value) == "cannot be read: Input/output error."


def test_file_is_closed_when_read_refused_or_abandoned(path: Path, tmp_path: Path) -> None:
    before = open_descriptors()
    list(read_chunks(str(path)))
    refusal(str(tmp_path))
    abandoned = read_chunks(str(path), chunk_bytes=1)
    next(abandoned)
    assert open_descriptors() == before + 1
    abandoned.close()
    assert open_descriptors() == before


def test_size_is_known_or_0(path: Path, tmp_path: Path) -> None:
    assert file_size(str(path)) == 10
    assert file_size(str(tmp_path / "none.xml")) == file_size("\0") == file_size("\ud800") == 0


@pytest.mark.parametrize("change", [grow, shrink, rewrite, replace_by_rename])
def test_file_that_another_replaces_between_two_readings_is_refused(path: Path, change: Callable[[Path], None]) -> None:
    file = plain_file(str(path))
    assert b"".join(file.chunks()) == b"".join(file.chunks()) == b"0123456789"
    change(path)
    with pytest.raises(DocumentError) as caught:
        list(file.chunks())
    assert str(caught.value) == CHANGED
