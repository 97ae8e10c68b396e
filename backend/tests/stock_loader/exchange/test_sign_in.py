"""Who may send, and what those are told who may not."""

import http.client
from collections.abc import Callable

from tests.stock_loader.exchange.onec_client import OnecClient
from tests.stock_loader.exchange.site import Site
from tests.stock_loader.exchange.stock_files import NEW, OLD, stock_file

WRONG = "failure\nwrong user or password."


def test_wrong_password_and_unknown_user_are_told_alike(site: Site) -> None:
    known = site.client()
    for client in (OnecClient(site.port, known.name, "wrong"), OnecClient(site.port, "nobody", known.password)):
        assert client.request("checkauth") == (401, WRONG)


def test_header_that_did_not_arrive_is_told_apart(site: Site) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    connection.request("GET", "/1c_exchange.php?type=catalog&mode=checkauth", headers={"X-Forwarded-Proto": "https"})
    answer = connection.getresponse()
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    text = "failure\nno credentials arrived: let the web server pass the Authorization header on."
    assert answer.read().decode() == text


def test_request_without_a_session_or_with_a_guessed_one_is_refused(site: Site) -> None:
    client = site.client()
    over = "failure\nthe session is not known or is over; begin the exchange anew."
    assert client.call("file", body=stock_file(), filename="rests.xml") == over
    client.cookie = "stock_exchange=1"
    assert client.call("import", filename="rests.xml") == over


def test_session_of_another_user_is_refused(site: Site) -> None:
    first, second = site.client(name="first"), site.client(name="second")
    first.check_auth()
    second.cookie = first.cookie
    assert second.call("file", body=stock_file(), filename="rests.xml") == (
        "failure\nthe session belongs to another user."
    )


def test_key_of_a_session_is_not_in_the_database(site: Site) -> None:
    client = site.client()
    client.check_auth()
    key = client.cookie.partition("=")[2]
    stored = site.query("SELECT key_digest FROM stock_exchange_exchangesession")
    assert key not in str(stored)
    assert key not in str(site.query("SELECT answer FROM stock_exchange_exchangerequest"))


def test_blocked_user_is_refused_and_a_renewed_one_has_another_password(site: Site) -> None:
    client = site.client(name="leaving")
    site.manage("exchange_user", "leaving", "--block")
    assert client.call("checkauth") == WRONG
    password = site.make_user("leaving")
    assert client.call("checkauth") == WRONG
    client.password = password
    assert client.demand("checkauth")


def test_session_ends_when_its_user_is_blocked_or_renewed(site: Site) -> None:
    over = "failure\nthe session is not known or is over; begin the exchange anew."
    client = site.client(name="leaver")
    client.check_auth()
    site.make_user("leaver")
    assert client.call("init") == over
    client = site.client(name="leaver")
    client.check_auth()
    site.query("UPDATE stock_exchange_exchangeuser SET is_active = NOT is_active WHERE name = 'leaver'")
    assert client.call("init") == over
    site.make_user("leaver")


def test_requests_without_credentials_lock_nobody_out(site: Site) -> None:
    """Some clients send theirs only when they are asked for them."""
    client, nobody = site.client(), OnecClient(site.port, "", "")
    nobody.headers = lambda: {"X-Forwarded-Proto": "https"}  # type: ignore[method-assign]
    assert {nobody.request("checkauth")[0] for _ in range(25)} == {401}
    assert client.demand("checkauth")


def test_stranger_behind_the_same_proxy_locks_nobody_out(site: Site) -> None:
    client = site.client()
    client.check_auth()
    stranger = OnecClient(site.port, "admin", "wrong")
    assert stranger.call("checkauth") == WRONG
    assert [stranger.call("checkauth") for _ in range(20)][-1].startswith("failure\ntoo many")
    assert client.demand("checkauth")


def test_name_that_no_database_takes_is_told(site: Site) -> None:
    for name in ("a\0b", "я" * 200):
        status, text = OnecClient(site.port, name, "x").request("checkauth")
        assert (status, text) == (401, "failure\nthe credentials cannot be read: Basic is expected.")


def test_user_of_the_shop_needs_the_permission(site: Site) -> None:
    password = "пароль: с двоеточием"
    code = (
        "from django.contrib.auth.models import Permission, User; User.objects.filter(email='1c').delete(); "
        f"anna, olga = (User.objects.create_user(name, '1c', {password!r}) for name in ('anna', 'olga')); "
        "olga.user_permissions.add(Permission.objects.get(codename='send_stocks'))"
    )
    site.manage("shell", "--verbosity", "0", "--command", code)
    assert OnecClient(site.port, "anna", password).call("checkauth") == WRONG
    OnecClient(site.port, "olga", password).exchange({"rests.xml": stock_file()})
    assert site.stock() == NEW


def test_attempts_are_limited_before_the_look_up(site: Site) -> None:
    client, wrong = site.client(), OnecClient(site.port, "trade", "wrong")
    answers = [wrong.call("checkauth") for _ in range(21)]
    assert answers[:20] == [WRONG] * 20
    assert answers[20] == "failure\ntoo many failed attempts; try again in ten minutes."
    assert client.call("checkauth") == answers[20]


def test_plain_http_is_refused_unless_it_is_allowed(site: Site, site_with: Callable[..., Site]) -> None:
    def call() -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
        headers = {"Authorization": site.client().headers()["Authorization"]}
        connection.request("GET", "/1c_exchange.php?type=catalog&mode=checkauth", headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode().partition("\nstock")[0]

    assert call() == (403, "failure\nthis address takes requests over HTTPS only.")
    site_with(HTTPS=False)
    assert call() == (200, "success")
    assert site.stock() == OLD
