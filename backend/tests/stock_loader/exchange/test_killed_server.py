"""The web server dies within a request, and 1C begins anew: all old or all new, nothing twice."""

import os
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.stock_loader.exchange.onec_client import ExchangeFailedError, OnecClient
from tests.stock_loader.exchange.site import Site, server_of
from tests.stock_loader.exchange.stock_files import NEW, OLD, stock_file

EXCHANGE = "stock_loader.exchange"
Serve = Callable[..., Site]

POINTS = {
    "checkauth: the session is there": ("import", "views", "signed_in", OLD),
    "init": ("import", "views", "initialized", OLD),
    "file: nothing is written": ("import", "receiving", "append", OLD),
    "file: all is written, nothing counts": ("import", "receiving", "_end", OLD),
    "import: nothing is noted": ("import", "views", "ask_for_import", OLD),
    "import: noted, nobody loads": ("import", "views", "ensure_worker", OLD),
    "import: it is being loaded": ("import", "views", "answer_for", NEW),
    "complete: half is noted": ("complete", "snapshots", "_snapshot", OLD),
    "complete: it is being loaded": ("complete", "views", "answer_for", NEW),
}


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_server_killed_within_a_request_loses_and_doubles_nothing(site_with: Serve, point: str) -> None:
    when, module, function, stock = POINTS[point]
    site = site_with(WHEN=when)
    own = Site(site.folder, site.database_url)
    with server_of(
        own, application=f'tests.stock_loader.exchange.held_wsgi:at("{EXCHANGE}.{module}", "{function}")'
    ) as (server):
        killer = threading.Thread(target=kill_when_reached, args=(site, server.pid))
        killer.start()
        with pytest.raises(ConnectionError):
            own.client("new").exchange({"rests.xml": stock_file()})
        killer.join()
    site.until(lambda: site.stock() == stock)
    sold = 3 if stock == NEW else 0
    site.query(f"UPDATE products_product SET stock_quantity = stock_quantity - {sold} WHERE onec_id = 'p3'")
    site.client("new").exchange({"rests.xml": stock_file()})
    site.until(lambda: site.stock() == NEW | {"p3": NEW["p3"] - sold})
    assert site.loads().count("completed") == 1


def kill_when_reached(site: Site, leader: int) -> None:
    """Kill the server when a request has come to the point."""
    reached = site.folder / "reached"
    with suppress(AssertionError):
        site.until(reached.exists)
    os.killpg(leader, signal.SIGKILL)
    reached.unlink(missing_ok=True)


@pytest.mark.slow
@pytest.mark.parametrize("begins_anew", [False, True], ids=["same session", "new session"])
def test_server_killed_in_the_middle_of_a_body_keeps_nothing_of_it(site_with: Serve, begins_anew: bool) -> None:
    site = site_with()
    own = Site(site.folder, site.database_url)
    first, second = stock_file()[:700], stock_file()[700:] + b"\n" * 3_000_000
    with server_of(own) as server:
        client = own.client("new")
        client.begin()
        client.demand("file", body=first, filename="rests.xml")
        with half_sent(client, second):
            (kept,) = site.spool.glob("*rests.xml")
            site.until(lambda: kept.stat().st_size > len(first))
            os.killpg(server.pid, signal.SIGKILL)
    client.port = site.port
    with pytest.raises(ExchangeFailedError, match="did not arrive whole"):
        client.have_imported("rests.xml")
    if begins_anew:
        client.begin()
        client.send("rests.xml", first)
    client.demand("file", body=second, filename="rests.xml")
    client.have_imported("rests.xml")
    assert (site.stock(), site.loads()) == (NEW, ["completed"])


def half_sent(client: OnecClient, part: bytes) -> socket.socket:
    """Send the larger half of a part; return the line, which stays open."""
    headers = "".join(f"{key}: {value}\r\n" for key, value in client.headers().items())
    head = f"POST {client.address('file', filename='rests.xml')} HTTP/1.1\r\nHost: localhost\r\n{headers}"
    line = socket.create_connection(("127.0.0.1", client.port), timeout=60)
    line.sendall(f"{head}Content-Length: {len(part)}\r\n\r\n".encode() + part[: len(part) * 2 // 3])
    return line
