"""The process that loads goes on whatever one import does."""

from collections.abc import Callable

from tests.stock_loader.exchange.onec_client import packed_files
from tests.stock_loader.exchange.site import Site
from tests.stock_loader.exchange.stock_files import CATALOGUE, NEW, stock_file

Serve = Callable[..., Site]


def test_importer_of_the_shop_that_fails_stops_nothing_else(site_with: Serve) -> None:
    site = site_with(START_WORKER=False, ANSWER_SECONDS=0, OTHER_FILES="math.sqrt")
    client = site.client()
    client.begin()
    client.send("import0_1.xml", CATALOGUE)
    client.send("rests.xml", stock_file())
    for name in ("import0_1.xml", "rests.xml"):
        assert client.call("import", filename=name).startswith("progress\n")
    site.manage("exchange_worker", "--until-idle")
    told = client.call("import", filename="import0_1.xml")
    assert told.startswith("failure\nan error in the shop, nothing was loaded: TypeError: ")
    assert client.call("import", filename="rests.xml") == "success"
    assert site.stock() == NEW


def test_pictures_reach_the_importer_of_the_shop(site_with: Serve) -> None:
    site = site_with(START_WORKER=False, ANSWER_SECONDS=0, OTHER_FILES="builtins.print")
    client = site.client()
    client.begin()
    client.send("import_files/a.jpg", b"picture")
    client.send("import0_1.xml", CATALOGUE)
    client.call("import", filename="import0_1.xml")
    said = site.manage("exchange_worker", "--until-idle")
    assert [line.split(" ", 1)[1] for line in said.splitlines()] == ["import_files/a.jpg trade", "import0_1.xml trade"]
    assert not list(site.spool.glob("*.jpg"))


def test_import_that_nobody_loads_is_told(site_with: Serve) -> None:
    site = site_with(START_WORKER=False, ANSWER_SECONDS=0)
    client = site.client()
    client.begin()
    client.send("rests.xml", stock_file())
    assert client.call("import", filename="rests.xml").startswith("progress\n")
    site.query("UPDATE stock_exchange_stockimport SET created_at = '2026-01-01'")
    told = "failure\nthe process that loads is not running (exchange_worker); the file waits for it."
    assert client.call("import", filename="rests.xml") == told
    site.manage("exchange_worker", "--until-idle")
    assert client.call("import", filename="rests.xml") == "success"


def test_archive_without_import_is_known_by_what_its_documents_hold(site_with: Serve) -> None:
    site = site_with(START_WORKER=False, IDLE_MINUTES=0)
    client = site.client()
    client.begin()
    client.send("v8.zip", packed_files({"1/data.xml": stock_file(), "2/data.xml": CATALOGUE, "3.xml": b"no XML"}))
    site.manage("exchange_worker", "--until-idle")
    assert (site.stock(), site.loads()) == (NEW, ["completed"])


def test_long_log_is_begun_anew_and_the_old_one_kept(site_with: Serve) -> None:
    site = site_with(START_WORKER=False)
    log = site.spool / "worker.log"
    log.write_bytes(b"x" * 2_000_000)
    site.manage("exchange_worker", "--until-idle")
    assert log.stat().st_size == 0
    assert (site.spool / "worker.log.1").read_bytes() == b"x" * 2_000_000
    (site.spool / "worker.log.1").unlink()


def test_old_requests_without_a_session_are_forgotten(site_with: Serve) -> None:
    site = site_with(START_WORKER=False)
    site.client().call("init")
    site.query("UPDATE stock_exchange_exchangerequest SET at = '2026-01-01'")
    site.manage("exchange_worker", "--until-idle")
    assert site.query("SELECT count(*) FROM stock_exchange_exchangerequest") == [(0,)]
