"""Exchanges that break: after each the stock is all old or all new, nothing came twice, and a line says what to do."""

import os
import signal
import time
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from tests.stock_loader.exchange.onec_client import OnecClient
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
@pytest.mark.parametrize("kind", ["new", *(pytest.param(kind, marks=pytest.mark.sqlite) for kind in ("old", "small"))])
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
