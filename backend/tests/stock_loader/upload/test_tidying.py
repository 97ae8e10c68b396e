"""What is removed by itself, by the next process that loads."""

import os
import time

from tests.stock_loader.exchange.site import Site
from tests.stock_loader.exchange.stock_files import OLD, stock_file
from tests.stock_loader.upload.browser import Browser
from tests.stock_loader.upload.conftest import configure, state
from tests.stock_loader.upload.test_upload import uploaded_files


def test_old_files_and_folders_of_which_no_row_tells_are_removed(site: Site) -> None:
    configure(site, START_WORKER=False)
    browser = Browser(site, "keeper")
    browser.send(("rests.xml", stock_file()))
    left_over = site.folder / "uploads" / "left-over-of-a-request"
    left_over.mkdir()
    long_ago = time.time() - 2 * 24 * 3600
    os.utime(left_over, (long_ago, long_ago))
    site.manage("upload_worker", "--until-idle")
    assert not left_over.exists()
    assert (state(site), uploaded_files(site)) == ("previewed", [".changes.jsonl", "rests.xml"])

    configure(site, START_WORKER=False, KEEP_HOURS=0)
    site.manage("upload_worker", "--until-idle")
    assert (state(site), uploaded_files(site)) == ("removed", [])

    configure(site, START_WORKER=False, KEEP_DAYS=0)
    site.manage("upload_worker", "--until-idle")
    assert site.query("SELECT 1 FROM stock_upload_upload") == []
    assert site.stock() == OLD


def test_long_log_begins_anew_and_the_last_one_is_kept(site: Site) -> None:
    configure(site, START_WORKER=False)
    folder = site.folder / "uploads"
    folder.mkdir(mode=0o700)
    (folder / "worker.log").write_text("a line\n" * 200_000)
    site.manage("upload_worker", "--until-idle")
    assert (folder / "worker.log").read_text() == ""
    assert (folder / "worker.log.1").stat().st_size == 1_400_000


def test_load_from_cron_imports_no_page(site: Site) -> None:
    code = (
        "import sys; import stock_loader.console.command; "
        "print(sorted(name for name in sys.modules if name.startswith('stock_loader.upload.')))"
    )
    said = site.manage("shell", "--no-imports", "--verbosity", "0", "--command", code)
    assert said.strip() == str([f"stock_loader.upload.{name}" for name in ("abstract", "admin", "apps", "models")])
