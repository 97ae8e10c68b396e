"""Whole exchanges with a real server, by each kind of client."""

import urllib.request
from collections.abc import Callable

import pytest

from tests.stock_loader.exchange.onec_client import KINDS, ExchangeFailedError, packed_files
from tests.stock_loader.exchange.site import Site
from tests.stock_loader.exchange.stock_files import CATALOGUE, NEW, OFFERS_WITHOUT_STOCK, OLD, stock_file


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "zip"])
def test_exchange_of_each_client_loads_the_stock(site: Site, kind: str, packed: bool) -> None:
    files = {"import0_1.xml": CATALOGUE, "rests0_1.xml": stock_file()}
    site.client(kind).exchange(files, packed=packed)
    assert site.stock() == NEW
    assert site.loads() == ["completed"]


def test_file_in_fragments_is_put_together(site: Site) -> None:
    client = site.client()
    client.begin()
    client.file_limit = 97
    client.send("rests.xml", stock_file())
    client.have_imported("rests.xml")
    assert site.stock() == NEW


def test_refused_file_is_told_in_one_line_with_the_session(site: Site) -> None:
    with pytest.raises(ExchangeFailedError) as failed:
        site.client().exchange({"rests.xml": stock_file()[:-40]})
    assert str(failed.value).startswith("failure\nrests.xml: ")
    assert "(session #" in str(failed.value)
    assert str(failed.value).count("\n") == 1
    assert set(site.stock().values()) == {5}
    assert site.loads() == ["failed"]


def test_repeated_import_gets_the_stored_result_and_sales_stand(site: Site) -> None:
    client = site.client()
    client.begin()
    client.send_portion({"rests.xml": stock_file()})
    site.query("UPDATE products_product SET stock_quantity = stock_quantity - 1 WHERE onec_id = 'p3'")
    client.have_imported("rests.xml")
    assert site.stock() == NEW | {"p3": 12}
    assert site.loads() == ["completed"]


def test_file_sent_again_after_a_lost_answer_changes_nothing(site: Site) -> None:
    site.client().exchange({"rests.xml": stock_file()})
    site.query("UPDATE products_product SET stock_quantity = stock_quantity - 1 WHERE onec_id = 'p3'")
    site.client().exchange({"rests.xml": stock_file()})
    assert site.stock() == NEW | {"p3": 12}
    assert site.loads() == ["completed", "skipped"]


def test_other_files_and_pictures_are_taken_and_dropped(site: Site) -> None:
    client = site.client("new")
    client.begin()
    client.send("import_files/ab/1.jpg", b"\xff\xd8 picture")
    client.send_portion({"import0_1.xml": CATALOGUE, "prices.txt": b"no document at all"})
    assert (site.loads(), set(site.stock().values())) == ([], {5})
    site.until(lambda: not list(site.spool.glob("*import0_1*")))


def test_offers_without_quantities_are_taken_beside_the_rests(site: Site) -> None:
    site.client().exchange({"offers0_1.xml": OFFERS_WITHOUT_STOCK, "rests0_1.xml": stock_file()})
    assert site.stock() == NEW
    with pytest.raises(ExchangeFailedError, match="none of its 1 offers has a quantity"):
        site.client().exchange({"rests0_2.xml": OFFERS_WITHOUT_STOCK})


def test_members_of_one_name_in_two_archives_are_two_imports(site: Site) -> None:
    client = site.client("new")
    client.begin()
    later = stock_file({"p0": 1}, date="2026-01-15T03:00:01")
    for number, content in enumerate((stock_file(), later)):
        client.send(f"v8_{number}.zip", packed_files({"1/rests.xml": content}))
        client.have_imported("1\\rests.xml")
    client.have_imported("1/rests.xml")
    assert site.stock() == NEW | {"p0": 1}
    assert site.loads() == ["completed", "completed"]


def test_member_asked_for_before_another_ended_is_loaded_too(site_with: Callable[..., Site]) -> None:
    site = site_with(START_WORKER=False, ANSWER_SECONDS=0)
    client = site.client("new")
    client.begin()
    other = stock_file({"p1": 3}, date="2026-01-15T03:00:01")
    client.send("v8.zip", packed_files({"rests_1.xml": stock_file({"p0": 7}), "rests_2.xml": other}))
    assert [client.call("import", filename=f"rests_{number}.xml")[:8] for number in (1, 2)] == ["progress"] * 2
    site.manage("exchange_worker", "--until-idle")
    assert site.stock() == OLD | {"p0": 7, "p1": 3}


def test_client_that_keeps_cookies_need_not_read_the_lines(site: Site) -> None:
    client = site.client()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    address = f"http://127.0.0.1:{site.port}{client.address('checkauth')}"
    with opener.open(urllib.request.Request(address, headers=client.headers())) as answer:
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith(f"stock_exchange={answer.read().decode().splitlines()[2]};")
    assert {"HttpOnly", "Secure", "SameSite=Strict"} <= set(cookie.split("; "))


def test_missing_products_keep_their_stock_whatever_the_file_says(site: Site) -> None:
    site.client().exchange({"rests.xml": stock_file({"p0": 7})})
    assert site.stock() == OLD | {"p0": 7}


def test_two_exchanges_at_once_do_not_touch_each_other(site: Site) -> None:
    first, second = site.client(name="first"), site.client(name="second")
    content = stock_file()
    first.begin()
    second.begin()
    first.demand("file", body=content[:100], filename="rests.xml")
    second.demand("file", body=stock_file({"p0": 1}, date="2026-01-15T03:00:01"), filename="rests.xml")
    first.demand("file", body=content[100:], filename="rests.xml")
    first.have_imported("rests.xml")
    second.have_imported("rests.xml")
    assert site.stock() == NEW | {"p0": 1}


def test_order_exchange_is_refused_readably_after_signing_in(site: Site) -> None:
    client = site.client()
    assert client.demand("checkauth", type="sale")
    client.check_auth()
    assert client.call("query", type="sale") == "failure\nthis address takes stocks only (type=catalog), not type=sale."


@pytest.mark.parametrize("path", ["/1c_exchange.php", "/1c_exchange", "/1c_exchange/", "/bitrix/admin/1c_exchange.php"])
def test_every_fixed_address_answers_without_a_redirect(site: Site, path: str) -> None:
    client = site.client()
    client.path = path
    client.exchange({"rests.xml": stock_file()})
    assert site.stock() == NEW
