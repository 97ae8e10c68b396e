"""Stock files uploaded in the admin, by a real server, with what a browser sends."""

import io
import json
import re
import zipfile
from collections.abc import Callable

from tests.documents import offer, rests
from tests.stock_loader.exchange.site import Site
from tests.stock_loader.exchange.stock_files import NEW, OLD, stock_file
from tests.stock_loader.upload.browser import Browser, Page
from tests.stock_loader.upload.conftest import configure, shown, state

Browse = Callable[[str], Browser]


def uploaded_files(site: Site) -> list[str]:
    """The names of what lies in the folder of uploads."""
    return sorted(path.name for path in (site.folder / "uploads").glob("*/*"))


def assert_strict(page: Page) -> None:
    """A page that a strict Content-Security-Policy leaves whole."""
    assert not re.search(r"<script(?![^>]* src=)(?![^>]*type=\"application/json\")|<style|\sstyle=|\son\w+=", page.text)
    assert not re.search(r'(?:src|href|action)="https?://(?!127\.0\.0\.1)', page.text.replace("www.w3.org", ""))


def test_file_is_looked_at_and_loaded_by_a_process_that_requests_start(site: Site, browse: Browse) -> None:
    browser = browse("keeper")
    assert_strict(browser.get("/admin/stock_upload/upload/add/"))
    file = rests(*(offer(onec_id, quantity) for onec_id, quantity in NEW.items()), offer("nobody's", 3)).encode()
    page = browser.send(("Остатки 1.xml", file))
    assert 'http-equiv="refresh"' in page.text
    assert_strict(page)
    page = shown(site, browser, page)
    assert_strict(page)
    assert 'http-equiv="refresh"' not in page.text
    assert "State Looked at Files Остатки 1.xml" in page.words
    assert "Offers read 11 Updated 10 Unchanged 0 Not found 1" in page.words
    assert "The largest changes Product In stock After the load p9 5 19 p8 5 18" in page.words
    assert "nobody's 3 no product with this onec_id or sku" in page.words.replace("&#x27;", "'")
    assert (site.stock(), site.loads()) == (OLD, ["completed"])

    page = shown(site, browser, browser.press(page, "Load"))

    assert "Loaded" in page.words
    assert (site.stock(), uploaded_files(site)) == (NEW, [])
    details = site.query("SELECT details FROM common_importsession ORDER BY id DESC")[0][0]
    details = json.loads(details) if isinstance(details, str) else details
    assert (details["asked_by"], details["dry_run"]) == ("keeper", False)
    session = re.search(r'<dt>Session of the load</dt><dd><a href="([^"]+)">', page.text)
    assert session
    assert "Остатки_1.xml" in browse("root").get(session[1]).words
    listed = browser.get("/admin/stock_upload/upload/")
    assert "Остатки 1.xml" in listed.words
    assert listed.status == 200


def test_several_files_and_a_zip_are_one_snapshot(service: Site, browse: Browse) -> None:
    browser = browse("keeper")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("rests.xml", stock_file({"p0": 1, "p1": 2}))
    files = [
        ("rests.zip", archive.getvalue()),
        ("rests.xml", stock_file({"p2": 3})),
        ("rests.xml", stock_file({"p3": 4})),
    ]
    page = shown(service, browser, browser.send(*files))
    assert "Offers read 4 Updated 4" in page.words
    shown(service, browser, browser.press(page, "Load"))
    assert service.stock() == OLD | {"p0": 1, "p1": 2, "p2": 3, "p3": 4}


def test_limits_are_told_and_pass_only_who_may_force(service: Site, browse: Browse) -> None:
    configure(service, START_WORKER=False, OPTIONS=["--max-changed", "3", "--max-not-found", "0"])
    browser = browse("keeper")
    file = rests(*(offer(onec_id, quantity) for onec_id, quantity in NEW.items()), offer("x", 3)).encode()
    page = shown(service, browser, browser.send(("rests.xml", file)))
    for text in (
        "products that would change: 10, the limit is 3 (--max-changed).",
        "offers without a product: 1, the limit is 0 (--max-not-found).",
        "You have no right to load it in spite of this.",
    ):
        assert text in page.words
    number = service.query("SELECT id, preview_session FROM stock_upload_upload")[0]
    path = f"/admin/stock_upload/upload/{number[0]}/"
    forms = {"seen_on": f"{path}change/", "preview": str(number[1])}
    assert browser.submit(f"{path}load/", **forms, force="1").status == 403
    assert "The limits refuse this." in browser.submit(f"{path}load/", **forms).words
    assert (state(service), service.stock()) == ("previewed", OLD)

    root = browse("root")
    page = shown(service, root, root.press(root.get(f"{path}change/"), "Load in spite of this"))

    assert service.stock() == NEW
    assert "Loaded by root" in page.words


def test_stock_that_changed_since_the_preview_has_a_new_one_made(service: Site, browse: Browse) -> None:
    browser = browse("keeper")
    page = shown(service, browser, browser.send(("rests.xml", stock_file())))
    service.query("UPDATE products_product SET stock_quantity = 4 WHERE onec_id = 'p7'")

    second = shown(service, browser, browser.press(page, "Load"))

    told = "the stock has changed since the preview: changes that would be others than it shows: 1, the limit is 1%"
    assert told in second.words
    assert "p7 4 17" in second.words
    assert service.stock() == OLD | {"p7": 4}
    assert "This is no longer what you saw" in browser.press(page, "Load").words
    assert service.stock() == OLD | {"p7": 4}
    shown(service, browser, browser.press(second, "Load"))
    assert service.stock() == NEW


def test_file_that_changed_since_the_preview_is_not_loaded(service: Site, browse: Browse) -> None:
    browser = browse("keeper")
    page = shown(service, browser, browser.send(("rests.xml", stock_file())))
    (path,) = (service.folder / "uploads").glob("*/rests.xml")
    path.write_bytes(stock_file({"p1": 77}))
    page = shown(service, browser, browser.press(page, "Load"))
    assert "rests.xml is no longer there as it was received; send it again." in page.words
    assert service.stock() == OLD


def test_of_two_uploads_the_second_is_looked_at_anew_when_the_first_was_loaded(service: Site, browse: Browse) -> None:
    one, two = browse("keeper"), browse("root")
    first, second = one.send(("rests.xml", stock_file())), two.send(("rests.xml", stock_file({"p1": 90})))
    first, second = shown(service, one, first), shown(service, two, second)
    first, second = one.press(first, "Load"), two.press(second, "Load")
    assert "Loaded" in shown(service, one, first).words
    second = shown(service, two, second)
    assert "p1 11 90" in second.words
    assert service.stock() == NEW
    shown(service, two, two.press(second, "Load"))
    assert service.stock() == NEW | {"p1": 90}


def test_what_is_no_stock_file_is_told_in_a_line_and_can_be_removed(service: Site, browse: Browse) -> None:
    browser = browse("keeper")
    page = shown(service, browser, browser.send(("<b>photo.xml", b"\x89PNG not a stock file")))
    assert "&lt;b&gt;photo.xml: " in page.text
    assert "Traceback" not in page.text
    assert str(service.folder) not in page.words
    page = browser.press(page, "Remove, do not load")
    assert "Removed, not loaded" in page.words
    assert uploaded_files(service) == []
    assert service.stock() == OLD
