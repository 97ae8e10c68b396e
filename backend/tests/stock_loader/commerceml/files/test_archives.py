import io
import zipfile
from pathlib import Path

import pytest

from stock_loader.commerceml.files import archives
from stock_loader.commerceml.files.snapshot import Snapshot
from stock_loader.errors import DocumentError


def read(*paths: Path | str) -> list[tuple[str, int, bytes]]:
    """Name (without the folders before it), size and content of each document."""
    with Snapshot([str(path) for path in paths]) as snapshot:
        return [(file.name.rpartition("/")[2], file.size, b"".join(file.chunks())) for file in snapshot.files()]


def archive(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "/"), content)
    return path


def test_archive_gives_its_stock_files_in_natural_order(tmp_path: Path) -> None:
    path = archive(
        tmp_path / "a.zip", **{"webdata__rests_1_10_x.xml": b"10", "webdata__rests_1_9_x.xml": b"9", "import.xml": b"i"}
    )

    assert read(path) == [("rests_1_9_x.xml", 1, b"9"), ("rests_1_10_x.xml", 2, b"10")]


def test_name_of_a_member_says_where_it_is(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", **{"rests.xml": b"1"})

    with Snapshot([str(path)]) as snapshot:
        assert [file.name for file in snapshot.files()] == [f"{path}!rests.xml"]


def test_archive_can_be_read_twice(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", **{"rests.xml": b"1"})

    with Snapshot([str(path)]) as snapshot:
        file = snapshot.files()[0]
        assert (b"".join(file.chunks()), b"".join(file.chunks())) == (b"1", b"1")


def test_archive_without_stock_file_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", **{"import.xml": b"1"})

    with pytest.raises(DocumentError, match=r"a\.zip: no stock file in it: expected rests"):
        read(path)


def test_archive_in_archive_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", **{"rests.xml": b"1", "more.zip": b"PK"})

    with pytest.raises(DocumentError) as refusal:
        read(path)

    assert str(refusal.value) == f"{path}: an archive inside the archive: more.zip. Unpack it first."


def test_archive_that_would_unpack_to_far_more_than_it_is_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", **{"rests.xml": b"0" * 5 * 2**20})

    with pytest.raises(DocumentError, match=r"rests\.xml in it is refused: it would unpack to 5242880 bytes"):
        read(path)


def test_archive_with_too_many_members_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBERS", 1)
    path = archive(tmp_path / "a.zip", **{"rests1.xml": b"1", "rests2.xml": b"2"})

    with pytest.raises(DocumentError, match="the archive is too large"):
        read(path)


def test_damaged_member_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", **{"rests.xml": bytes(range(256)) * 50})
    data = bytearray(path.read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(data)

    with pytest.raises(DocumentError, match=r"^cannot be unpacked: "):
        read(path)


def test_member_longer_than_its_directory_says_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", **{"rests.xml": b"1234567890"})
    data = path.read_bytes()
    path.write_bytes(data.replace((10).to_bytes(4, "little"), (5).to_bytes(4, "little")))

    with pytest.raises(DocumentError, match=r"^cannot be unpacked: "):
        read(path)


def test_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", **{"rests.xml": b"1"})
    data = bytearray(path.read_bytes())
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)

    with pytest.raises(DocumentError, match=r"rests\.xml in it is encrypted"):
        read(path)


def test_archive_that_changes_while_being_read_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", **{"rests.xml": b"1" * 10})

    with Snapshot([str(path)]) as snapshot:
        chunks = snapshot.files()[0].chunks()
        next(chunks)
        with path.open("ab") as file:
            file.write(b"x")
        with pytest.raises(DocumentError, match=r"^changed while being read"):
            next(chunks)


def test_one_document_of_an_archive_can_be_named(tmp_path: Path) -> None:
    path = archive(tmp_path / "export.zip", **{"goods__1__rests.xml": b"one", "stock.xml": b"two"})
    assert read(f"{path}!stock.xml") == [("export.zip!stock.xml", 3, b"two")]
    with pytest.raises(DocumentError, match=r"there is no rests.xml in the archive"):
        read(f"{path}!rests.xml")


def test_exclamation_mark_in_the_name_of_a_file_means_nothing(tmp_path: Path) -> None:
    archive(tmp_path / "export.zip", **{"rests.xml": b"packed"})
    (tmp_path / "export.zip!rests.xml").write_bytes(b"plain")
    assert read(tmp_path / "export.zip!rests.xml") == [("export.zip!rests.xml", 5, b"plain")]


class StaleFile(io.FileIO):
    """A file that its server forgot."""

    def readinto(self, _: object) -> int:
        raise OSError(116, "Stale file handle")


def test_archive_in_a_folder_that_its_server_forgot_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive(tmp_path / "v8.zip", **{"rests.xml": b"1"})
    monkeypatch.setattr(Path, "open", lambda self, _: io.BufferedReader(StaleFile(self)))

    with pytest.raises(DocumentError) as failed:
        read(tmp_path)

    assert str(failed.value) == f"{path}: cannot be read: Stale file handle."
