import os
import stat
from pathlib import Path

import pytest

from stock_loader.reports.replaced_file import ReplacedFile


def replace(path: Path, content: bytes, mode: int | None = None) -> None:
    with ReplacedFile(path, mode=mode) as file:
        file.stream.write(content)
        file.publish()


def test_published_file_replaces_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")

    replace(path, b"new")

    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_others_see_the_old_file_until_it_is_published(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")

    with ReplacedFile(path) as file:
        file.stream.write(b"new")
        file.complete()
        seen = path.read_bytes()
        temporary = next(other for other in tmp_path.iterdir() if other != path)
        assert stat.S_IMODE(temporary.stat().st_mode) == 0o600

    assert (seen, path.read_bytes(), list(tmp_path.iterdir())) == (b"old", b"old", [path])
    assert (temporary.name[:3], temporary.suffix) == (".a.", ".tmp")


def test_error_on_the_way_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def fail_on_the_way() -> None:
        with ReplacedFile(path) as file:
            file.stream.write(b"new")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_on_the_way()

    assert (path.read_bytes(), list(tmp_path.iterdir())) == (b"old", [path])


def test_mode_is_that_of_new_files_or_the_one_asked_for(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        replace(tmp_path / "usual", b"")
        replace(tmp_path / "chosen", b"", mode=0o644)
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)

    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("usual", "chosen")]
    assert modes == [0o640, 0o644]


def test_link_is_followed(tmp_path: Path) -> None:
    target = tmp_path / "folder" / "target"
    target.parent.mkdir()
    target.write_bytes(b"old")
    link = tmp_path / "link"
    link.symlink_to(target)

    replace(link, b"new")

    assert (link.is_symlink(), target.read_bytes()) == (True, b"new")


def test_name_as_long_as_a_name_may_be(tmp_path: Path) -> None:
    path = tmp_path / ("я" * 124 + ".jsonl")
    replace(path, b"new")
    assert path.read_bytes() == b"new"


def make_loop(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, make_loop])
def test_what_is_no_file_is_an_os_error(make: object, tmp_path: Path) -> None:
    path = tmp_path / "a"
    make(path)  # type: ignore[operator]

    with pytest.raises(OSError, match=r"not a regular file|symbolic links"):
        ReplacedFile(path)

    assert list(tmp_path.iterdir()) == [path]


def test_missing_folder_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        ReplacedFile(tmp_path / "missing" / "a")
