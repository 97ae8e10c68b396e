"""Exchanges that break: after each the stock is all old or all new, nothing came twice, and a line says what to do."""

import io
import os
import signal
import time
import zipfile
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from tests.stock_loader.exchange.onec_client import KINDS, ExchangeFailedError, OnecClient, packed_files
from tests.stock_loader.exchange.site import Site, end_worker, server_of, worker_processes
from tests.stock_loader.exchange.stock_files import NEW, OLD, stock_file

if TYPE_CHECKING:
    import subprocess

FRAGMENT = 400


def received_bytes(site: Site) -> int:
    return int(site.query("SELECT coalesce(sum(size), 0) FROM stock_exchange_receivedfile")[0][0])


def cut_requests_are(site: Site, count: int) -> bool:
    """Tell whether the server noticed so many requests that did not arrive whole."""
    rows = site.query("SELECT count(*) FROM stock_exchange_exchangerequest WHERE status = 400")
    return bool(rows == [(count,)])


CUTS = [(sent, reset) for sent in (0, 1, 199, FRAGMENT - 1) for reset in (False, True)]


def test_fragments_cut_anywhere_leak_into_nothing(site: Site) -> None:
    content = stock_file()
    client = site.client()
    client.begin()
    whole = cuts = 0
    for start in range(0, len(content), FRAGMENT):
        part = content[start : start + FRAGMENT]
        for sent, reset in CUTS:
            client.send_cut("rests.xml", part, sent=min(sent, len(part) - 1), reset=reset)
        cuts += len(CUTS)
        site.until(partial(cut_requests_are, site, cuts))
        assert received_bytes(site) == whole
        assert client.call("file", body=part, filename="rests.xml") == "success"
        whole += len(part)
        assert received_bytes(site) == whole
    client.have_imported("rests.xml")
    assert site.stock() == NEW
    assert site.loads() == ["completed"]


def test_new_session_after_a_cut_begins_with_nothing(site: Site) -> None:
    content = stock_file()
    cut = site.client()
    cut.begin()
    cut.demand("file", body=content[:FRAGMENT], filename="rests.xml")
    cut.send_cut("rests.xml", content[FRAGMENT : 2 * FRAGMENT], sent=100)
    site.client().exchange({"rests.xml": content})
    assert site.stock() == NEW
    assert site.loads() == ["completed"]


def test_file_that_did_not_arrive_whole_is_not_imported(site: Site) -> None:
    client = site.client()
    client.begin()
    client.demand("file", body=stock_file()[:FRAGMENT], filename="rests.xml")
    client.send_cut("rests.xml", b"x" * FRAGMENT, sent=10)
    site.until(lambda: not site.query("SELECT is_whole FROM stock_exchange_receivedfile")[0][0])
    answer = client.call("import", filename="rests.xml")
    assert answer == "failure\nthe file rests.xml did not arrive whole; send it again."
    assert (site.stock(), site.loads()) == (OLD, [])


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
    answer = client.call("file", body=b"x" * 900_000, filename="b.xml")
    assert answer == "failure\nthe exchange's folder would hold more than 1 MiB (QUOTA_MIB)."
    client.exchange({"small/rests.xml": stock_file()})
    assert site.stock() == NEW


def test_worker_that_is_killed_is_replaced_and_loads_once(site: Site) -> None:
    client = site.client()
    client.begin()
    client.send("rests.xml", stock_file())
    site.until(lambda: worker_processes(site))
    end_worker(site)
    client.have_imported("rests.xml")
    assert site.stock() == NEW
    assert site.loads()[-1] == "completed"


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_server_killed_after_any_request_loses_and_doubles_nothing(site: Site, kind: str) -> None:
    """The client gives its session up and begins anew, as the real ones do; the last round ends without a kill."""
    site.configure(FILE_LIMIT=2 * FRAGMENT)
    own = Site(site.folder, site.database_url)
    content = stock_file()
    fewest_requests = 2 + len(content) // (2 * FRAGMENT)  # `checkauth`, the fragments, `import`
    for requests in count(1):
        is_over = exchange_with_a_server_killed_after(requests, own, kind, content)
        site.client(kind).exchange({"rests.xml": content})
        assert site.stock() == NEW, requests
        assert site.loads().count("completed") == 1, requests
        site.reset()
        if is_over:
            assert requests > fewest_requests
            return


class KilledError(Exception):
    """The server is gone."""


def exchange_with_a_server_killed_after(requests: int, site: Site, kind: str, content: bytes) -> bool:
    """Send the file to a server that is killed when it has answered so many requests; tell whether those were all."""
    with server_of(site) as server:
        client = MortalClient(site, kind, server=server, requests_left=requests)
        try:
            client.exchange({"rests.xml": content})
        except KilledError:
            return False
        return True


class MortalClient(OnecClient):
    """A client that kills its server in place of a further request."""

    def __init__(self, site: Site, kind: str, *, server: "subprocess.Popen[bytes]", requests_left: int) -> None:
        known = site.client(kind)
        super().__init__(known.port, known.name, known.password, kind, file_limit=2 * FRAGMENT)
        self._server = server
        self._requests_left = requests_left

    def request(self, mode: str, **more: Any) -> tuple[int, str]:
        if not self._requests_left:
            os.killpg(self._server.pid, signal.SIGKILL)
            raise KilledError
        self._requests_left -= 1
        return super().request(mode, **more)


def test_load_goes_on_when_the_server_is_restarted(site_with: Callable[..., Site]) -> None:
    site = site_with()
    own = Site(site.folder, site.database_url)
    with server_of(own) as server:
        client = own.client()
        client.begin()
        client.send("rests.xml", stock_file())
        client.call("import", filename="rests.xml")
        os.killpg(server.pid, signal.SIGKILL)
    site.until(lambda: site.stock() == NEW)
    client.port = site.port
    client.have_imported("rests.xml")
    assert site.loads() == ["completed"]


def test_files_without_import_are_loaded_after_idle_minutes(site_with: Callable[..., Site]) -> None:
    site = site_with(IDLE_MINUTES=0.02)
    client = site.client()
    client.begin()
    client.send("rests.xml", stock_file())
    site.until(lambda: site.stock() == NEW)
    time.sleep(0.1)
    assert client.call("import", filename="rests.xml") == "success"
    assert site.loads()[0] == "completed"
