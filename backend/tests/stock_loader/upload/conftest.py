"""The site as the tests of the upload need it: four users, and a process that loads, as a service or from requests."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.stock_loader.exchange.site import PROJECT, Site, end_worker
from tests.stock_loader.upload.browser import Browser, Page

USERS = """
from django.contrib.auth.models import Permission, User
User.objects.filter(username__in=["root", "keeper", "viewer", "guest"]).delete()
User.objects.create_superuser("root", password="root")
keeper = User.objects.create_user("keeper", password="keeper", is_staff=True)
keeper.user_permissions.add(Permission.objects.get(codename="load_stocks"))
viewer = User.objects.create_user("viewer", password="viewer", is_staff=True)
viewer.user_permissions.add(Permission.objects.get(codename="view_stockload"))
User.objects.create_user("guest", password="guest", is_staff=True)
"""


@pytest.fixture(autouse=True)
def speaks_english(english: None) -> None:
    """Have all tests of this folder speak English."""


def configure(site: Site, **settings: object) -> None:
    """Give the upload these settings and no others; the undo starts its process as the upload does."""
    undo = {"START_WORKER": settings.get("START_WORKER", True)}
    for name, given in {"upload": settings, "undo": undo}.items():
        new = site.folder / f"{name}.new"
        new.write_text(json.dumps({"FOLDER": str(site.folder / f"{name}s")} | given), encoding="utf-8")
        new.replace(site.folder / f"{name}.json")


@pytest.fixture(scope="session")
def site_with_users(made_site: Site) -> Site:
    made_site.manage("shell", "--verbosity", "0", "--command", USERS)
    return made_site


@pytest.fixture
def site(site_with_users: Site) -> Iterator[Site]:
    """The site; every product has 5, nothing was uploaded yet, and requests start what loads."""
    site = site_with_users
    configure(site)
    for table, folder in {"stock_upload_upload": "uploads", "stock_pages_stockundo": "undos"}.items():
        site.query(f"DELETE FROM {table}")
        shutil.rmtree(site.folder / folder, ignore_errors=True)
    site.query("DELETE FROM stock_loader_journalpage")
    site.reset()
    yield site
    end_worker(site)


@pytest.fixture
def service(site: Site) -> Iterator[Site]:
    """The site; what loads runs as a service, which spares the tests its start."""
    configure(site, START_WORKER=False)
    command = [sys.executable, "-m", "django", "upload_worker"]
    with subprocess.Popen(command, env=site.environment, cwd=PROJECT, start_new_session=True) as worker:
        try:
            yield site
        finally:
            worker.kill()


@pytest.fixture
def browse(site: Site) -> Callable[[str], Browser]:
    """Return the browser of a user who is signed in."""
    return lambda name: Browser(site, name)


def state(site: Site) -> str:
    """How the newest upload stands."""
    return str(site.query("SELECT state FROM stock_upload_upload ORDER BY id DESC")[0][0])


def shown(site: Site, browser: Browser, page: Page) -> Page:
    """The page of an upload once it is at rest, as its own refresh would show it."""
    number = page.address.rstrip("/").split("/")[-2]
    unfinished = "('to_preview', 'previewing', 'to_load', 'loading')"
    site.until(
        lambda: not site.query(f"SELECT 1 FROM stock_upload_upload WHERE id = {number} AND state IN {unfinished}")
    )
    return browser.get(f"/admin/stock_upload/upload/{number}/change/")
