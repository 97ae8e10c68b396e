import fcntl
import os
import resource
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from stock_loader.exchange.protocol import RefusedRequestError
from stock_loader.exchange.spool import CutRequestError, Spool, stored_name
from stock_loader.exchange.spool import append as append_to

CONTENT = b"0123456789"


def append(spool: Spool, stored_as: str, chunks: Iterable[bytes], *, offset: int, expected: int | None) -> int:
    with spool.opened(stored_as) as descriptor:
        return append_to(descriptor, chunks, offset=offset, expected=expected)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(str(tmp_path / "spool"))


def test_spool_is_made_private(spool: Spool) -> None:
    assert spool.folder.stat().st_mode & 0o777 == 0o700
    append(spool, "1-a.xml", [CONTENT], offset=0, expected=10)
    assert spool.path("1-a.xml").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
def test_spool_that_others_can_enter_is_refused(tmp_path: Path, mode: int) -> None:
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool").chmod(mode)
    with pytest.raises(RefusedRequestError, match="0700"):
        Spool(str(tmp_path / "spool"))


def test_link_in_place_of_the_spool_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir(mode=0o700)
    (tmp_path / "spool").symlink_to(tmp_path / "other")
    with pytest.raises(RefusedRequestError, match="0700"):
        Spool(str(tmp_path / "spool"))


def test_link_in_place_of_a_file_is_not_followed(spool: Spool, tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"untouched")
    spool.path("1-a.xml").symlink_to(tmp_path / "victim")
    with pytest.raises(RefusedRequestError):
        append(spool, "1-a.xml", [CONTENT], offset=0, expected=10)
    assert (tmp_path / "victim").read_bytes() == b"untouched"


@pytest.mark.parametrize("cut", range(10))
def test_fragment_cut_at_any_byte_is_not_there(spool: Spool, cut: int) -> None:
    append(spool, "1-a.xml", [CONTENT], offset=0, expected=10)
    with pytest.raises(CutRequestError):
        append(spool, "1-a.xml", [CONTENT[:cut]], offset=10, expected=10)
    assert append(spool, "1-a.xml", [b"abc"], offset=10, expected=3) == 13
    assert spool.path("1-a.xml").read_bytes() == CONTENT + b"abc"


def test_line_that_breaks_while_it_is_read_leaves_nothing(spool: Spool) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise OSError("client is gone")

    append(spool, "1-a.xml", [CONTENT], offset=0, expected=10)
    with pytest.raises(CutRequestError):
        append(spool, "1-a.xml", broken(), offset=10, expected=10)
    assert spool.path("1-a.xml").read_bytes() == CONTENT


def test_bytes_behind_the_known_length_are_written_over(spool: Spool) -> None:
    append(spool, "1-a.xml", [CONTENT, b"of a process that was killed"], offset=0, expected=None)
    assert append(spool, "1-a.xml", [b"abc"], offset=10, expected=3) == 13
    assert spool.path("1-a.xml").read_bytes() == CONTENT + b"abc"


def test_file_shorter_than_what_is_known_of_it_is_refused(spool: Spool) -> None:
    append(spool, "1-a.xml", [CONTENT], offset=0, expected=10)
    with pytest.raises(RefusedRequestError, match="send it again"):
        append(spool, "1-a.xml", [b"abc"], offset=11, expected=3)


def test_second_request_for_the_same_file_is_refused(spool: Spool) -> None:
    def while_another_comes() -> Iterator[bytes]:
        another = spool.opened("1-a.xml", wait_seconds=0.2)
        with pytest.raises(RefusedRequestError, match="another request"):
            another.__enter__()
        yield b"a"

    assert append(spool, "1-a.xml", while_another_comes(), offset=0, expected=1) == 1


def test_no_room_is_told_and_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    code = (
        "import resource, sys\n"
        "from stock_loader.exchange.spool import Spool, append\n"
        "from stock_loader.exchange.protocol import RefusedRequestError\n"
        f"spool = Spool({str(tmp_path / 'spool')!r})\n"
        "with spool.opened('1-a') as file: append(file, [b'x' * 1000], offset=0, expected=1000)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))\n"
        "try:\n    with spool.opened('1-a') as f: append(f, [b'y' * 4096] * 2, offset=1000, expected=8192)\n"
        "except RefusedRequestError as error: print(error)\n"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "DJANGO_LANGUAGE_CODE": "en"}
    done = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()\n" + code],
        cwd=Path(__file__).resolve().parents[3],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("there is no room for the file on the shop's disk.\n", "")
    assert (tmp_path / "spool" / "1-a").read_bytes() == b"x" * 1000
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 5000


@pytest.mark.parametrize(
    ("key", "stored"),
    [
        ("rests.xml", "7-rests.xml"),
        ("webdata/goods/1/rests___ab.xml", "7-rests___ab.xml"),
        ("../../etc/passwd", "7-passwd"),
        ("c:/v8_1.zip", "7-v8_1.zip"),
        ("остатки.xml", "7-_.xml"),
        ("..", "7-file"),
        ("a" * 300 + ".xml", "7-" + "a" * 56 + ".xml"),
        ("-rf", "7-rf"),
    ],
)
def test_stored_name_is_our_own(key: str, stored: str) -> None:
    assert stored_name(7, key) == stored


def test_disk_that_fails_is_no_line_that_broke() -> None:
    """The kernel refuses every byte of this file, for another reason than that there is no room."""
    descriptor = os.memfd_create("spool", os.MFD_ALLOW_SEALING)
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW)
    with pytest.raises(PermissionError):
        append_to(descriptor, [CONTENT], offset=0, expected=10)
    os.close(descriptor)
