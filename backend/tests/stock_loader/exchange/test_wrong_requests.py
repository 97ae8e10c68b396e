"""Requests out of order, names that climb, bad archives, a full spool: each is told, and nothing is loaded."""

import io
import zipfile
from collections.abc import Callable

import pytest

from tests.stock_loader.exchange.onec_client import ExchangeFailedError, packed_files
from tests.stock_loader.exchange.site import Site
from tests.stock_loader.exchange.stock_files import NEW, OLD, stock_file


@pytest.mark.parametrize("calls", [["import"], ["complete"], ["deactivate"], ["init", "init", "import"]])
def test_requests_out_of_order_change_nothing(site: Site, calls: list[str]) -> None:
    client = site.client()
    client.check_auth()
    answers = [client.call(mode, filename="rests.xml") for mode in calls]
    assert all(answer.startswith(("success", "failure\n", "zip=")) for answer in answers)
    assert (site.stock(), site.loads()) == (OLD, [])


def test_unknown_mode_and_missing_name_are_told(site: Site) -> None:
    client = site.client()
    client.check_auth()
    assert client.call("destroy") == "failure\nmode=destroy is not known here."
    no_name = "failure\nthe request names no file (filename)."
    assert [client.call("file", body=b"x"), client.call("import"), client.call("import", filename="/")] == [no_name] * 3
    assert client.call("import", filename="gone.xml") == (
        "failure\nthe file gone.xml was not received in this session; send it again."
    )


@pytest.mark.parametrize(
    "name",
    [
        *("../../escaped.xml", "..\\..\\escaped.xml", "%2e%2e%2fescaped.xml", "/tmp/escaped.xml", "C:\\escaped.xml"),
        *(
            "esc\0aped.xml",
            "побег.xml",
            "a/" * 200 + "escaped.xml",
            "-rf.xml",
            ".escaped.xml",
            "con.xml",
            "\u202efile.xml",
        ),
    ],
)
def test_name_that_climbs_stays_in_the_spool(site: Site, name: str) -> None:
    client = site.client()
    client.begin()
    client.send_portion({name: stock_file()})
    assert site.stock() == NEW
    site.until(lambda: {path.name for path in site.spool.iterdir()} <= {"worker.lock", "worker.log"})
    assert {path.name for path in site.folder.iterdir()} == {"spool", "seed.xml", "settings.json"}


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rests.xml", b" " * 50_000_000)
    return buffer.getvalue()


def encrypted() -> bytes:
    content = bytearray(packed_files({"rests.xml": stock_file()}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("archive", "told"),
    [
        (packed_files({"rests.xml": stock_file()})[:-30], "zip"),
        (packed_files({"rests.xml": stock_file()}).replace(b"PK\x03\x04", b"PK\x03\x05"), "unpacked"),
        (encrypted(), "encrypted"),
        (packed_files({"rests.xml": stock_file(), "inner.zip": packed_files({"rests.xml": b""})}), "archive inside"),
        (bomb(), "would unpack to"),
        (b"no archive", "zip"),
        (b"", "zip"),
    ],
    ids=["cut off", "damaged", "encrypted", "nested", "bomb", "text", "empty"],
)
def test_bad_archive_is_told_and_loads_nothing(site: Site, archive: bytes, told: str) -> None:
    client = site.client()
    client.begin()
    client.send("v8_1.zip", archive)
    with pytest.raises(ExchangeFailedError) as failed:
        client.have_imported("rests.xml")
    assert str(failed.value).startswith("failure\n")
    assert told in str(failed.value)
    assert site.stock() == OLD


def test_spool_over_its_quota_takes_nothing_more(site_with: Callable[..., Site]) -> None:
    site = site_with(QUOTA_MIB=1)
    client = site.client()
    client.begin()
    client.demand("file", body=b"x" * 900_000, filename="a.xml")
    for size in (900_000, 20_000_000):  # a client that sends on must be able to read the answer
        answer = client.call("file", body=b"x" * size, filename="b.xml")
        assert answer == "failure\nthe exchange's folder would hold more than 1 MiB (QUOTA_MIB)."
    client.exchange({"small/rests.xml": stock_file()})
    assert site.stock() == NEW
