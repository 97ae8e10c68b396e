"""Requests that nobody would send: no 500, no traceback, nothing outside of the spool."""

import http.client
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.stock_loader.exchange.onec_client import OnecClient
from tests.stock_loader.exchange.site import Site
from tests.stock_loader.exchange.stock_files import OLD, stock_file

MODES = st.sampled_from(["checkauth", "init", "file", "import", "deactivate", "complete", "query", ""])
NAMES = st.one_of(
    st.sampled_from(
        [b"rests.xml", b"../rests.xml", b"v8.zip", b"a.jpg", b"\xff\xfe", b"\0", b"..", b"%00", b"a" * 3000]
    ),
    st.binary(max_size=40),
)
BODIES = st.one_of(st.none(), st.binary(max_size=200), st.just(stock_file()[:-20]), st.just(b"PK\x03\x04" + b"\0" * 30))
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Authorization": st.sampled_from(
            ["Basic", "Basic !", "Basic Og==", "Basic //79", "Bearer x", "Basic " + "A" * 4000]
        ),
        "Cookie": st.sampled_from(
            ["stock_exchange=", "stock_exchange=\xff", "stock_exchange=x; stock_exchange=y", ";;="]
        ),
        "X-Forwarded-For": st.sampled_from(["1.2.3.4", "x" * 2000, ",,", "::1"]),
        "Content-Type": st.sampled_from(
            ["multipart/form-data; boundary=x", "application/json", "", "text/xml; charset=nix"]
        ),
        "Content-Encoding": st.just("gzip"),
    },
)


@pytest.fixture
def known(site: Site) -> OnecClient:
    client = site.client()
    client.check_auth()
    return client


REQUESTS = st.fixed_dictionaries(
    {
        "method": st.sampled_from(["GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE"]),
        "kind": st.sampled_from([b"catalog", b"sale", b"", b"\xff", b"a" * 500]),
        "mode": MODES,
        "name": NAMES,
        "body": BODIES,
        "headers": HEADERS,
    }
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=REQUESTS)
def test_no_request_ends_in_an_error_of_the_server(site: Site, known: OnecClient, sent: dict[str, Any]) -> None:
    query = f"type={quote_from_bytes(sent['kind'])}&mode={sent['mode']}&filename={quote_from_bytes(sent['name'])}"
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    connection.request(sent["method"], f"{known.path}?{query}", sent["body"], known.headers() | sent["headers"])
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    assert answer.status < 500
    assert b"Traceback" not in text
    if answer.status == 200 and text:
        assert text.split(b"\n")[0] in {b"success", b"failure", b"progress"} or text.startswith(b"zip=")
    assert {path.name for path in site.folder.iterdir()} == {"spool", "seed.xml", "settings.json"}
    assert site.stock() == OLD
