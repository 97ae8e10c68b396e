"""Requests that are refused: nothing of them is kept."""

from collections.abc import Callable

import pytest

from tests.stock_loader.exchange.site import Site
from tests.stock_loader.exchange.stock_files import OLD, stock_file
from tests.stock_loader.upload.browser import Browser
from tests.stock_loader.upload.conftest import configure
from tests.stock_loader.upload.test_upload import uploaded_files

Browse = Callable[[str], Browser]
PAGES = ("add/", "1/change/", "1/load/", "")


@pytest.fixture(autouse=True)
def nothing_is_kept(site: Site) -> object:
    configure(site, START_WORKER=False, MAX_MIB=1)
    yield
    assert site.query("SELECT 1 FROM stock_upload_upload") == []
    assert list((site.folder / "uploads").glob("[0-9a-f]*")) == []
    assert (site.stock(), site.loads()) == (OLD, [])


@pytest.mark.parametrize("size", [1024 * 1024 + 1, 3 * 1024 * 1024])
def test_files_that_are_too_large_together_are_told(size: int, browse: Browse) -> None:
    page = browse("keeper").send(("rests.xml", stock_file()), ("big.xml", b"x" * size))
    assert "the files are larger than 1 MiB together (MAX_MIB)." in page.words
    assert page.status == 200


def test_no_file_and_a_form_that_was_cut_off_are_told(browse: Browse) -> None:
    browser = browse("keeper")
    assert "choose a file." in browser.send().words
    page = browser.send(("rests.xml", stock_file()), is_whole=False)
    assert "the files did not arrive whole; send them again." in page.words


def test_form_without_its_token_is_refused(browse: Browse) -> None:
    browser = browse("root")
    assert browser.send(("rests.xml", stock_file()), token="").status == 403
    assert browser.send(("rests.xml", stock_file()), token="x" * 64).status == 403
    assert browser.get("/admin/stock_upload/upload/1/load/").status == 405


def test_user_without_the_right_sees_and_does_nothing(site: Site, browse: Browse) -> None:
    guest = browse("guest")
    assert {guest.get(f"/admin/stock_upload/upload/{page}").status for page in ("add/", "1/change/", "")} == {403}
    assert guest.send(("rests.xml", stock_file()), token=guest.token("/admin/password_change/")).status == 403
    assert uploaded_files(site) == []
