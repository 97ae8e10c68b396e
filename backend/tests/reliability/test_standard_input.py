"""Standard input that is closed, cannot be kept, is an archive or is named twice: one line each."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from apps.common.models import ImportSession
from stock_loader.errors import StockLoadError
from tests.reliability.exports import half, pack
from tests.reliability.shop import OLD, last_message, load, statuses, stock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]
MANAGE = Path(__file__).resolve().parents[3] / "manage.py"


def command(*arguments: str, url: str, **more: object) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_LANGUAGE_CODE": "en"} | dict(more.pop("env", {}))  # type: ignore[call-overload]
    return subprocess.run(
        ["bash", "-c", f'exec "$@" {more.pop("redirected")}', "bash", sys.executable, str(MANAGE), *arguments],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        timeout=60,
    )


def test_closed_standard_input_is_one_line(test_database_url: str) -> None:
    ended = command("load_product_stocks", "--file", "-", url=test_database_url, redirected="<&-")

    assert (ended.returncode, statuses()) == (1, ["failed"])
    assert ended.stderr == (
        "Error during the update: -: standard input is closed. Give it a document, or name a file.\n"
    )


def test_no_folder_for_the_copy_of_standard_input_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(half(0).encode())))

    with pytest.raises(
        StockLoadError, match=r"^-: a copy of standard input cannot be kept: No such file or directory\."
    ):
        load("-")

    assert (stock(), statuses()) == (OLD, ["failed"])


class FullFile(io.BytesIO):
    def write(self, _: object) -> int:
        raise OSError(28, "No space left on device")


def test_full_folder_for_the_copy_of_standard_input_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: FullFile())
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(half(0).encode())))

    with pytest.raises(StockLoadError, match=r"^-: a copy of standard input cannot be kept: No space left on device\."):
        load("-")

    assert (stock(), statuses()) == (OLD, ["failed"])


def test_zip_on_standard_input_is_told_to_be_given_as_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zipped = pack(tmp_path / "v8.zip", {"rests.xml": half(0)})
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(zipped.read_bytes())))

    with pytest.raises(StockLoadError):
        load("-")

    assert last_message() == "-: a zip is not unpacked from standard input. Give it as a file: --file PATH."
    assert (stock(), statuses()) == (OLD, ["failed"])


def test_standard_input_named_twice_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(half(0).encode())))
    with translation.override("en"), pytest.raises(CommandError, match="standard input can be read only once"):
        call_command("load_product_stocks", "--file", "-", "-", stdout=io.StringIO())
    assert ImportSession.objects.get().status == "failed"
